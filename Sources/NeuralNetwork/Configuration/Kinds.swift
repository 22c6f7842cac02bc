/// Something that comes in several kinds, of which a client names one.
package protocol Kind: Sendable {
  /// The name that clients write.
  static var type: String { get }

  /// Reads the options; nil if one is at fault, which the reader has been told.
  init?(reading reader: inout ConfigurationReader)
}

extension Kind {
  /// The name that clients write.
  package var type: String { Self.type }
}

extension ConfigurationReader {
  /// Reads a member that names a kind: an object with `type` and options, or the type alone.
  ///
  /// - Parameters:
  ///   - name: The member.
  ///   - kinds: Those to choose from.
  ///   - fallback: The type that an absent member stands for.
  ///   - common: Reads the options that all kinds have.
  /// - Returns: Nil if there is a fault, which is then among the issues.
  package mutating func kind(
    _ name: String, of kinds: [any Kind.Type], default fallback: String,
    common: (inout ConfigurationReader) -> Void = { _ in }
  ) -> (any Kind)? {
    readKind(
      value(name) ?? .string(fallback), subject: { "\(name)\($0.map { " \($0)" } ?? "")" },
      at: pointer.member(name), of: kinds, common: common)
  }

  /// Reads an entry that names a kind.
  ///
  /// - Parameters:
  ///   - written: An object with `type` and options, or the type alone.
  ///   - subject: How messages name it, given the type as written.
  ///   - place: Where it stands.
  ///   - kinds: Those to choose from.
  ///   - common: Reads the options that all kinds have.
  /// - Returns: Nil if there is a fault, which is then among the issues.
  package mutating func readKind(
    _ written: JSONValue, subject: (String?) -> String, at place: JSONPath,
    of kinds: [any Kind.Type], common: (inout ConfigurationReader) -> Void = { _ in }
  ) -> (any Kind)? {
    var value = written
    var isShorthand = false
    if case .string = value {
      value = .object([JSONValue.Member("type", value)])
      isShorthand = true
    }
    var reader = ConfigurationReader(
      value, subject: subject(value.typeName), pointer: place, isShorthand: isShorthand)
    let choice = reader.choice("type", of: kinds.map { $0.type }, required: true)
    guard let kind = kinds.first(where: { $0.type == choice }) else {
      // What the other members should be is not known, so only the type is told.
      append(reader.issues)
      return nil
    }
    let result = kind.init(reading: &reader)
    common(&reader)
    let faults = reader.finish()
    append(faults)
    return faults.isEmpty ? result : nil
  }
}

extension JSONValue {
  /// The `type` as the client wrote it, of an object or alone.
  package var typeName: String? {
    if case .string(let type) = self { return String(type.prefix(64)) }
    if case .string(let type)? = self["type"] { return String(type.prefix(64)) }
    return nil
  }
}
