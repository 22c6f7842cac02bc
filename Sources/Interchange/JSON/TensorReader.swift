import NeuralNetwork

/// Reads nested arrays of numbers into one tensor, from one piece of the document after the other.
///
/// It knows good arrays only. At whatever else it meets it stops with a fault, and the document's
/// reader, which knows the whole grammar, goes on there and decides whether that is broken JSON or
/// a wrong tensor.
struct TensorReader: Sendable {
  private let depthMax: Int
  private let numberBytesMax: Int
  private var elements: [Float] = []

  /// The number of entries so far.
  var elementCount: Int { elements.count }

  /// What is to be read next.
  private(set) var place = Place.entry

  /// The number of entries that have ended in each open array, outermost first.
  private(set) var counts: [Int] = []

  /// The length that the arrays of each level must have, once one of them has ended.
  private var lengths: [Int?] = []

  /// The number of dimensions, known from the first number or the first empty array on.
  private var rank: Int?

  /// Makes a reader of an array that begins with the next byte.
  init(depthMax: Int, numberBytesMax: Int) {
    self.depthMax = depthMax
    self.numberBytesMax = numberBytesMax
  }

  /// Reads to the end of the tensor or of the piece, or to a number that may go on after it.
  ///
  /// - Returns: The tensor, or nil if it goes on.
  /// - Throws: The first fault; the cursor then stands before what is at fault.
  /// - Complexity: O(its bytes); allocates for the result only.
  mutating func read(_ cursor: inout ByteCursor) throws(Stop) -> Tensor? {
    repeat {
      cursor.skipWhitespace()
      if cursor.isWaiting { return nil }
      switch place {
      case .firstEntry where cursor.current == UInt8(ascii: "]"): try close(&cursor)
      case .firstEntry, .entry:
        if cursor.current == UInt8(ascii: "[") {
          try open(&cursor)
        } else if try !readRow(&cursor) {
          return nil
        }
      case .separator:
        if cursor.take(UInt8(ascii: ",")) {
          place = .entry
        } else if cursor.current == UInt8(ascii: "]") {
          try close(&cursor)
        } else {
          throw wrongEntry(at: cursor)
        }
      }
    } while !counts.isEmpty
    return Tensor(shape: lengths.map { $0 ?? 0 }, elements: elements)
  }
}

extension TensorReader {
  /// What may stand at a place of an array.
  enum Place {
    case firstEntry
    case entry
    case separator
  }

  /// The end of the reading at the first fault.
  struct Stop: Error {
    let fault: JSONValue.TensorFault

    init(path: [Int], code: String, detail: String) {
      fault = JSONValue.TensorFault(path: path, code: code, detail: detail)
    }
  }

  private mutating func open(_ cursor: inout ByteCursor) throws(Stop) {
    guard counts.count != rank else { throw wrongEntry(at: cursor) }
    guard counts.count < depthMax else { throw tooDeep() }
    cursor.advance()
    counts.append(0)
    if lengths.count < counts.count { lengths.append(nil) }
    place = .firstEntry
  }

  private mutating func close(_ cursor: inout ByteCursor) throws(Stop) {
    let level = counts.count - 1
    let count = counts[level]
    if count == 0, rank == nil { rank = counts.count }
    if let length = lengths[level], length != count { throw ragged(expected: length) }
    cursor.advance()
    lengths[level] = count
    counts.removeLast()
    if level > 0 { counts[level - 1] += 1 }
    place = .separator
  }

  /// Reads the numbers of an array from here on, as many as there are one after the other.
  ///
  /// - Returns: False if the last one may go on after the piece; the cursor then stands before it.
  @inline(__always)
  private mutating func readRow(_ cursor: inout ByteCursor) throws(Stop) -> Bool {
    let level = counts.count - 1
    if rank == nil { rank = counts.count }
    guard counts.count == rank else { throw wrongEntry(at: cursor) }
    var next = cursor
    var count = counts[level]
    repeat {
      next.skipWhitespace()
      let entry = next.position
      guard let number = readNumber(&next) else {
        cursor.advance(by: entry - cursor.position)
        counts[level] = count
        place = .entry
        if isNumberCut(at: cursor) { return false }
        throw wrongEntry(at: cursor)
      }
      elements.append(number)
      count += 1
      next.skipWhitespace()
    } while next.take(UInt8(ascii: ","))
    cursor = next
    counts[level] = count
    place = .separator
    return true
  }

  /// Reads a number; nil if none stands here that is finite and has ended.
  @inline(__always)
  private func readNumber(_ cursor: inout ByteCursor) -> Float? {
    let start = cursor.position
    // Why it is none matters only once, and is asked then.
    guard let number = try? cursor.readDecimal(bytesMax: numberBytesMax) else { return nil }
    let float = number.provenFloat ?? slowFloat(cursor.text(from: start))
    return float.isFinite ? float : nil
  }

  /// True if the piece ends in the number here, or before it.
  @inline(never)
  private func isNumberCut(at cursor: ByteCursor) -> Bool {
    var end = cursor
    do {
      _ = try end.readDecimal(bytesMax: numberBytesMax)
      return false
    } catch {
      return error == .incomplete
    }
  }

  /// The nearest 32-bit float by the standard library, which reads all that JSON calls a number.
  @inline(never)
  private func slowFloat(_ text: String) -> Float { Float(text) ?? .infinity }
}

extension TensorReader {
  /// The fault of an array whose length is not that of the first at its level.
  private func ragged(expected: Int) -> Stop {
    let path = Array(counts.dropLast())
    let count = counts.last ?? 0
    return Stop(
      path: path, code: "ragged_rows",
      detail: "\(name(of: path)) has \(count) \(count == 1 ? "entry" : "entries")"
        + " but \(name(of: path.map { _ in 0 })) has \(expected)")
  }

  private func tooDeep() -> Stop {
    Stop(
      path: counts, code: "too_deep",
      detail: "\(name(of: counts)) is an array within \(counts.count) others,"
        + " but a tensor has at most \(depthMax) dimensions")
  }

  /// The fault of the entry that begins at a place, which may not stand there.
  private func wrongEntry(at cursor: ByteCursor) -> Stop {
    let found = Self.kind(beginningWith: cursor.current)
    let isRow = rank.map { counts.count < $0 } ?? false
    if found == "a number", !isRow { return tooLarge(at: cursor) }
    let isRagged = found == "a number" || found == "an array"
    return Stop(
      path: counts, code: isRagged ? "ragged_rows" : "not_a_number",
      detail: "\(name(of: counts)) is \(found), expected \(isRow ? "an array" : "a number")")
  }

  @inline(never)
  private func tooLarge(at cursor: ByteCursor) -> Stop {
    var end = cursor
    // A text that is no number after all is broken JSON, which the document's reader refuses.
    _ = try? end.readDecimal(bytesMax: numberBytesMax)
    return Stop(
      path: counts, code: "number_too_large",
      detail: "\(name(of: counts)) is \(end.text(from: cursor.position).prefix(32)),"
        + " beyond the range of a 32-bit float, \(Float.greatestFiniteMagnitude)")
  }

  /// What people call an entry: "row 3" or, deeper, "entry [3][1]".
  private func name(of path: [Int]) -> String {
    let noun = path.count == (rank ?? path.count) ? "entry" : "row"
    if path.count == 1 { return "\(noun) \(path[0])" }
    return noun + " " + path.map { "[\($0)]" }.joined()
  }

  private static func kind(beginningWith byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\""): "a string"
    case UInt8(ascii: "{"): "an object"
    case UInt8(ascii: "["): "an array"
    case UInt8(ascii: "t"), UInt8(ascii: "f"): "a boolean"
    case UInt8(ascii: "n"): "null"
    default: "a number"
    }
  }
}
