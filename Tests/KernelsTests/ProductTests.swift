import Kernels
import TestSupport
import Testing

@Suite("Product")
struct ProductTests {
  struct Sizes: CustomTestStringConvertible {
    let rows: Int
    let inner: Int
    let columns: Int
    var testDescription: String { "\(rows) x \(inner) x \(columns)" }
  }

  enum Start: CaseIterable { case zero, row, existing }

  /// Every number of columns up to one more than the widest tile, with each remainder of rows.
  static let narrow = (1...33).map { columns in
    (1...5).flatMap { rows in
      [1, 2, 9].map { Sizes(rows: rows, inner: $0, columns: columns) }
    }
  }

  /// Sizes from 1 to 70, each dimension's whole range among them.
  static let wide = (0..<70).map { index in
    Sizes(
      rows: index + 1, inner: (index * 29 + 11) % 70 + 1, columns: (index * 41 + 69) % 70 + 1)
  }

  @Test("equals a chain of fused multiply-adds bit by bit, for narrow results", arguments: narrow)
  func narrowProductEqualsReference(sizes: [Sizes]) {
    for sizes in sizes { check(sizes, seed: sizes.columns) }
  }

  @Test("equals a chain of fused multiply-adds bit by bit, up to 70", arguments: wide)
  func wideProductEqualsReference(sizes: Sizes) {
    check(sizes, seed: sizes.rows)
  }

  @Test("covers a result of 70 x 70")
  func largestProductEqualsReference() {
    check(Sizes(rows: 70, inner: 70, columns: 70), seed: 1)
  }

  @Test("begins with a bias, or with what is there, when it has nothing to add up")
  func startsAreKept() {
    var layout = PaddedLayout()
    let left = layout.matrix(rows: 1, columns: 1)
    let right = layout.matrix(rows: 1, columns: 2)
    let bias = layout.matrix(rows: 1, columns: 2)
    let result = layout.matrix(rows: 1, columns: 2)
    var arena = layout.arena()
    arena.fill(left, with: [2])
    arena.fill(right, with: [3, 5])
    arena.fill(bias, with: [100, 200])
    arena.product(left, right, into: result, from: .row(bias))
    // 100 + 2 * 3    200 + 2 * 5
    let fromBias = arena.elements(of: result)
    #expect(fromBias == [106, 210])
    arena.product(left, right, into: result, from: .existing)
    let fromExisting = arena.elements(of: result)
    #expect(fromExisting == [112, 220])
    arena.product(left, right, into: result)
    let fromZero = arena.elements(of: result)
    #expect(fromZero == [6, 10])
  }

  /// Compares both products, from every start, with ordinary and with awkward numbers.
  private func check(_ sizes: Sizes, seed: Int) {
    var random = SeededRandom(seed: seed)
    for start in Start.allCases {
      for isAwkward in [false, true] {
        func draw(_ rows: Int, _ columns: Int) -> [Float] {
          isAwkward ? random.awkwardFloats(rows * columns) : random.floats(rows * columns)
        }
        check(
          sizes, start, left: draw(sizes.rows, sizes.inner),
          right: draw(sizes.inner, sizes.columns), bias: draw(1, sizes.columns),
          former: draw(sizes.rows, sizes.columns))
      }
    }
  }

  private func check(
    _ sizes: Sizes, _ start: Start, left: [Float], right: [Float], bias: [Float], former: [Float]
  ) {
    let (rows, inner, columns) = (sizes.rows, sizes.inner, sizes.columns)
    var layout = PaddedLayout()
    let leftMatrix = layout.matrix(rows: rows, columns: inner)
    let transposedMatrix = layout.matrix(rows: inner, columns: rows)
    let rightMatrix = layout.matrix(rows: inner, columns: columns)
    let biasMatrix = layout.matrix(rows: 1, columns: columns)
    let result = layout.matrix(rows: rows, columns: columns)
    var arena = layout.arena()
    arena.fill(leftMatrix, with: left)
    arena.fill(
      transposedMatrix,
      with: Numbers(rows: inner, columns: rows) { left[$1 * inner + $0] }.elements)
    arena.fill(rightMatrix, with: right)
    arena.fill(biasMatrix, with: bias)

    let expected = Numbers(rows: rows, columns: columns) { row, column in
      var sum: Float =
        switch start {
        case .zero: 0
        case .row: bias[column]
        case .existing: former[row * columns + column]
        }
      for p in 0..<inner {
        sum.addProduct(left[row * inner + p], right[p * columns + column])
      }
      return sum
    }
    let from: ProductStart =
      switch start {
      case .zero: .zero
      case .row: .row(biasMatrix)
      case .existing: .existing
      }
    arena.fill(result, with: former)
    arena.product(leftMatrix, rightMatrix, into: result, from: from)
    let product = arena.elements(of: result)
    #expect(sameBits(product, expected.elements), "\(start)")

    arena.fill(result, with: former)
    arena.product(transposed: transposedMatrix, rightMatrix, into: result, from: from)
    let transposedProduct = arena.elements(of: result)
    #expect(sameBits(transposedProduct, expected.elements), "transposed, \(start)")
  }
}
