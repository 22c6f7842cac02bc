extension ConfigurationReader {
  /// Reads `shares`, the operator whose parameters this one uses.
  ///
  /// - Parameter forbidden: Members that would give it parameters of its own.
  /// - Returns: Nil if the member is absent or at fault.
  mutating func parameterOwner(without forbidden: [String]) -> OperatorID? {
    guard let value = value("shares") else { return nil }
    guard let id = value.operatorID else {
      report(
        "invalid_id", member: "shares",
        "shares of \(subject) must be the id of an operator, but is \(value.kind)")
      return nil
    }
    for name in forbidden where has(name) && self.value(name) != .bool(false) {
      report(
        "invalid_value", member: name,
        "\(subject) uses the parameters of operator \(id), so it takes no \(name); leave out one of "
          + "shares and \(name)")
    }
    return id
  }
}

extension Operator {
  /// The member that writes ``parameterOwner`` again.
  var parameterOwnerMember: [JSONValue.Member] {
    guard let parameterOwner else { return [] }
    return [JSONValue.Member("shares", .string(parameterOwner.description))]
  }
}
