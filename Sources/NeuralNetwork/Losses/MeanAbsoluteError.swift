package import KernelInstructions

/// The mean over a row's numbers of `|prediction - target|`, as PyTorch's `L1Loss`; its gradient is
/// `sign(prediction - target) / n`.
package struct MeanAbsoluteError: Loss {
  package static let type = "mae"

  package init?(reading reader: inout ConfigurationReader) {}

  package var function: LossFunction { .absoluteError }
}
