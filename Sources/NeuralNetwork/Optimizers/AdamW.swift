package import KernelInstructions
package import Kernels

/// ``Adam`` whose parameters also shrink by `1 - rate * weight_decay` in each step, apart from the
/// gradient; conventions as PyTorch's `AdamW`.
///
/// Source: Loshchilov, Hutter, "Decoupled Weight Decay Regularization" (2019).
package struct AdamW: Optimizer {
  package static let type = "adamw"

  private let moments: AdamMoments
  private let weightDecay: Double

  package init?(reading reader: inout ConfigurationReader) {
    moments = AdamMoments(reading: &reader)
    weightDecay = reader.number("weight_decay", in: 0...1_000) ?? 0.01
  }

  package var learningRate: Double { moments.learningRate }
  package var stateCount: Int { 2 }
  package var options: [JSONValue.Member] {
    moments.options + [JSONValue.Member("weight_decay", .number(weightDecay))]
  }

  package func settings(rate: Double, step: Int) -> SIMD4<Float> {
    moments.settings(rate: rate, step: step, decay: 1 - rate * weightDecay)
  }

  package func update(
    _ parameter: ParameterSite, gradient: Matrix, settings: Matrix, into program: inout Program
  ) {
    moments.update(parameter, gradient: gradient, settings: settings, into: &program)
  }
}
