/// A matrix product: `result[i, j] = start + sum over p of left[i, p] * right[p, j]`.
///
/// Each number of the result is one chain of fused multiply-adds in ascending `p`, which begins
/// with `start`. So neither the vector width, nor the blocking, nor the number of threads changes a
/// bit of it.
package struct Product: BitwiseCopyable, Sendable {
  /// What the sums begin with.
  package enum Start: BitwiseCopyable, Hashable, Sendable {
    case zero
    /// Each row begins with this one row, a bias.
    case row(Matrix)
    /// The result's present numbers: the product is added to them.
    case existing
  }

  /// What is done with a finished sum.
  package enum End: BitwiseCopyable, Hashable, Sendable {
    /// It is the result.
    case store
    /// `max(sum, 0)` is the result; NaN stays NaN.
    case relu
    /// The sum is the result, but 0 where this matrix, of the result's shape, is 0 or below.
    case whereAboveZero(Matrix)
    /// The sum is a gradient: `result - rate * sum` is the result, in one rounding. The rate is the
    /// first number of the matrix. The sums begin with zero.
    case descend(rate: Matrix)
  }

  /// Shape `[n, k]`, or `[k, n]` if it is transposed.
  package let left: Matrix
  package let isLeftTransposed: Bool
  /// Shape `[k, m]`.
  package let right: Matrix
  /// Shape `[n, m]`; overlaps neither operand.
  package var result: Matrix
  package let start: Start
  package var end: End

  package init(
    left: Matrix, isLeftTransposed: Bool = false, right: Matrix, result: Matrix,
    start: Start = .zero, end: End = .store
  ) {
    self.left = left
    self.isLeftTransposed = isLeftTransposed
    self.right = right
    self.result = result
    self.start = start
    self.end = end
  }

  /// The number of products in each sum.
  package var inner: Int { isLeftTransposed ? left.rows : left.columns }

  /// Products of each sum that are added up in registers before they are stored and read again.
  package static let innerAtOnce = 256
}
