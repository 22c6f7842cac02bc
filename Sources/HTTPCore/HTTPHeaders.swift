/// The header fields of a message: ordered as sent, looked up without regard to case.
///
/// Nothing that could split a message is ever stored: a name that is no token, or a value with CR,
/// LF, NUL or another control character, is refused on the way in and remembered in
/// ``refusedName``; the server answers 500 in place of a response that carries such a refusal.
package struct HTTPHeaders: Sendable, Hashable {
  /// One field: its name as written, its value without surrounding blanks.
  package struct Field: Sendable, Hashable {
    package let name: String
    package let value: String
  }

  /// The fields in their order.
  package private(set) var fields: [Field]

  /// The name of the first field that was refused, control characters escaped; nil if none was.
  package private(set) var refusedName: String?

  package init() {
    fields = []
  }

  /// The headers with fields that the request parser has already checked.
  init(checked fields: [Field]) {
    self.fields = fields
  }

  /// The number of fields.
  package var count: Int { fields.count }

  /// The value of the first field of that name, or nil.
  package func first(_ name: String) -> String? {
    fields.first { equalsIgnoringCase($0.name, name) }?.value
  }

  /// The values of all fields of that name, in their order.
  package func all(_ name: String) -> [String] {
    fields.filter { equalsIgnoringCase($0.name, name) }.map(\.value)
  }

  /// Adds a field at the end, beside others of the same name.
  package mutating func append(_ name: String, _ value: String) {
    guard Self.isSafe(name: name, value: value) else {
      refusedName = refusedName ?? escapedForMessages(name)
      return
    }
    fields.append(Field(name: name, value: value))
  }

  /// Puts one field in the place of all others of the same name.
  package mutating func set(_ name: String, _ value: String) {
    remove(name)
    append(name, value)
  }

  /// Removes every field of that name.
  package mutating func remove(_ name: String) {
    fields.removeAll { equalsIgnoringCase($0.name, name) }
  }

  /// The elements of a comma-separated list field, over all its lines, trimmed, without empty ones.
  package func listElements(_ name: String) -> [String] {
    all(name).flatMap { value in
      value.utf8.split(separator: ASCII.comma).compactMap { part in
        let trimmed = String(trimmingBlanks(part)) ?? ""
        return trimmed.isEmpty ? nil : trimmed
      }
    }
  }

  private static func isSafe(name: String, value: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy(\.isToken) && value.utf8.allSatisfy(\.isFieldValue)
  }
}

/// The part of a collection of bytes without the spaces and tabs at both its ends.
func trimmingBlanks<Bytes: BidirectionalCollection>(_ bytes: Bytes) -> Bytes.SubSequence
where Bytes.Element == UInt8 {
  var rest = bytes[...]
  while let byte = rest.first, byte == ASCII.space || byte == ASCII.tab { rest = rest.dropFirst() }
  while let byte = rest.last, byte == ASCII.space || byte == ASCII.tab { rest = rest.dropLast() }
  return rest
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, String)...) {
    self.init()
    for (name, value) in elements { append(name, value) }
  }
}
