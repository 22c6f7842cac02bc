/// A statistic of each feature of the training samples, computed in double in ascending order.
package enum FittedStatistic: Initializer {
  case mean
  /// The root of the mean squared distance from the mean; 1 where that is 0.
  case standardDeviation

  package func values(
    for declaration: ParameterDeclaration, input: Tensor?, from generator: inout SeededGenerator
  ) -> [Float] {
    // Before there are samples, a network alone: nothing is shifted or scaled.
    guard let input else {
      return Array(repeating: self == .mean ? 0 : 1, count: declaration.count)
    }
    return (0..<declaration.count).map { column in
      func mean(_ term: (Double) -> Double) -> Double {
        stride(from: column, to: input.elements.count, by: input.columns)
          .reduce(0) { $0 + term(Double(input.elements[$1])) } / Double(input.rows)
      }
      let center = mean { $0 }
      if self == .mean { return Float(center) }
      let deviation = Float(mean { ($0 - center) * ($0 - center) }.squareRoot())
      return deviation == 0 ? 1 : deviation
    }
  }
}
