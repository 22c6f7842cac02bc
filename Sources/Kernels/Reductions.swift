extension Arena {
  /// Sums each column: `result[0, j] = sum over i of matrix[i, j]`, in ascending `i`.
  package mutating func columnSums(of matrix: Matrix, into result: Matrix) {
    precondition(result.rows == 1 && result.columns == matrix.columns, "One sum for each column")
    let source = unsafe UnsafeMutableRawPointer(pointer(matrix))
    let target = unsafe UnsafeMutableRawPointer(pointer(result))
    let rowBytes = matrix.stride * MemoryLayout<Float>.stride
    for byte in stride(from: 0, to: rowBytes, by: MemoryLayout<Lanes>.stride) {
      var sum = Lanes.zero
      for row in 0..<matrix.rows {
        unsafe sum += source.load(fromByteOffset: byte &+ row &* rowBytes, as: Lanes.self)
      }
      unsafe target.storeBytes(of: sum, toByteOffset: byte, as: Lanes.self)
    }
  }

  /// Copies the matrix with rows and columns exchanged; the two do not overlap.
  package mutating func transpose(_ matrix: Matrix, into result: Matrix) {
    precondition(
      matrix.rows == result.columns && matrix.columns == result.rows, "The shapes are each other's")
    let source = unsafe pointer(matrix)
    let target = unsafe pointer(result)
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        unsafe target[column &* result.stride &+ row] = source[row &* matrix.stride &+ column]
      }
    }
  }

  /// The sum over all entries of `(prediction - target)^2`, in double, row by row.
  package func squaredError(_ predictions: Matrix, _ targets: Matrix) -> Double {
    precondition(
      predictions.rows == targets.rows && predictions.columns == targets.columns, "Equal shapes")
    let prediction = unsafe pointer(predictions)
    let target = unsafe pointer(targets)
    var sum = 0.0
    for row in 0..<predictions.rows {
      let start = row &* predictions.stride
      for index in start..<(start &+ predictions.columns) {
        let difference = unsafe Double(prediction[index]) - Double(target[index])
        sum += difference * difference
      }
    }
    return sum
  }

  /// `result = factor * (first - second)`, number by number.
  package mutating func scaledDifference(
    _ first: Matrix, _ second: Matrix, factor: Float, into result: Matrix
  ) {
    let factor = Lanes(repeating: factor)
    map(first, second, into: result, .replace) { factor * ($0 - $1) }
  }
}
