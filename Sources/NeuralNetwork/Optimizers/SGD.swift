package import KernelInstructions
package import Kernels

/// Stochastic gradient descent: `parameter = parameter - rate * gradient`.
///
/// With momentum the step goes along `velocity = momentum * velocity + gradient`, with Nesterov's
/// along `gradient + momentum * velocity`; conventions as PyTorch's `SGD`.
package struct SGD: Optimizer {
  package static let type = "sgd"

  /// The paper's rate.
  package static let learningRateDefault = 0.05

  package let learningRate: Double
  private let momentum: Double
  private let isNesterov: Bool

  package init?(reading reader: inout ConfigurationReader) {
    learningRate = reader.learningRate(default: SGD.learningRateDefault)
    let before = reader.issues.count
    momentum = reader.fraction("momentum", default: 0)
    isNesterov = reader.bool("nesterov") ?? false
    if isNesterov && momentum == 0 && reader.issues.count == before {
      reader.report(
        "invalid_value", member: "nesterov",
        "nesterov of \(reader.subject) needs a momentum above 0, but momentum is 0")
    }
  }

  package var stateCount: Int { momentum == 0 ? 0 : 1 }

  package var options: [JSONValue.Member] {
    [
      JSONValue.Member("learning_rate", .number(learningRate)),
      JSONValue.Member("momentum", .number(momentum)),
      JSONValue.Member("nesterov", .bool(isNesterov)),
    ]
  }

  package func settings(rate: Double, step: Int) -> SIMD4<Float> { SIMD4(Float(rate), 0, 0, 0) }

  package func update(
    _ parameter: ParameterSite, gradient: Matrix, settings: Matrix, into program: inout Program
  ) {
    guard let velocity = parameter.state.first else {
      program.update(.descend(parameter.value, gradient: gradient, settings: settings))
      return
    }
    program.update(
      .momentum(
        parameter.value, gradient: gradient, velocity: velocity, momentum: Float(momentum),
        isNesterov: isNesterov, settings: settings))
  }
}
