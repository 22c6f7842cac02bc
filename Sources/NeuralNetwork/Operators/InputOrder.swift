extension ConfigurationReader {
  /// Reads `inputs`, the producers of an operator in the order in which it takes them.
  mutating func inputOrder() -> [OperatorID]? {
    guard let value = value("inputs") else { return nil }
    let ids = value.operatorIDs
    if ids == nil {
      report(
        "invalid_value", member: "inputs",
        "inputs of \(subject) must be an array of ids, the operators and inputs that feed it, in the "
          + "order in which it takes them")
    }
    return ids
  }
}

extension Operator {
  /// The member that writes ``inputOrder`` again.
  var inputOrderMember: [JSONValue.Member] {
    guard let inputOrder else { return [] }
    return [JSONValue.Member("inputs", .array(inputOrder.map { .string($0.description) }))]
  }
}

extension JSONValue {
  /// The ids of an array of strings and integers; nil if it is something else.
  var operatorIDs: [OperatorID]? {
    guard case .array(let values) = self else { return nil }
    let ids = values.compactMap(\.operatorID)
    return ids.count == values.count ? ids : nil
  }

  /// The id that a string or an integer writes.
  var operatorID: OperatorID? {
    switch self {
    case .string(let string): OperatorID(string)
    case .integer(let integer): OperatorID(String(integer))
    case .null, .bool, .number, .array, .object, .tensor, .malformedTensor: nil
    }
  }
}
