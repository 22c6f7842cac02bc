import KernelInstructions
import Kernels
import TestSupport
import Testing

/// Products with everything that they begin and end with, against the scalar reference.
@Suite("Product")
struct ProductTests {
  enum Start: CaseIterable { case zero, row, existing }

  /// What is written behind a product, and joins it where it can.
  enum End: CaseIterable { case store, relu, whereAboveZero, descend }

  /// Every number of columns up to one more than two vectors, with each remainder of rows.
  static let narrow = (1...33).map { columns in
    (1...9).flatMap { rows in
      [1, 2, 9].map { Sizes(rows: rows, inner: $0, columns: columns) }
    }
  }

  @Test("equals a chain of fused multiply-adds bit by bit, for narrow results", arguments: narrow)
  func narrowProductEqualsReference(sizes: [Sizes]) {
    for sizes in sizes { expectReference(sizes, Script.Run.alone) }
  }

  @Test("equals a chain of fused multiply-adds bit by bit, up to 70", arguments: Sizes.upTo70)
  func wideProductEqualsReference(sizes: Sizes) {
    expectReference(sizes, Script.Run.alone)
  }

  /// More than 256 products in a sum, and right operands that are packed.
  static let large = [
    Sizes(rows: 3, inner: 257, columns: 5), Sizes(rows: 25, inner: 300, columns: 17),
    Sizes(rows: 9, inner: 513, columns: 33), Sizes(rows: 24, inner: 32, columns: 113),
    Sizes(rows: 31, inner: 259, columns: 129), Sizes(rows: 23, inner: 40, columns: 200),
    // One row or two, which wide strips cover, also as the rest of many.
    Sizes(rows: 1, inner: 30, columns: 300), Sizes(rows: 2, inner: 300, columns: 260),
    Sizes(rows: 26, inner: 20, columns: 280), Sizes(rows: 13, inner: 257, columns: 264),
  ]

  @Test("equals the reference where sums are long or operands packed", arguments: large)
  func largeProductEqualsReference(sizes: Sizes) {
    expectReference(sizes, Script.Run.alone)
  }

  /// Enough work for a team: many strips or few, rows that tiles divide or not.
  static let shared = [
    Sizes(rows: 5, inner: 260, columns: 850), Sizes(rows: 1_201, inner: 29, columns: 31),
    Sizes(rows: 67, inner: 260, columns: 131), Sizes(rows: 130, inner: 65, columns: 129),
  ]

  /// Fewer rows or strips than threads.
  static let scarce = [
    Sizes(rows: 1, inner: 4_000, columns: 129), Sizes(rows: 17, inner: 600, columns: 72),
    Sizes(rows: 32, inner: 300, columns: 500),
  ]

  @Test("equals the reference on more threads than there are rows or strips", arguments: scarce)
  func scarceProductEqualsReference(sizes: Sizes) {
    script(sizes, isAwkward: false)
      .expectReference(
        KernelSet.available.map { Script.Run(set: $0, threads: 8) }, sizes.testDescription)
  }

  @Test("equals the reference on teams of two and three threads", arguments: shared)
  func sharedProductEqualsReference(sizes: Sizes) {
    script(sizes, isAwkward: false)
      .expectReference(Script.Run.all.filter { $0.threads > 1 }, sizes.testDescription)
  }

  private func expectReference(
    _ sizes: Sizes, _ runs: [Script.Run], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for isAwkward in [false, true] {
      script(sizes, isAwkward: isAwkward)
        .expectReference(runs, sizes.testDescription, sourceLocation: sourceLocation)
    }
  }

  /// Products of the same operands with every start and end, of a left operand as it is and
  /// transposed, each with a result of its own.
  private func script(_ sizes: Sizes, isAwkward: Bool) -> Script {
    var numbers = Numbers(seed: sizes.rows * 100 + sizes.columns, isAwkward: isAwkward)
    var script = Script()
    let lefts = [
      script.draw(sizes.rows, sizes.inner, &numbers),
      script.draw(sizes.inner, sizes.rows, &numbers),
    ]
    let right = script.draw(sizes.inner, sizes.columns, &numbers)
    let bias = script.draw(1, sizes.columns, &numbers)
    let rate = script.matrix(1, 4, [0.3, 0, 0, 0])
    let former = numbers(sizes.rows * sizes.columns)
    let mask = script.draw(sizes.rows, sizes.columns, &numbers)
    for (start, end) in Start.allCases.flatMap({ start in End.allCases.map { (start, $0) } }) {
      for (isTransposed, left) in zip([false, true], lefts) {
        let result = script.matrix(sizes.rows, sizes.columns, former)
        let from: Product.Start =
          switch start {
          case .zero: .zero
          case .row: .row(bias)
          case .existing: .existing
          }
        script.append(
          .product(
            Product(
              left: left, isLeftTransposed: isTransposed, right: right, result: result,
              start: from)))
        switch end {
        case .store: break
        case .relu: script.append(.activate(.relu, result, into: result))
        case .whereAboveZero:
          script.append(
            .differentiate(
              Derivative(
                .relu, source: mask, outputGradient: result, inputGradient: result, .replace)))
        case .descend:
          let value = script.matrix(sizes.rows, sizes.columns, former)
          script.append(.update(.descend(value, gradient: result, settings: rate)))
          // A gradient that was joined into the step is nowhere.
          script.forget(result)
        }
      }
    }
    return script
  }

  @Test("the ends are joined to their products, but steps along sums that are stored in between")
  func endsAreJoined() {
    // 24 products. Of the six steps two go along sums that begin with zero.
    for (inner, steps) in [(256, 4), (257, 6)] {
      let sizes = Sizes(rows: 2, inner: inner, columns: 3)
      #expect(script(sizes, isAwkward: false).program.count == 24 + steps)
    }
  }
}
