/// The one block of memory in which a network lives: data, parameters, gradients.
///
/// It is laid out once (``ArenaLayout``), so that a training step allocates nothing. All arithmetic
/// on it is a method that takes matrices, checks that they lie inside, and then runs on raw
/// memory; nothing outside this target sees a pointer. Matrices of one call may overlap only where
/// the method says so.
@safe package struct Arena: ~Copyable {
  let base: UnsafeMutablePointer<Float>
  let size: Int

  /// Allocates the layout's memory, filled with zeros.
  package init(_ layout: ArenaLayout) {
    size = layout.size
    let bytes = max(size, 1) * MemoryLayout<Float>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    unsafe base = memory.bindMemory(to: Float.self, capacity: max(size, 1))
    unsafe base.initialize(repeating: 0, count: max(size, 1))
  }

  deinit {
    unsafe base.deallocate()
  }

  /// The matrix's first number; the only way from a matrix to memory.
  @inline(__always)
  func pointer(_ matrix: Matrix) -> UnsafeMutablePointer<Float> {
    precondition(
      matrix.offset >= 0 && matrix.offset + matrix.size <= size, "A matrix lies inside its arena")
    return unsafe base + matrix.offset
  }

  /// Copies the matrix out, without its padding, row by row.
  package func elements(of matrix: Matrix) -> [Float] {
    let source = unsafe pointer(matrix)
    var result: [Float] = []
    result.reserveCapacity(matrix.rows * matrix.columns)
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        unsafe result.append(source[row * matrix.stride + column])
      }
    }
    return result
  }

  /// Copies numbers into the matrix, row by row, leaving its padding.
  ///
  /// - Parameters:
  ///   - matrix: Shape `[rows, columns]`.
  ///   - elements: `rows * columns` numbers.
  package mutating func fill(_ matrix: Matrix, with elements: [Float]) {
    precondition(elements.count == matrix.rows * matrix.columns, "One number for each entry")
    let target = unsafe pointer(matrix)
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        unsafe target[row * matrix.stride + column] = elements[row * matrix.columns + column]
      }
    }
  }

  /// Copies chosen rows of a table into the first rows of a matrix: the samples of one batch.
  ///
  /// - Parameters:
  ///   - rows: Indices of the rows to take; at most `matrix.rows`.
  ///   - table: Rows of `matrix.columns` numbers without padding.
  ///   - matrix: Receives them.
  package mutating func gather(
    _ rows: ArraySlice<Int>, of table: borrowing [Float], into matrix: Matrix
  ) {
    precondition(rows.count <= matrix.rows, "A batch fits its matrix")
    let columns = matrix.columns
    var target = unsafe pointer(matrix)
    for row in rows {
      precondition(row >= 0 && (row + 1) * columns <= table.count, "A sample is one of the table's")
      for column in 0..<columns {
        unsafe target[column] = table[row &* columns &+ column]
      }
      unsafe target += matrix.stride
    }
  }

  /// Whether each number of the matrix is finite, padding left out.
  package func isFinite(_ matrix: Matrix) -> Bool {
    let source = unsafe pointer(matrix)
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns
      where unsafe !source[row * matrix.stride + column].isFinite {
        return false
      }
    }
    return true
  }
}
