/// The way from a document's root to one of its values: member names and array indices.
///
/// Compare it with literals, `path == ["dataset", "train", "inputs"]`, or look at its ``elements``.
package struct JSONPath: Hashable, Sendable {
  /// One step down: into a member of an object or an entry of an array.
  package enum Element: Hashable, Sendable {
    case member(String)
    case index(Int)
  }

  /// The steps from the root, outermost first; empty at the root.
  package private(set) var elements: [Element]

  /// Makes a path of the given steps; without any it is the root.
  package init(_ elements: [Element] = []) {
    self.elements = elements
  }

  /// The whole document.
  package static let root = JSONPath()

  /// The number of steps.
  package var count: Int { elements.count }

  /// The name of the member that step `position` enters, or nil if it enters an entry or is none.
  package func member(at position: Int) -> String? {
    guard elements.indices.contains(position), case .member(let name) = elements[position] else {
      return nil
    }
    return name
  }

  /// The path one step further.
  package func appending(_ element: Element) -> JSONPath {
    JSONPath(elements + [element])
  }

  /// The path into the named member.
  package func member(_ name: String) -> JSONPath { appending(.member(name)) }

  /// The path into the entry at an index.
  package func entry(_ index: Int) -> JSONPath { appending(.index(index)) }

  package mutating func append(_ element: Element) { elements.append(element) }

  package mutating func removeLast() { elements.removeLast() }

  package mutating func replaceLast(with element: Element) {
    elements[elements.count - 1] = element
  }
}

extension JSONPath {
  /// The path as a JSON Pointer, such as `/operators/a~1b/0`; empty at the root.
  ///
  /// RFC 6901 3: `~` is written `~0` and `/` is written `~1`.
  package var pointer: String {
    elements.map { "/" + Self.escaped($0) }.joined()
  }

  /// The pointer as the fragment of a URI, such as `#/operators/0`; `#` at the root.
  ///
  /// RFC 6901 6: bytes that a fragment may not hold are written as `%` and two digits.
  package var fragment: String {
    var text = "#"
    for byte in pointer.utf8 {
      if Self.isAllowedInFragment(byte) {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += byte < 0x10 ? "%0" : "%"
        text += String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }

  private static func escaped(_ element: Element) -> String {
    switch element {
    case .index(let index):
      return String(index)
    case .member(let name):
      var text = ""
      for scalar in name.unicodeScalars {
        switch scalar {
        case "~": text += "~0"
        case "/": text += "~1"
        default: text.unicodeScalars.append(scalar)
        }
      }
      return text
    }
  }

  /// RFC 3986 3.5: `fragment = *( pchar / "/" / "?" )`.
  private static func isAllowedInFragment(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default:
      "-._~!$&'()*+,;=:@/?".utf8.contains(byte)
    }
  }
}

extension JSONPath: ExpressibleByArrayLiteral {
  package init(arrayLiteral elements: Element...) {
    self.init(elements)
  }
}

extension JSONPath: CustomStringConvertible {
  package var description: String { fragment }
}

extension JSONPath.Element: ExpressibleByStringLiteral {
  package init(stringLiteral name: String) {
    self = .member(name)
  }
}

extension JSONPath.Element: ExpressibleByIntegerLiteral {
  package init(integerLiteral index: Int) {
    self = .index(index)
  }
}
