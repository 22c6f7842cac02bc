package import KernelInstructions

/// An arena for the scalar reference: numbers, and the doubles that lie in the place of two.
package struct ScalarMemory {
  private var numbers: [Float]

  /// Memory of NaN.
  package init(size: Int) {
    numbers = Array(repeating: .nan, count: size)
  }

  package subscript(matrix: Matrix, row: Int, column: Int) -> Float {
    get { numbers[matrix.offset + row * matrix.stride + column] }
    set { numbers[matrix.offset + row * matrix.stride + column] = newValue }
  }

  /// The double at an index of a row.
  package subscript(double row: Matrix, index: Int) -> Double {
    get {
      let place = row.offset + 2 * index
      let bits = UInt64(numbers[place].bitPattern) | UInt64(numbers[place + 1].bitPattern) << 32
      return Double(bitPattern: bits)
    }
    set {
      let place = row.offset + 2 * index
      let bits = newValue.bitPattern
      numbers[place] = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      numbers[place + 1] = Float(bitPattern: UInt32(truncatingIfNeeded: bits >> 32))
    }
  }

  /// Copies numbers into a matrix, row by row.
  package mutating func fill(_ matrix: Matrix, with elements: [Float]) {
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        self[matrix, row, column] = elements[row * matrix.columns + column]
      }
    }
  }

  /// Copies a matrix out without its padding.
  package func elements(of matrix: Matrix) -> [Float] {
    (0..<matrix.rows).flatMap { row in
      (0..<matrix.columns).map { self[matrix, row, $0] }
    }
  }

  /// Makes each number of a matrix from its place, all before any is stored.
  mutating func map(_ matrix: Matrix, _ function: (Int, Int) -> Float) {
    var elements: [Float] = []
    elements.reserveCapacity(matrix.rows * matrix.columns)
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns { elements.append(function(row, column)) }
    }
    fill(matrix, with: elements)
  }

  /// The same, replacing or adding.
  mutating func map(
    _ matrix: Matrix, _ destination: Destination, _ function: (Int, Int) -> Float
  ) {
    let former = self
    map(matrix) { row, column in
      let value = function(row, column)
      return destination == .add ? former[matrix, row, column] + value : value
    }
  }
}
