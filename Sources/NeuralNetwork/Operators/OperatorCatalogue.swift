/// The kinds of operator that a network may name.
package enum OperatorCatalogue {
  /// One line for each kind.
  package static let kinds: [any Operator.Type] = [
    BatchNorm.self,
    Concat.self,
    Dropout.self,
    ELU.self,
    GELU.self,
    Identity.self,
    LayerNorm.self,
    LeakyReLU.self,
    Linear.self,
    Multiply.self,
    ReLU.self,
    Sigmoid.self,
    SiLU.self,
    Softmax.self,
    Softplus.self,
    Standardize.self,
    Subtract.self,
    Sum.self,
    Tanh.self,
  ]
}
