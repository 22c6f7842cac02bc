import Kernels
import TestSupport
import Testing

@Suite("Reductions and rearrangements")
struct ReductionTests {
  static let shapes = [(1, 1), (2, 8), (3, 7), (9, 9), (10, 25), (33, 17), (70, 70)]

  @Test("column sums add in ascending rows", arguments: shapes, [false, true])
  func columnSums(shape: (Int, Int), isAwkward: Bool) {
    let (rows, columns) = shape
    var random = SeededRandom(seed: rows)
    let elements =
      isAwkward ? random.awkwardFloats(rows * columns) : random.floats(rows * columns)
    var layout = PaddedLayout()
    let matrix = layout.matrix(rows: rows, columns: columns)
    let sums = layout.matrix(rows: 1, columns: columns)
    var arena = layout.arena()
    arena.fill(matrix, with: elements)
    arena.columnSums(of: matrix, into: sums)
    let expected = (0..<columns).map { column in
      (0..<rows).reduce(Float(0)) { $0 + elements[$1 * columns + column] }
    }
    let computed = arena.elements(of: sums)
    #expect(sameBits(computed, expected))
  }

  @Test("transposing exchanges rows and columns", arguments: shapes)
  func transposes(shape: (Int, Int)) {
    let (rows, columns) = shape
    var random = SeededRandom(seed: rows)
    let elements = random.awkwardFloats(rows * columns)
    var layout = PaddedLayout()
    let matrix = layout.matrix(rows: rows, columns: columns)
    let transposed = layout.matrix(rows: columns, columns: rows)
    var arena = layout.arena()
    arena.fill(matrix, with: elements)
    arena.transpose(matrix, into: transposed)
    let expected = Numbers(rows: columns, columns: rows) { elements[$1 * columns + $0] }
    let computed = arena.elements(of: transposed)
    #expect(sameBits(computed, expected.elements))
  }

  @Test("the squared error is summed in double, row by row", arguments: shapes)
  func squaredError(shape: (Int, Int)) {
    let (rows, columns) = shape
    var random = SeededRandom(seed: columns)
    let predictions = random.floats(rows * columns)
    let targets = random.floats(rows * columns, in: -1e6...1e6)
    var layout = PaddedLayout()
    let first = layout.matrix(rows: rows, columns: columns)
    let second = layout.matrix(rows: rows, columns: columns)
    var arena = layout.arena()
    arena.fill(first, with: predictions)
    arena.fill(second, with: targets)
    let expected = zip(predictions, targets).reduce(0.0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }
    let sum = arena.squaredError(first, second)
    #expect(sum == expected)
  }

  @Test("the squared error of an infinite or undefined prediction is not finite")
  func squaredErrorOfNonFinite() {
    var layout = PaddedLayout()
    let first = layout.matrix(rows: 1, columns: 2)
    let second = layout.matrix(rows: 1, columns: 2)
    var arena = layout.arena()
    arena.fill(second, with: [0, 0])
    arena.fill(first, with: [1, .infinity])
    let infinite = arena.squaredError(first, second)
    #expect(infinite == .infinity)
    arena.fill(first, with: [.nan, 1])
    let undefined = arena.squaredError(first, second)
    #expect(undefined.isNaN)
  }

  @Test("gathering takes the named rows in their order, and leaves the others")
  func gathers() {
    var layout = PaddedLayout()
    let matrix = layout.matrix(rows: 4, columns: 3)
    var arena = layout.arena()
    arena.fill(matrix, with: Array(repeating: -1, count: 12))
    let table: [Float] = [0, 1, 2, 10, 11, 12, 20, 21, 22]
    arena.gather([9, 2, 0, 2][1...], of: table, into: matrix)
    let gathered = arena.elements(of: matrix)
    #expect(gathered == [20, 21, 22, 0, 1, 2, 20, 21, 22, -1, -1, -1])
  }

  @Test("finiteness asks every number but the padding", arguments: [0, 3, 4, 9])
  func finiteness(position: Int) {
    var layout = PaddedLayout()
    let matrix = layout.matrix(rows: 2, columns: 5)
    var arena = layout.arena()
    var elements = Array(repeating: Float.greatestFiniteMagnitude, count: 10)
    arena.fill(matrix, with: elements)
    let isFinite = arena.isFinite(matrix)
    #expect(isFinite)
    for value in [Float.nan, .infinity, -.infinity] {
      elements[position] = value
      arena.fill(matrix, with: elements)
      let isStillFinite = arena.isFinite(matrix)
      #expect(!isStillFinite)
    }
  }
}
