package import NeuralNetwork

/// Writes values as JSON text in UTF-8.
///
/// Members stay in their order. Numbers are the shortest decimals that read back to the same bits,
/// of 32 bits in tensors and of 64 elsewhere; a number that is not finite is `null`, and so is
/// ``JSONValue/malformedTensor(_:)``, which has no value that could be written.
package enum JSONWriter {
  /// How the text is laid out.
  package enum Layout: Hashable, Sendable {
    /// Without any space.
    case compact
    /// For people: two spaces deeper at each level, an array of numbers on one line.
    case pretty
  }

  /// Returns the text of a value.
  ///
  /// A tensor whose first dimension is empty is `[]`, whatever its other dimensions.
  ///
  /// - Complexity: O(bytes written).
  package static func write(_ value: JSONValue, layout: Layout = .compact) -> [UInt8] {
    var writer = DocumentWriter(layout: layout)
    writer.write(value)
    return writer.bytes
  }
}

/// The text so far, and how deep it stands.
private struct DocumentWriter {
  let layout: JSONWriter.Layout
  var bytes: [UInt8] = []
  private var depth = 0

  init(layout: JSONWriter.Layout) {
    self.layout = layout
  }

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null, .malformedTensor: append("null")
    case .bool(let bool): append(bool ? "true" : "false")
    case .integer(let integer): append(String(integer))
    case .number(let number): append(number.isFinite ? number.description : "null")
    case .string(let string): append(quoting: string)
    case .array(let entries):
      writeList(
        "[", "]", count: entries.count, onOneLine: entries.allSatisfy(\.isNumber)
      ) { writer, index in writer.write(entries[index]) }
    case .object(let members):
      writeList("{", "}", count: members.count) { writer, index in
        writer.append(quoting: members[index].name)
        writer.append(writer.layout == .pretty ? ": " : ":")
        writer.write(members[index].value)
      }
    case .tensor(let tensor):
      write(tensor.elements[...], shape: tensor.shape[...])
    }
  }

  /// Writes the part of a tensor that an array of its inner dimensions holds.
  private mutating func write(_ elements: ArraySlice<Float>, shape: ArraySlice<Int>) {
    guard let count = shape.first else {
      if let element = elements.first { write(element) }
      return
    }
    let stride = count == 0 ? 0 : elements.count / count
    writeList("[", "]", count: count, onOneLine: shape.count == 1) { writer, index in
      let start = elements.startIndex + index * stride
      writer.write(elements[start..<start + stride], shape: shape.dropFirst())
    }
  }

  private mutating func write(_ element: Float) {
    append(element.isFinite ? element.description : "null")
  }
}

extension DocumentWriter {
  /// Writes brackets around entries, with commas between them.
  private mutating func writeList(
    _ opening: String, _ closing: String, count: Int, onOneLine: Bool = false,
    entry: (inout DocumentWriter, Int) -> Void
  ) {
    append(opening)
    depth += 1
    for index in 0..<count {
      if index > 0 { append(",") }
      breakLine(onOneLine: onOneLine, isFirst: index == 0)
      entry(&self, index)
    }
    depth -= 1
    if count > 0, !onOneLine { breakLine(onOneLine: false, isFirst: true) }
    append(closing)
  }

  private mutating func breakLine(onOneLine: Bool, isFirst: Bool) {
    guard layout == .pretty else { return }
    if onOneLine {
      if !isFirst { append(" ") }
    } else {
      append("\n")
      bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }
  }

  private mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  /// RFC 8259 7: quotes, backslashes and control characters must be escaped; nothing else is.
  private mutating func append(quoting text: String) {
    append("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x08: append("\\b")
      case 0x09: append("\\t")
      case 0x0a: append("\\n")
      case 0x0c: append("\\f")
      case 0x0d: append("\\r")
      case 0x00..<0x20: append((byte < 0x10 ? "\\u000" : "\\u00") + String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    append("\"")
  }
}

extension JSONValue {
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .number: true
    case .null, .bool, .string, .array, .object, .tensor, .malformedTensor: false
    }
  }
}
