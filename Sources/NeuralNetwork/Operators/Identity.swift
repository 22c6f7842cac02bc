package import KernelInstructions

/// `y = x`.
package struct Identity: ElementwiseOperator {
  package static let type = "identity"

  package init?(reading reader: inout ConfigurationReader) {}

  package var activation: Activation { .identity }
}
