package import KernelInstructions

/// `y = max(x, 0)`; `dx = dy` where `x > 0`, else 0.
package struct ReLU: ElementwiseOperator {
  package static let type = "relu"

  package init?(reading reader: inout ConfigurationReader) {}

  package var activation: Activation { .relu }
}
