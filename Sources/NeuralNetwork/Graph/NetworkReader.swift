extension Network {
  /// Reads a network, collecting the faults of each dictionary on its own.
  ///
  /// - Parameters:
  ///   - value: The object with `operators`, `connectivity` and perhaps `inputs`.
  ///   - pointer: Where it stands.
  ///   - issues: Receives the faults.
  /// - Returns: What could be read, so that its connections can be checked too.
  package static func read(
    _ value: JSONValue, at pointer: JSONPath, issues: inout [ConfigurationIssue]
  ) -> Network {
    var reader = ConfigurationReader(value, subject: "network", pointer: pointer)
    var isOverLimit = false
    let declarations = readDeclarations(&reader, &isOverLimit)
    let connectivity = readIDLists("connectivity", required: true, &reader, &isOverLimit)
    let inputs = readIDLists("inputs", required: false, &reader, &isOverLimit)
    issues += reader.finish()
    return Network(
      declarations: declarations,
      connectivity: (connectivity ?? []).map { (producer: $0.id, consumers: $0.ids) },
      inputs: inputs.map { $0.map { Input(id: $0.id, consumers: $0.ids) } },
      isOverLimit: isOverLimit, pointer: pointer)
  }

  private static func readDeclarations(
    _ reader: inout ConfigurationReader, _ isOverLimit: inout Bool
  ) -> [Declaration] {
    guard let value = reader.value("operators") else {
      reader.report(
        "missing_member", member: "operators",
        "network needs operators, an object of operators by id")
      return []
    }
    let place = reader.pointer.member("operators")
    var entries = ConfigurationReader(value, subject: "operators", pointer: place)
    let members = entries.allMembers()
    if members.isEmpty && entries.issues.isEmpty {
      entries.report("empty_network", at: place, "operators must have at least one operator")
    }
    if members.count > operatorsMax {
      isOverLimit = true
      entries.report(
        "over_limit", at: place,
        "operators has \(members.count) operators, but at most \(operatorsMax) are allowed")
    }
    let declarations = members.prefix(operatorsMax).compactMap { member in
      readDeclaration(member, at: place.member(member.name), &entries)
    }
    reader.append(entries.finish())
    return declarations.sorted { $0.id < $1.id }
  }

  private static func readDeclaration(
    _ member: JSONValue.Member, at place: JSONPath, _ entries: inout ConfigurationReader
  ) -> Declaration? {
    guard let id = OperatorID(member.name) else {
      entries.report(
        "invalid_id", at: place,
        "\"\(member.name.prefix(64))\" is no operator id: an id is \(OperatorID.grammar)")
      return nil
    }
    let operation = entries.readKind(
      member.value, subject: { name(id, type: $0) }, at: place, of: OperatorCatalogue.kinds)
    return Declaration(
      id: id, type: member.value.typeName, operation: operation as? any Operator)
  }

  /// Reads an object from ids to lists of ids, which may be written as strings or integers.
  private static func readIDLists(
    _ name: String, required: Bool, _ reader: inout ConfigurationReader,
    _ isOverLimit: inout Bool
  ) -> [(id: OperatorID, ids: [OperatorID])]? {
    guard let value = reader.value(name) else {
      if required {
        reader.report(
          "missing_member", member: name,
          "network needs \(name), an object from each operator's id to the ids of its consumers")
      }
      return nil
    }
    let place = reader.pointer.member(name)
    var entries = ConfigurationReader(value, subject: name, pointer: place)
    var lists: [(id: OperatorID, ids: [OperatorID])] = []
    var members = entries.allMembers()
    let connections = members.reduce(0) { $0 + $1.value.entryCount }
    if connections > connectionsMax {
      isOverLimit = true
      members = []
      entries.report(
        "over_limit", at: place,
        "\(name) has \(connections) connections, but at most \(connectionsMax) are allowed")
    }
    for member in members {
      guard let id = OperatorID(member.name) else {
        entries.report(
          "invalid_id", at: place.member(member.name),
          "\"\(member.name.prefix(64))\" is no id: an id is \(OperatorID.grammar)")
        continue
      }
      lists.append((id, readIDs(member.value, of: id, at: place.member(member.name), &entries)))
    }
    reader.append(entries.finish())
    return lists.sorted { $0.id < $1.id }
  }

  private static func readIDs(
    _ value: JSONValue, of id: OperatorID, at place: JSONPath,
    _ entries: inout ConfigurationReader
  ) -> [OperatorID] {
    guard case .array(let values) = value else {
      entries.report(
        "invalid_value", at: place,
        "the consumers of \(id) must be an array of ids, but are \(value.kind)")
      return []
    }
    var ids: [OperatorID] = []
    for (index, value) in values.enumerated() {
      var text: String?
      if case .string(let string) = value { text = string }
      if case .integer(let integer) = value { text = String(integer) }
      guard let consumer = text.flatMap(OperatorID.init) else {
        entries.report(
          "invalid_id", at: place.entry(index),
          "\(value.kind) is no id: an id is a string or an integer of \(OperatorID.grammar)")
        continue
      }
      ids.append(consumer)
    }
    return ids
  }
}

extension JSONValue {
  /// The number of entries of an array; 0 for anything else.
  fileprivate var entryCount: Int {
    guard case .array(let entries) = self else { return 0 }
    return entries.count
  }
}
