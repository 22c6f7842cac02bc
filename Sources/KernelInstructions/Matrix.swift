/// A rectangular part of an arena: where it begins, its shape, and how far its rows lie apart.
///
/// The numbers between ``columns`` and ``stride`` pad each row to whole vectors. They may hold
/// anything, and no kernel lets them reach a number that is not padding.
///
/// It is public, though the package keeps it to itself: only then does the compiler open its
/// properties in the targets that compute.
public struct Matrix: BitwiseCopyable, Hashable, Sendable {
  /// Floats in the widest vector of any set of kernels; rows begin at multiples of it.
  @inlinable @inline(__always)
  public static var lanes: Int { 16 }

  // Half as wide as the integers that they are used as: a step reads every instruction, and what
  // it reads should stay in the nearest cache.
  @usableFromInline let offset32: UInt32
  @usableFromInline let rows32: UInt32
  @usableFromInline let columns32: UInt32
  @usableFromInline let stride32: UInt32

  /// Makes a matrix.
  ///
  /// Numbers beyond 32 bits are cut off. They occur only where a layout is measured that no arena
  /// will be made of: an ``ArenaLayout`` counts with whole integers.
  public init(offset: Int, rows: Int, columns: Int) {
    offset32 = UInt32(truncatingIfNeeded: offset)
    rows32 = UInt32(truncatingIfNeeded: rows)
    columns32 = UInt32(truncatingIfNeeded: columns)
    stride32 = UInt32(truncatingIfNeeded: Matrix.padded(columns))
  }

  /// Index of the first number in the arena, a multiple of ``lanes``.
  @inlinable @inline(__always)
  public var offset: Int { Int(offset32) }

  /// Number of rows: samples of a batch, or outputs of a weight.
  @inlinable @inline(__always)
  public var rows: Int { Int(rows32) }

  /// Number of meaningful numbers in each row.
  @inlinable @inline(__always)
  public var columns: Int { Int(columns32) }

  /// Distance between the beginnings of two rows: ``columns`` rounded up to whole vectors.
  @inlinable @inline(__always)
  public var stride: Int { Int(stride32) }

  /// Floats that the matrix takes in the arena.
  @inlinable @inline(__always)
  public var size: Int { rows &* stride }

  /// The first rows, as the last and smaller batch of an epoch needs them.
  ///
  /// - Parameter count: At most ``rows``.
  /// - Returns: The same numbers' first `count` rows.
  public func first(_ count: Int) -> Matrix {
    precondition(count <= rows, "A matrix has no more rows than it was laid out with")
    return Matrix(offset: offset, rows: count, columns: columns)
  }

  /// One row.
  ///
  /// - Parameter index: Below ``rows``.
  /// - Returns: A matrix of one row.
  public func row(_ index: Int) -> Matrix {
    precondition(index >= 0 && index < rows, "A row is one of the matrix's")
    return Matrix(offset: offset + index * stride, rows: 1, columns: columns)
  }

  /// Whether the two share memory.
  public func overlaps(_ other: Matrix) -> Bool {
    offset < other.offset + other.size && other.offset < offset + size
  }

  /// The smallest multiple of ``lanes`` that is not below `columns`.
  public static func padded(_ columns: Int) -> Int {
    (columns + lanes - 1) / lanes * lanes
  }
}

/// Decides where each matrix lies before the arena is made.
package struct ArenaLayout: Sendable {
  /// Floats laid out so far.
  package private(set) var size = 0

  package init() {}

  /// Reserves a matrix.
  ///
  /// - Returns: A matrix that overlaps no other; its rows are aligned to cache lines.
  package mutating func matrix(rows: Int, columns: Int) -> Matrix {
    let matrix = Matrix(offset: size, rows: rows, columns: columns)
    size += rows * Matrix.padded(columns)
    return matrix
  }
}
