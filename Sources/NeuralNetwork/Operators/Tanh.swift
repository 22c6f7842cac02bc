package import KernelInstructions

/// `y = tanh x`; `dx = (1 - y^2) dy`.
package struct Tanh: ElementwiseOperator {
  package static let type = "tanh"

  package init?(reading reader: inout ConfigurationReader) {}

  package var activation: Activation { .tanh }
}
