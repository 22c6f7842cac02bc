package import KernelInstructions

/// `y = x s` with `s = 1 / (1 + e^-x)`; `dx = s (1 + x (1 - s)) dy`.
package struct SiLU: ElementwiseOperator {
  package static let type = "silu"

  package init?(reading reader: inout ConfigurationReader) {}

  package var activation: Activation { .silu }
}
