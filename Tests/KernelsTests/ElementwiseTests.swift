import Kernels
import TestSupport
import Testing

@Suite("Elementwise")
struct ElementwiseTests {
  /// Rows and columns: every padding from none to seven, one row and several.
  static let shapes = [(1, 1), (1, 8), (2, 7), (3, 9), (5, 16), (7, 33), (4, 62), (70, 70)]

  /// Runs a kernel of two operands on awkward numbers and compares each result bit by bit.
  private func check(
    _ shape: (Int, Int), _ expected: (_ first: Float, _ second: Float, _ former: Float) -> Float,
    equals kernel: (_ first: Matrix, _ second: Matrix, _ result: Matrix, _ arena: inout Arena) ->
      Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var random = SeededRandom(seed: shape.0 * 100 + shape.1)
    let count = shape.0 * shape.1
    let numbers = (0..<3).map { _ in random.awkwardFloats(count) }
    var layout = PaddedLayout()
    let matrices = (0..<3).map { _ in layout.matrix(rows: shape.0, columns: shape.1) }
    var arena = layout.arena()
    for (matrix, elements) in zip(matrices, numbers) { arena.fill(matrix, with: elements) }
    kernel(matrices[0], matrices[1], matrices[2], &arena)
    let wanted = (0..<count).map { expected(numbers[0][$0], numbers[1][$0], numbers[2][$0]) }
    let result = arena.elements(of: matrices[2])
    #expect(sameBits(result, wanted), sourceLocation: sourceLocation)
  }

  @Test("copy and clear, adding where asked to", arguments: shapes)
  func copies(shape: (Int, Int)) {
    check(shape, { first, _, _ in first }, equals: { $3.copy($0, into: $2) })
    check(shape, { first, _, former in former + first }, equals: { $3.copy($0, into: $2, .add) })
    check(shape, { _, _, _ in 0 }, equals: { $3.clear($2) })
  }

  @Test("relu is the greater of the number and 0, and NaN of NaN", arguments: shapes)
  func relu(shape: (Int, Int)) {
    check(shape, { x, _, _ in x < 0 ? 0 : x }, equals: { $3.relu($0, into: $2) })
  }

  @Test("relu's gradient passes where the output is above 0", arguments: shapes)
  func reluGradient(shape: (Int, Int)) {
    check(
      shape, { y, dy, _ in y <= 0 ? 0 : dy },
      equals: { $3.reluGradient(output: $0, outputGradient: $1, into: $2, .replace) })
    check(
      shape, { y, dy, former in (y <= 0 ? 0 : dy) + former },
      equals: { $3.reluGradient(output: $0, outputGradient: $1, into: $2, .add) })
  }

  @Test("sigmoid's gradient is y (1 - y) dy", arguments: shapes)
  func sigmoidGradient(shape: (Int, Int)) {
    check(
      shape, { y, dy, _ in y * (1 - y) * dy },
      equals: { $3.sigmoidGradient(output: $0, outputGradient: $1, into: $2, .replace) })
    check(
      shape, { y, dy, former in y * (1 - y) * dy + former },
      equals: { $3.sigmoidGradient(output: $0, outputGradient: $1, into: $2, .add) })
  }

  @Test("tanh's gradient is (1 - y^2) dy", arguments: shapes)
  func tanhGradient(shape: (Int, Int)) {
    check(
      shape, { y, dy, _ in (1 - y * y) * dy },
      equals: { $3.tanhGradient(output: $0, outputGradient: $1, into: $2, .replace) })
    check(
      shape, { y, dy, former in (1 - y * y) * dy + former },
      equals: { $3.tanhGradient(output: $0, outputGradient: $1, into: $2, .add) })
  }

  @Test("descend is one fused multiply-add", arguments: shapes)
  func descend(shape: (Int, Int)) {
    check(
      shape, { _, gradient, value in value.addingProduct(-0.3, gradient) },
      equals: { $3.descend($2, gradient: $1, rate: 0.3) })
  }

  @Test("a scaled difference rounds twice", arguments: shapes)
  func scaledDifference(shape: (Int, Int)) {
    check(
      shape, { first, second, _ in 0.7 * (first - second) },
      equals: { $3.scaledDifference($0, $1, factor: 0.7, into: $2) })
  }

  @Test("a result may be an operand")
  func resultMayBeOperand() {
    var layout = PaddedLayout()
    let matrix = layout.matrix(rows: 1, columns: 3)
    var arena = layout.arena()
    arena.fill(matrix, with: [-1, 2, 0])
    arena.relu(matrix, into: matrix)
    let positive = arena.elements(of: matrix)
    #expect(positive == [0, 2, 0])
    arena.copy(matrix, into: matrix, .add)
    let doubled = arena.elements(of: matrix)
    #expect(doubled == [0, 4, 0])
  }
}
