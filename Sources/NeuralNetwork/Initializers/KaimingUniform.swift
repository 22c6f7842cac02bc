/// Uniform in `[-1 / sqrt(fanIn), 1 / sqrt(fanIn))`, which is PyTorch's default for `Linear`, weight
/// and bias alike.
package struct KaimingUniform: Initializer {
  /// The number of inputs that each output sums.
  package let fanIn: Int

  package init(fanIn: Int) {
    self.fanIn = fanIn
  }

  package func values(count: Int, from generator: inout SeededGenerator) -> [Float] {
    let bound = 1 / Float(fanIn).squareRoot()
    return (0..<count).map { _ in (2 * generator.unit() - 1) * bound }
  }
}
