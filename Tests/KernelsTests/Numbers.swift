import KernelInstructions
import TestSupport
import Testing

/// Draws the numbers of one test: ordinary ones or of every kind, NaN and infinities among them.
struct Numbers {
  private var random: SeededRandom
  private let isAwkward: Bool

  init(seed: Int, isAwkward: Bool) {
    random = SeededRandom(seed: seed)
    self.isAwkward = isAwkward
  }

  mutating func callAsFunction(_ count: Int) -> [Float] {
    isAwkward ? random.awkwardFloats(count) : random.floats(count)
  }

  /// Numbers above 0 in a narrow range, as deviations and weights are.
  mutating func positive(_ count: Int) -> [Float] { random.floats(count, in: 0.1...2) }

  mutating func int(_ range: ClosedRange<Int>) -> Int { random.int(range) }
}

/// Sizes of a test.
struct Sizes: CustomTestStringConvertible, Sendable {
  let rows: Int
  let inner: Int
  let columns: Int
  var testDescription: String { "\(rows) x \(inner) x \(columns)" }

  /// Sizes from 1 to 70, each dimension's whole range among them, and the largest in all.
  static let upTo70 =
    (0..<70).map { index in
      Sizes(
        rows: index + 1, inner: (index * 29 + 11) % 70 + 1, columns: (index * 41 + 69) % 70 + 1)
    } + [Sizes(rows: 70, inner: 70, columns: 70), Sizes(rows: 1, inner: 1, columns: 1)]
}
