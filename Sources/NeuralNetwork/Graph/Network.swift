/// A network as the client wrote it: the paper's two dictionaries, not checked against each other.
package struct Network: Sendable {
  /// One entry of `operators`.
  package struct Declaration: Sendable {
    package let id: OperatorID
    /// The `type` as written; nil if there was none.
    package let type: String?
    /// Nil if the type is unknown or an option is at fault.
    package let operation: (any Operator)?

    /// How messages name it: `operator 4 (linear)`.
    package var name: String { Network.name(id, type: type) }
  }

  /// A named input and the operators that take it.
  package struct Input: Sendable {
    package let id: OperatorID
    package let consumers: [OperatorID]
  }

  /// In ascending order of their ids.
  package let declarations: [Declaration]

  /// Producer to consumers, the producers in ascending order of their ids.
  package let connectivity: [(producer: OperatorID, consumers: [OperatorID])]

  /// In ascending order of their names; nil if the client left `inputs` out.
  package let inputs: [Input]?

  /// Whether there was more than is read; connections are not checked then.
  package let isOverLimit: Bool

  /// Where it stood in the request.
  package let pointer: JSONPath

  /// The most operators that a network may have.
  package static let operatorsMax = 1_000

  /// The most connections, counted over all producers, and the most over all inputs.
  package static let connectionsMax = 10_000

  /// The name of the one input of a network that names none.
  package static let defaultInput = "x"

  /// How messages name an operator.
  package static func name(_ id: OperatorID, type: String?) -> String {
    type.map { "operator \(id) (\($0))" } ?? "operator \(id)"
  }
}
