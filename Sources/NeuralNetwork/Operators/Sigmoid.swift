package import KernelInstructions

/// `y = 1 / (1 + e^-x)`; `dx = y (1 - y) dy`.
package struct Sigmoid: ElementwiseOperator {
  package static let type = "sigmoid"

  package init?(reading reader: inout ConfigurationReader) {}

  package var activation: Activation { .sigmoid }
}
