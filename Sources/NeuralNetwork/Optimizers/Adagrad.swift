package import KernelInstructions
package import Kernels

/// `v = v + g^2`, `parameter = parameter - rate * g / (sqrt(v) + epsilon)`; conventions as
/// PyTorch's `Adagrad`.
///
/// Source: Duchi, Hazan, Singer, "Adaptive Subgradient Methods" (2011).
package struct Adagrad: Optimizer {
  package static let type = "adagrad"

  package let learningRate: Double
  private let epsilon: Double

  package init?(reading reader: inout ConfigurationReader) {
    learningRate = reader.learningRate(default: 0.01)
    epsilon = reader.epsilon(default: 1e-10)
  }

  package var stateCount: Int { 1 }

  package var options: [JSONValue.Member] {
    [
      JSONValue.Member("learning_rate", .number(learningRate)),
      JSONValue.Member("epsilon", .number(epsilon)),
    ]
  }

  package func settings(rate: Double, step: Int) -> SIMD4<Float> { SIMD4(Float(rate), 0, 0, 0) }

  package func update(
    _ parameter: ParameterSite, gradient: Matrix, settings: Matrix, into program: inout Program
  ) {
    program.update(
      .adagrad(
        parameter.value, gradient: gradient, square: parameter.state[0], epsilon: Float(epsilon),
        settings: settings))
  }
}
