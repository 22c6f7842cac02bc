package import KernelInstructions

/// `y = x` above 0, else `negative_slope x`; `dx = dy` above 0, else `negative_slope dy`.
package struct LeakyReLU: ElementwiseOperator {
  package static let type = "leaky_relu"

  private let negativeSlope: Double

  package init?(reading reader: inout ConfigurationReader) {
    negativeSlope = reader.number("negative_slope", in: -1_000...1_000) ?? 0.01
  }

  package func options(inputs: [Int]) -> [JSONValue.Member] {
    [JSONValue.Member("negative_slope", .number(negativeSlope))]
  }

  package var activation: Activation {
    .leakyReLU(slope: Float(negativeSlope))
  }
}
