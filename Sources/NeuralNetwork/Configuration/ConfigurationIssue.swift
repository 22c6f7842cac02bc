/// One fault of what a client wrote: where it stands, a code for programs, a sentence for people.
package struct ConfigurationIssue: Error, Hashable, Sendable {
  /// An RFC 6901 JSON pointer in its fragment form, `#/network/operators/4/in_features`.
  package let pointer: String

  /// A stable identifier for programs; published in `openapi.yaml`.
  package let code: String

  /// One sentence: the thing at fault, what it needs, what it was given, the way out.
  package let detail: String

  package init(pointer: String, code: String, detail: String) {
    self.pointer = pointer
    self.code = code
    self.detail = detail
  }
}

/// A place in a JSON document, in the fragment form of an RFC 6901 pointer.
package struct ConfigurationPointer: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  /// The whole document.
  package static let root = ConfigurationPointer(description: "#")

  private init(description: String) {
    self.description = description
  }

  /// The place of a member.
  package func member(_ name: String) -> ConfigurationPointer {
    // RFC 6901 3: "~" and "/" are escaped within a name.
    var escaped = ""
    for character in name {
      switch character {
      case "~": escaped += "~0"
      case "/": escaped += "~1"
      default: escaped.append(character)
      }
    }
    return ConfigurationPointer(description: "\(description)/\(escaped)")
  }

  /// The place of an array's entry, counted from 0.
  package func entry(_ index: Int) -> ConfigurationPointer {
    ConfigurationPointer(description: "\(description)/\(index)")
  }
}
