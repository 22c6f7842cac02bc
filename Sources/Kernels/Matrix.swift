/// A rectangular part of an ``Arena``: where it begins, its shape, and how far its rows lie apart.
///
/// The numbers between ``columns`` and ``stride`` pad each row to whole vectors. They may hold
/// anything, and no kernel lets them reach a number that is not padding.
package struct Matrix: Hashable, Sendable {
  /// Floats in one vector; rows begin at multiples of it.
  package static let lanes = 8

  /// Index of the first number in the arena, a multiple of ``lanes``.
  package let offset: Int

  /// Number of rows: samples of a batch, or outputs of a weight.
  package let rows: Int

  /// Number of meaningful numbers in each row.
  package let columns: Int

  /// Distance between the beginnings of two rows: ``columns`` rounded up to whole vectors.
  package var stride: Int { Matrix.padded(columns) }

  /// Floats that the matrix takes in the arena.
  package var size: Int { rows * stride }

  /// The first rows, as the last and smaller batch of an epoch needs them.
  ///
  /// - Parameter count: At most ``rows``.
  /// - Returns: The same numbers' first `count` rows.
  package func first(_ count: Int) -> Matrix {
    precondition(count <= rows, "A matrix has no more rows than it was laid out with")
    return Matrix(offset: offset, rows: count, columns: columns)
  }

  /// One row.
  ///
  /// - Parameter index: Below ``rows``.
  /// - Returns: A matrix of one row.
  package func row(_ index: Int) -> Matrix {
    precondition(index >= 0 && index < rows, "A row is one of the matrix's")
    return Matrix(offset: offset + index * stride, rows: 1, columns: columns)
  }

  /// The smallest multiple of ``lanes`` that is not below `columns`.
  package static func padded(_ columns: Int) -> Int {
    (columns + lanes - 1) / lanes * lanes
  }
}

/// Decides where each matrix lies before the arena is made.
package struct ArenaLayout: Sendable {
  /// Floats laid out so far.
  package private(set) var size = 0

  package init() {}

  /// Reserves a matrix.
  package mutating func matrix(rows: Int, columns: Int) -> Matrix {
    let matrix = Matrix(offset: size, rows: rows, columns: columns)
    size += matrix.size
    return matrix
  }
}
