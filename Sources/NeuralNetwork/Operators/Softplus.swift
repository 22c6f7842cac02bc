package import KernelInstructions

/// `y = log(1 + e^(beta x)) / beta`, or `x` where `beta x > threshold`;
/// `dx = dy / (1 + e^(-beta x))`.
package struct Softplus: ElementwiseOperator {
  package static let type = "softplus"

  private let beta: Double
  private let threshold: Double

  package init?(reading reader: inout ConfigurationReader) {
    beta = reader.number("beta", in: 0.001...1_000) ?? 1.0
    threshold = reader.number("threshold", in: 0...1_000) ?? 20.0
  }

  package func options(inputs: [Int]) -> [JSONValue.Member] {
    [
      JSONValue.Member("beta", .number(beta)),
      JSONValue.Member("threshold", .number(threshold)),
    ]
  }

  package var activation: Activation {
    .softplus(beta: Float(beta), threshold: Float(threshold))
  }
}
