package import Kernels

/// The mean over all numbers of the batch of `(prediction - target)^2`, as PyTorch's `MSELoss`.
package struct MeanSquaredError: Loss {
  package static let type = "mse"

  package init?(reading reader: inout ConfigurationReader) {}

  package func value(
    of predictions: Matrix, _ targets: Matrix, in arena: borrowing Arena
  ) -> Double {
    arena.squaredError(predictions, targets) / count(predictions)
  }

  /// `2 (prediction - target) / n` for `n` numbers.
  package func gradient(
    of predictions: Matrix, _ targets: Matrix, into result: Matrix, in arena: inout Arena
  ) {
    arena.scaledDifference(
      predictions, targets, factor: Float(2 / count(predictions)), into: result)
  }

  private func count(_ predictions: Matrix) -> Double {
    Double(predictions.rows * predictions.columns)
  }
}
