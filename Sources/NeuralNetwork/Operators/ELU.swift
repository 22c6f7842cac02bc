package import KernelInstructions

/// `y = x` above 0, else `alpha (e^x - 1)`; `dx = dy` above 0, else `alpha e^x dy`.
package struct ELU: ElementwiseOperator {
  package static let type = "elu"

  private let alpha: Double

  package init?(reading reader: inout ConfigurationReader) {
    alpha = reader.number("alpha", in: -1_000...1_000) ?? 1.0
  }

  package func options(inputs: [Int]) -> [JSONValue.Member] {
    [JSONValue.Member("alpha", .number(alpha))]
  }

  package var activation: Activation {
    .elu(alpha: Float(alpha))
  }
}
