package import Kernels

/// Stochastic gradient descent: `parameter = parameter - rate * gradient`.
package struct SGD: Optimizer {
  package static let type = "sgd"

  /// The paper's rate.
  package static let learningRateDefault = 0.05

  package let learningRate: Double

  package init?(reading reader: inout ConfigurationReader) {
    learningRate =
      reader.number("learning_rate", in: 0...1_000_000) ?? SGD.learningRateDefault
  }

  package var stateCount: Int { 0 }

  package var options: [JSONValue.Member] {
    [JSONValue.Member("learning_rate", .number(learningRate))]
  }

  package func update(_ parameter: ParameterSite, rate: Float, in arena: inout Arena) {
    arena.descend(parameter.value, gradient: parameter.gradient, rate: rate)
  }
}
