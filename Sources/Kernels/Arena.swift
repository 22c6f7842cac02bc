package import KernelInstructions

/// The one block of memory in which a network lives: data, parameters, gradients.
///
/// It is laid out once (``ArenaLayout``), so that a training step allocates nothing. What computes
/// on it is a ``Program``, whose matrices were checked when it was written down; nothing outside
/// this target and the sets of kernels sees a pointer.
@safe package struct Arena: ~Copyable {
  private let base: UnsafeMutablePointer<Float>
  private let size: Int
  private let team: Team
  private let set: KernelSet

  /// Allocates the layout's memory, filled with zeros.
  ///
  /// - Parameters:
  ///   - layout: The matrices.
  ///   - team: The threads that will share what is large enough.
  ///   - set: The kernels that will compute; the best there are, but in tests.
  package init(_ layout: ArenaLayout, team: Team = .alone, set: KernelSet = .best) {
    precondition(layout.size <= Int(UInt32.max), "A matrix knows its place by 32 bits")
    size = layout.size
    self.team = team
    self.set = set
    let numbers = size + team.size * Arena.workspaceSize
    let bytes = numbers * MemoryLayout<Float>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    unsafe base = memory.bindMemory(to: Float.self, capacity: numbers)
    unsafe base.initialize(repeating: 0, count: numbers)
  }

  deinit {
    unsafe base.deallocate()
  }

  /// Numbers that each thread has to copy strips of a product to.
  private static let workspaceSize = Product.innerAtOnce * 2 * Matrix.lanes

  /// Bytes that an arena takes for one thread; each more adds 32 KiB.
  package static func bytes(_ layout: ArenaLayout) -> Int {
    (layout.size + workspaceSize) * MemoryLayout<Float>.stride
  }

  /// Runs a program whose matrices lie in this arena.
  package mutating func run(_ program: FinishedProgram) {
    precondition(program.extent <= size, "A program's matrices lie inside the arena")
    let task = unsafe Team.Task(
      code: program.code, base: base, size: size, workspaceSize: Arena.workspaceSize, set: set)
    team.run(task, work: program.work)
  }

  /// Runs a program once.
  package mutating func run(_ program: Program) {
    run(FinishedProgram(program))
  }
  /// The matrix's first number; the only way from a matrix to memory.
  @inline(__always)
  private func pointer(_ matrix: Matrix) -> UnsafeMutablePointer<Float> {
    precondition(
      matrix.offset >= 0 && matrix.offset + matrix.size <= size, "A matrix lies inside its arena")
    return unsafe base + matrix.offset
  }

  /// The double in the place of two numbers of a row.
  package func double(_ matrix: Matrix, at index: Int) -> Double {
    precondition(index >= 0 && 2 * index + 1 < matrix.columns, "A row holds the double")
    let row = unsafe UnsafeRawPointer(pointer(matrix))
    return unsafe row.load(
      fromByteOffset: index * MemoryLayout<Double>.stride, as: Double.self)
  }

  /// Sets the number at an index of a row.
  package mutating func set(_ matrix: Matrix, at index: Int, to number: Float) {
    precondition(index >= 0 && index < matrix.columns, "A row holds the number")
    unsafe pointer(matrix)[index] = number
  }

  /// Sets the bits in the place of the number at an index of a row.
  package mutating func set(_ matrix: Matrix, at index: Int, toBits bits: UInt32) {
    precondition(index >= 0 && index < matrix.columns, "A row holds the number")
    unsafe UnsafeMutableRawPointer(pointer(matrix) + index).storeBytes(of: bits, as: UInt32.self)
  }

  /// Copies the matrix out, without its padding, row by row.
  package func elements(of matrix: Matrix) -> [Float] {
    let source = unsafe pointer(matrix)
    return unsafe Array(unsafeUninitializedCapacity: matrix.rows * matrix.columns) {
      buffer, count in
      for row in 0..<matrix.rows {
        for column in 0..<matrix.columns {
          unsafe buffer[row * matrix.columns + column] = source[row * matrix.stride + column]
        }
      }
      count = matrix.rows * matrix.columns
    }
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
    let tableRows = table.count / max(columns, 1)
    unsafe table.withUnsafeBufferPointer { table in
      unsafe rows.withUnsafeBufferPointer { rows in
        for index in rows.indices {
          let row = unsafe rows[index]
          precondition(row >= 0 && row < tableRows, "A sample is one of the table's")
          for column in 0..<columns {
            unsafe target[column] = table[row &* columns &+ column]
          }
          unsafe target += matrix.stride
        }
      }
    }
  }

  /// Whether each number of the matrix is finite, padding left out.
  package func isFinite(_ matrix: Matrix) -> Bool {
    let source = unsafe pointer(matrix)
    let exponent = Float.infinity.bitPattern
    var isInfinite: UInt32 = 0
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        let bits = unsafe source[row &* matrix.stride &+ column].bitPattern
        isInfinite |= bits & exponent == exponent ? 1 : 0
      }
    }
    return isInfinite == 0
  }
}
