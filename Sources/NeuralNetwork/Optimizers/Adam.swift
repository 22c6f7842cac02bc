package import KernelInstructions
package import Kernels

/// Adam: `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g^2`,
/// `parameter = parameter - rate / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon)` in step
/// `t`; conventions as PyTorch's `Adam`.
///
/// Source: Kingma, Ba, "Adam: A Method for Stochastic Optimization" (2015).
package struct Adam: Optimizer {
  package static let type = "adam"

  private let moments: AdamMoments

  package init?(reading reader: inout ConfigurationReader) {
    moments = AdamMoments(reading: &reader)
  }

  package var learningRate: Double { moments.learningRate }
  package var stateCount: Int { 2 }
  package var options: [JSONValue.Member] { moments.options }

  package func settings(rate: Double, step: Int) -> SIMD4<Float> {
    moments.settings(rate: rate, step: step, decay: 1)
  }

  package func update(
    _ parameter: ParameterSite, gradient: Matrix, settings: Matrix, into program: inout Program
  ) {
    moments.update(parameter, gradient: gradient, settings: settings, into: &program)
  }
}

/// What Adam and AdamW have in common.
struct AdamMoments: Sendable {
  let learningRate: Double
  private let beta1: Double
  private let beta2: Double
  private let epsilon: Double

  init(reading reader: inout ConfigurationReader) {
    learningRate = reader.learningRate(default: 0.001)
    beta1 = reader.fraction("beta1", default: 0.9)
    beta2 = reader.fraction("beta2", default: 0.999)
    epsilon = reader.epsilon(default: 1e-8)
  }

  var options: [JSONValue.Member] {
    [
      JSONValue.Member("learning_rate", .number(learningRate)),
      JSONValue.Member("beta1", .number(beta1)),
      JSONValue.Member("beta2", .number(beta2)),
      JSONValue.Member("epsilon", .number(epsilon)),
    ]
  }

  /// The decay of the parameter, the size of the step, and the root that corrects `sqrt v`.
  func settings(rate: Double, step: Int, decay: Double) -> SIMD4<Float> {
    let size = rate / (1 - power(beta1, step))
    return SIMD4(Float(decay), Float(size), Float((1 - power(beta2, step)).squareRoot()), 0)
  }

  func update(
    _ parameter: ParameterSite, gradient: Matrix, settings: Matrix, into program: inout Program
  ) {
    program.update(
      .adam(
        AdamUpdate(
          parameter.value, gradient: gradient, mean: parameter.state[0],
          square: parameter.state[1], beta1: beta1, beta2: beta2, epsilon: Float(epsilon),
          settings: settings)))
  }
}

/// `base^exponent` by squaring: the C library's power differs between machines.
func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}
