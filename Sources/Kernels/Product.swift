/// What the sums of a product begin with.
package enum ProductStart: Hashable, Sendable {
  case zero
  /// Each row begins with this one row, a bias.
  case row(Matrix)
  /// The result's present numbers: the product is added to them.
  case existing
}

extension Arena {
  /// Multiplies two matrices: `result[i, j] = start + sum over p of left[i, p] * right[p, j]`.
  ///
  /// Each number of the result is one chain of fused multiply-adds in ascending `p`, which begins
  /// with `start`. So neither the vector width nor the blocking changes a bit of it.
  ///
  /// - Parameters:
  ///   - left: Shape `[n, k]`.
  ///   - right: Shape `[k, m]`.
  ///   - result: Shape `[n, m]`; overlaps neither operand.
  ///   - start: What each sum begins with.
  package mutating func product(
    _ left: Matrix, _ right: Matrix, into result: Matrix, from start: ProductStart = .zero
  ) {
    precondition(
      left.columns == right.rows && left.rows == result.rows && right.columns == result.columns,
      "A product's shapes fit")
    multiply(
      unsafe Factor(
        base: pointer(left), rowStride: left.stride, innerStride: 1, inner: left.columns),
      right, into: result, from: start)
  }

  /// Multiplies the transposed left matrix: `result[i, j] = sum over p of left[p, i] * right[p, j]`.
  ///
  /// - Parameters:
  ///   - left: Shape `[k, n]`.
  ///   - right: Shape `[k, m]`.
  ///   - result: Shape `[n, m]`; overlaps neither operand.
  ///   - start: What each sum begins with.
  package mutating func product(
    transposed left: Matrix, _ right: Matrix, into result: Matrix, from start: ProductStart = .zero
  ) {
    precondition(
      left.rows == right.rows && left.columns == result.rows && right.columns == result.columns,
      "A product's shapes fit")
    multiply(
      unsafe Factor(base: pointer(left), rowStride: 1, innerStride: left.stride, inner: left.rows),
      right, into: result, from: start)
  }

  /// Covers the result with tiles of four rows and one, two or four vectors.
  private func multiply(
    _ left: Factor, _ right: Matrix, into result: Matrix, from start: ProductStart
  ) {
    var startRow: UnsafePointer<Float>?
    if case .row(let row) = start {
      precondition(row.rows == 1 && row.columns == result.columns, "A bias has the result's width")
      unsafe startRow = UnsafePointer(pointer(row))
    }
    let tile = unsafe Tiling(
      left: left, right: UnsafePointer(pointer(right)), rightStride: right.stride,
      result: pointer(result), resultStride: result.stride, startRow: startRow,
      addsToResult: start == .existing)
    var column = 0
    while column + 4 * Matrix.lanes <= result.stride {
      tile.cover(FourVectors.self, rowsAtOnce: .two, column: column, rows: result.rows)
      column += 4 * Matrix.lanes
    }
    while column + 2 * Matrix.lanes <= result.stride {
      tile.cover(TwoVectors.self, rowsAtOnce: .four, column: column, rows: result.rows)
      column += 2 * Matrix.lanes
    }
    if column < result.stride {
      tile.cover(OneVector.self, rowsAtOnce: .four, column: column, rows: result.rows)
    }
  }
}

/// The left operand of a product, as written or transposed: entry (i, p) lies at
/// `base[i * rowStride + p * innerStride]`.
@safe private struct Factor {
  let base: UnsafePointer<Float>
  let rowStride: Int
  let innerStride: Int
  /// Number of products in each sum.
  let inner: Int

  init(base: UnsafeMutablePointer<Float>, rowStride: Int, innerStride: Int, inner: Int) {
    unsafe self.base = UnsafePointer(base)
    self.rowStride = rowStride
    self.innerStride = innerStride
    self.inner = inner
  }
}

/// One product's operands, whose shapes and bounds have been checked.
@safe private struct Tiling {
  let left: Factor
  let right: UnsafePointer<Float>
  let rightStride: Int
  let result: UnsafeMutablePointer<Float>
  let resultStride: Int
  let startRow: UnsafePointer<Float>?
  let addsToResult: Bool

  /// How many rows of the result are held in registers at once, beside one or more vectors of each.
  enum RowsAtOnce { case two, four }

  /// Computes a strip of the result as wide as one `Vector`.
  @inline(__always)
  func cover<S: Strip>(
    _: S.Type, rowsAtOnce: RowsAtOnce, column: Int, rows: Int
  ) {
    var row = 0
    if rowsAtOnce == .four {
      while row + 4 <= rows {
        fourRows(S.self, row: row, column: column)
        row += 4
      }
    }
    while row + 2 <= rows {
      twoRows(S.self, row: row, column: column)
      row += 2
    }
    if row < rows {
      oneRow(S.self, row: row, column: column)
    }
  }

  @inline(__always)
  private func start<S: Strip>(row: Int, column: Int) -> S {
    if let startRow = unsafe startRow { return unsafe S(from: startRow + column) }
    if addsToResult { return unsafe S(from: result + row * resultStride + column) }
    return S()
  }

  @inline(__always)
  private func store<S: Strip>(_ sum: S, row: Int, column: Int) {
    unsafe sum.store(to: result + row * resultStride + column)
  }

  @inline(__always)
  private func fourRows<S: Strip>(_: S.Type, row: Int, column: Int) {
    var sum0: S = start(row: row, column: column)
    var sum1: S = start(row: row + 1, column: column)
    var sum2: S = start(row: row + 2, column: column)
    var sum3: S = start(row: row + 3, column: column)
    var leftEntry = unsafe left.base + row * left.rowStride
    var rightEntry = unsafe right + column
    for _ in 0..<left.inner {
      let strip = unsafe S(from: rightEntry)
      unsafe sum0.addProduct(strip, leftEntry[0])
      unsafe sum1.addProduct(strip, leftEntry[left.rowStride])
      unsafe sum2.addProduct(strip, leftEntry[2 * left.rowStride])
      unsafe sum3.addProduct(strip, leftEntry[3 * left.rowStride])
      unsafe leftEntry += left.innerStride
      unsafe rightEntry += rightStride
    }
    store(sum0, row: row, column: column)
    store(sum1, row: row + 1, column: column)
    store(sum2, row: row + 2, column: column)
    store(sum3, row: row + 3, column: column)
  }

  @inline(__always)
  private func twoRows<S: Strip>(_: S.Type, row: Int, column: Int) {
    var sum0: S = start(row: row, column: column)
    var sum1: S = start(row: row + 1, column: column)
    var leftEntry = unsafe left.base + row * left.rowStride
    var rightEntry = unsafe right + column
    for _ in 0..<left.inner {
      let strip = unsafe S(from: rightEntry)
      unsafe sum0.addProduct(strip, leftEntry[0])
      unsafe sum1.addProduct(strip, leftEntry[left.rowStride])
      unsafe leftEntry += left.innerStride
      unsafe rightEntry += rightStride
    }
    store(sum0, row: row, column: column)
    store(sum1, row: row + 1, column: column)
  }

  @inline(__always)
  private func oneRow<S: Strip>(_: S.Type, row: Int, column: Int) {
    var sum: S = start(row: row, column: column)
    var leftEntry = unsafe left.base + row * left.rowStride
    var rightEntry = unsafe right + column
    for _ in 0..<left.inner {
      unsafe sum.addProduct(S(from: rightEntry), leftEntry[0])
      unsafe leftEntry += left.innerStride
      unsafe rightEntry += rightStride
    }
    store(sum, row: row, column: column)
  }
}

/// A few neighbouring vectors of a row, held in registers.
///
/// The standard library's wider vectors would do, but their arithmetic is a loop over lanes.
private protocol Strip {
  init()
  init(from source: UnsafePointer<Float>)
  func store(to target: UnsafeMutablePointer<Float>)
  mutating func addProduct(_ strip: Self, _ factor: Float)
}

private struct OneVector: Strip {
  var vector = Lanes.zero

  @inline(__always)
  init() {}

  @inline(__always)
  init(from source: UnsafePointer<Float>) {
    vector = unsafe UnsafeRawPointer(source).load(as: Lanes.self)
  }

  @inline(__always)
  func store(to target: UnsafeMutablePointer<Float>) {
    unsafe UnsafeMutableRawPointer(target).storeBytes(of: vector, as: Lanes.self)
  }

  @inline(__always)
  mutating func addProduct(_ strip: OneVector, _ factor: Float) {
    vector.addProduct(strip.vector, Lanes(repeating: factor))
  }
}

private struct Twice<Half: Strip>: Strip {
  var left = Half()
  var right = Half()

  @inline(__always)
  init() {}

  @inline(__always)
  init(from source: UnsafePointer<Float>) {
    left = unsafe Half(from: source)
    right = unsafe Half(from: source + MemoryLayout<Half>.size / MemoryLayout<Float>.size)
  }

  @inline(__always)
  func store(to target: UnsafeMutablePointer<Float>) {
    unsafe left.store(to: target)
    unsafe right.store(to: target + MemoryLayout<Half>.size / MemoryLayout<Float>.size)
  }

  @inline(__always)
  mutating func addProduct(_ strip: Twice, _ factor: Float) {
    left.addProduct(strip.left, factor)
    right.addProduct(strip.right, factor)
  }
}

private typealias TwoVectors = Twice<OneVector>
private typealias FourVectors = Twice<TwoVectors>
