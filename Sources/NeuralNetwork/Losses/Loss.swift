package import Kernels

/// The number that training minimises, a mean over the batch.
///
/// To add one: a file in this folder and a line in ``LossCatalogue``.
package protocol Loss: Kind {
  /// The loss of a batch, summed in double.
  ///
  /// - Parameters:
  ///   - predictions: Shape `[rows, features]`.
  ///   - targets: The same shape.
  ///   - arena: Where both lie.
  /// - Returns: The mean over the batch.
  func value(of predictions: Matrix, _ targets: Matrix, in arena: borrowing Arena) -> Double

  /// The gradient of ``value(of:_:in:)`` with respect to the predictions.
  ///
  /// - Parameters:
  ///   - predictions: Shape `[rows, features]`.
  ///   - targets: The same shape.
  ///   - result: The same shape; receives the gradient.
  ///   - arena: Where all of them lie.
  func gradient(
    of predictions: Matrix, _ targets: Matrix, into result: Matrix, in arena: inout Arena)
}

/// The kinds of loss that a job may name.
package enum LossCatalogue {
  /// One line for each kind.
  package static let kinds: [any Loss.Type] = [
    MeanSquaredError.self
  ]
}
