package import KernelInstructions
package import Kernels

/// `v = alpha v + (1 - alpha) g^2`, then a step of ``SGD`` with momentum along
/// `g / (sqrt(v) + epsilon)`; conventions as PyTorch's `RMSprop`.
///
/// Source: Hinton, Srivastava, Swersky, "Neural Networks for Machine Learning", lecture 6e (2012).
package struct RMSprop: Optimizer {
  package static let type = "rmsprop"

  package let learningRate: Double
  private let alpha: Double
  private let epsilon: Double
  private let momentum: Double

  package init?(reading reader: inout ConfigurationReader) {
    learningRate = reader.learningRate(default: 0.01)
    alpha = reader.fraction("alpha", default: 0.99)
    epsilon = reader.epsilon(default: 1e-8)
    momentum = reader.fraction("momentum", default: 0)
  }

  package var stateCount: Int { momentum == 0 ? 1 : 2 }

  package var options: [JSONValue.Member] {
    [
      JSONValue.Member("learning_rate", .number(learningRate)),
      JSONValue.Member("alpha", .number(alpha)),
      JSONValue.Member("epsilon", .number(epsilon)),
      JSONValue.Member("momentum", .number(momentum)),
    ]
  }

  package func settings(rate: Double, step: Int) -> SIMD4<Float> { SIMD4(Float(rate), 0, 0, 0) }

  package func update(
    _ parameter: ParameterSite, gradient: Matrix, settings: Matrix, into program: inout Program
  ) {
    program.update(
      .rootMeanSquare(
        gradient: gradient, square: parameter.state[0], alpha: Float(alpha),
        epsilon: Float(epsilon)))
    guard momentum > 0 else {
      program.update(.descend(parameter.value, gradient: gradient, settings: settings))
      return
    }
    program.update(
      .momentum(
        parameter.value, gradient: gradient, velocity: parameter.state[1],
        momentum: Float(momentum), isNesterov: false, settings: settings))
  }
}
