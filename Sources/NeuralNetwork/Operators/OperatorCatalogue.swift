/// The kinds of operator that a network may name.
package enum OperatorCatalogue {
  /// One line for each kind.
  package static let kinds: [any Operator.Type] = [
    Linear.self,
    ReLU.self,
    Sigmoid.self,
    Sum.self,
    Tanh.self,
  ]
}
