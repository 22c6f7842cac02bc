/// The elementary functions of one set of kernels, for tests.
///
/// They are compiled here once more from the set's own files, which are linked into this folder.
package enum ElementaryFunction: CaseIterable, Sendable {
  case exp
  case expMinus1
  case log
  case log1p
  case sigmoid
  case tanh
  case erf
  case normalDensity
  case squareRoot

  /// The function's value of each number.
  package func values(of numbers: [Float]) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(numbers.count + Lanes.scalarCount)
    for start in stride(from: 0, to: numbers.count, by: Lanes.scalarCount) {
      var lanes = Lanes.zero
      let count = min(Lanes.scalarCount, numbers.count - start)
      for lane in 0..<count { lanes[lane] = numbers[start + lane] }
      let result = value(of: lanes)
      for lane in 0..<count { values.append(result[lane]) }
    }
    return values
  }

  /// The function's value of one number.
  package func callAsFunction(_ number: Float) -> Float { value(of: Lanes(repeating: number))[0] }

  private func value(of lanes: Lanes) -> Lanes {
    switch self {
    case .exp: Elementary.exp(lanes)
    case .expMinus1: Elementary.expMinus1(lanes)
    case .log: Elementary.log(lanes)
    case .log1p: Elementary.log1p(lanes)
    case .sigmoid: Elementary.sigmoid(lanes)
    case .tanh: Elementary.tanh(lanes)
    case .erf: Elementary.erf(lanes)
    case .normalDensity: Elementary.normalDensity(lanes)
    case .squareRoot: Elementary.squareRoot(lanes)
    }
  }
}
