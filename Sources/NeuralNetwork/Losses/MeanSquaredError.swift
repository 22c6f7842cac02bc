package import KernelInstructions

/// The mean over a row's numbers of `(prediction - target)^2`, as PyTorch's `MSELoss`; its gradient
/// is `2 (prediction - target) / n`.
package struct MeanSquaredError: Loss {
  package static let type = "mse"

  package init?(reading reader: inout ConfigurationReader) {}

  package var function: LossFunction { .squaredError }
}
