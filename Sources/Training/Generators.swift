package import NeuralNetwork

/// The paper's two problems: points of the plane in two classes.
package enum ProblemGenerator: String, CaseIterable, Sendable {
  /// Standard normal points; 0.8 left and 0.2 right of the line through the origin with slope 4.
  case line

  /// Points uniform in the unit square; 0 inside the circle of radius `1 / sqrt(2 pi)` about the
  /// origin, 1 outside.
  case disc

  /// Draws points and their targets.
  ///
  /// - Parameters:
  ///   - rows: How many, at least 1.
  ///   - seed: The client's seed.
  ///   - split: Each split draws from a stream of its own.
  /// - Returns: Inputs of shape `[rows, 2]` and targets of shape `[rows, 1]`.
  package func samples(rows: Int, seed: UInt64, split: SplitName) -> (
    inputs: Tensor, targets: Tensor
  ) {
    let index = SplitName.allCases.firstIndex(of: split) ?? 0
    var generator = SeededGenerator(seed: seed, purpose: .data, index: index)
    var inputs: [Float] = []
    var targets: [Float] = []
    inputs.reserveCapacity(2 * rows)
    targets.reserveCapacity(rows)
    for _ in 0..<rows {
      let (x, y) = point(&generator)
      inputs += [x, y]
      targets.append(target(x, y))
    }
    return (
      Tensor(shape: [rows, 2], elements: inputs), Tensor(shape: [rows, 1], elements: targets)
    )
  }

  private func point(_ generator: inout SeededGenerator) -> (Float, Float) {
    switch self {
    case .line: (generator.normal(), generator.normal())
    case .disc: (generator.unit(), generator.unit())
    }
  }

  private func target(_ x: Float, _ y: Float) -> Float {
    switch self {
    case .line: 4 * x < y ? 0.8 : 0.2
    case .disc: x * x + y * y < 1 / (2 * .pi) ? 0 : 1
    }
  }
}
