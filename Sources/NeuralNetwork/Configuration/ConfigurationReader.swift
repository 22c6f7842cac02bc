/// Reads the members of one JSON object strictly and collects every fault on the way.
///
/// Each method answers nil for a member that is absent or at fault; whoever reads goes on, so that
/// a client is told all faults at once. Members that nobody asked for are faults too, which
/// ``finish()`` tells.
package struct ConfigurationReader {
  /// How messages name the object: `operator 4 (linear)`, `training`.
  package let subject: String

  /// Where the object stands.
  package let pointer: JSONPath

  /// The faults found so far, in the order in which the members were asked for.
  package private(set) var issues: [ConfigurationIssue] = []

  private let members: [JSONValue.Member]
  private var positions: [String: Int] = [:]
  private var asked: Set<String> = []
  private var hasAskedForAll = false
  private let isShorthand: Bool

  /// Begins to read an object.
  ///
  /// Anything else is a fault and reads as an object without members.
  ///
  /// - Parameters:
  ///   - value: The object.
  ///   - subject: How messages name it.
  ///   - pointer: Where it stands.
  ///   - isShorthand: Whether the client wrote a string that stands for the object: faults of its
  ///     members then point at the string.
  package init(
    _ value: JSONValue, subject: String, pointer: JSONPath, isShorthand: Bool = false
  ) {
    self.subject = subject
    self.pointer = pointer
    self.isShorthand = isShorthand
    if case .object(let members) = value {
      self.members = members
      for (position, member) in members.enumerated() {
        positions[member.name] = position
      }
    } else {
      members = []
      issues.append(
        ConfigurationIssue(
          pointer: pointer.description, code: "wrong_type",
          detail: "\(subject) must be an object, but is \(value.kind)"))
    }
  }

  /// The members in the order of the document, for objects whose names a client chooses.
  package mutating func allMembers() -> [JSONValue.Member] {
    hasAskedForAll = true
    return members
  }

  /// Whether the object has the member; `null` counts as absent.
  package func has(_ name: String) -> Bool {
    positions[name].map { members[$0].value != .null } ?? false
  }

  /// The member as it was written; `null` counts as absent.
  package mutating func value(_ name: String) -> JSONValue? {
    asked.insert(name)
    guard let position = positions[name], members[position].value != .null else { return nil }
    return members[position].value
  }

  /// A whole number.
  package mutating func integer(
    _ name: String, in range: ClosedRange<Int>, required: Bool = false
  ) -> Int? {
    let expectation = "an integer from \(range.lowerBound) to \(range.upperBound)"
    return read(name, required, expectation) { value in
      guard case .integer(let integer) = value, range.contains(integer) else { return nil }
      return integer
    }
  }

  /// A finite number.
  package mutating func number(
    _ name: String, in range: ClosedRange<Double>, required: Bool = false
  ) -> Double? {
    let expectation = "a number from \(short(range.lowerBound)) to \(short(range.upperBound))"
    return read(name, required, expectation) { value in
      let number: Double
      switch value {
      case .integer(let integer): number = Double(integer)
      case .number(let double): number = double
      case .null, .bool, .string, .array, .object, .tensor, .malformedTensor: return nil
      }
      return range.contains(number) ? number : nil
    }
  }

  /// `true` or `false`.
  package mutating func bool(_ name: String) -> Bool? {
    read(name, false, "true or false") { value in
      guard case .bool(let bool) = value else { return nil }
      return bool
    }
  }

  /// A string of limited length, counted in Unicode scalars.
  package mutating func string(
    _ name: String, lengths: ClosedRange<Int>, required: Bool = false
  ) -> String? {
    let expectation = "a string of \(lengths.lowerBound) to \(lengths.upperBound) characters"
    return read(name, required, expectation) { value in
      guard case .string(let string) = value, lengths.contains(string.unicodeScalars.count) else {
        return nil
      }
      return string
    }
  }

  /// One of a few strings.
  package mutating func choice(
    _ name: String, of choices: [String], required: Bool = false
  ) -> String? {
    let list = choices.map { "\"\($0)\"" }.joined(separator: ", ")
    return read(name, required, "one of \(list)", code: "unknown_choice") { value in
      guard case .string(let string) = value, choices.contains(string) else { return nil }
      return string
    }
  }

  /// Numbers in nested arrays of equal lengths.
  package mutating func tensor(_ name: String, required: Bool = false) -> Tensor? {
    if case .malformedTensor(let fault)? = value(name) {
      var place = pointer.member(name)
      for index in fault.path { place = place.entry(index) }
      report(fault.code, at: place, "\(name) of \(subject): \(fault.detail)")
      return nil
    }
    return read(name, required, "an array of numbers") { value in
      guard case .tensor(let tensor) = value else { return nil }
      return tensor
    }
  }

  /// Adds a fault at one of the object's members.
  package mutating func report(_ code: String, member name: String, _ detail: String) {
    report(code, at: isShorthand ? pointer : pointer.member(name), detail)
  }

  /// Adds a fault at any place.
  package mutating func report(_ code: String, at place: JSONPath, _ detail: String) {
    issues.tell(ConfigurationIssue(pointer: place.description, code: code, detail: detail))
  }

  /// Adds the faults that another reader found below this object.
  package mutating func append(_ others: [ConfigurationIssue]) {
    issues.tell(contentsOf: others)
  }

  /// Ends the reading.
  ///
  /// - Returns: All faults, those of members that nobody asked for last.
  package consuming func finish() -> [ConfigurationIssue] {
    guard !hasAskedForAll else { return issues }
    let known = asked.sorted().joined(separator: ", ")
    for member in members where !asked.contains(member.name) {
      report(
        "unknown_member", member: member.name,
        "\(subject) has no member \"\(member.name)\"; "
          + (known.isEmpty ? "it takes none" : "it takes \(known)"))
    }
    return issues
  }

  private mutating func read<Value>(
    _ name: String, _ required: Bool, _ expectation: String, code: String = "invalid_value",
    _ convert: (JSONValue) -> Value?
  ) -> Value? {
    guard let written = value(name) else {
      if required {
        report("missing_member", member: name, "\(subject) needs \(name), \(expectation)")
      }
      return nil
    }
    guard let converted = convert(written) else {
      report(
        code, member: name, "\(name) of \(subject) must be \(expectation), but is \(written.kind)")
      return nil
    }
    return converted
  }
}

/// A number without the fraction that a whole one is printed with.
private func short(_ number: Double) -> String {
  Int(exactly: number).map(String.init) ?? "\(number)"
}

extension JSONValue {
  /// What messages call the value: scalars as written, everything else by its kind.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool(let bool): "\(bool)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    // As Swift writes it, so that control characters cannot disturb a terminal or a log.
    case .string(let string): String(string.prefix(64)).debugDescription
    case .array: "an array"
    case .object: "an object"
    case .tensor(let tensor): "an array of numbers of shape \(tensor.shape)"
    case .malformedTensor: "a malformed array"
    }
  }
}
