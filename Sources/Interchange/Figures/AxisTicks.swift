/// The round numbers at which an axis is marked, with their texts.
///
/// They are the multiples of 1, 2 or 5 times a power of ten that lie in the axis's range, four to
/// ten of them.
struct AxisTicks: Equatable {
  let marks: [Mark]

  /// One mark of the axis.
  struct Mark: Equatable {
    let value: Double
    let text: String
  }

  /// Finds the marks of a finite range that is not empty; of others there are none.
  init(of range: ClosedRange<Double>) {
    let length = range.upperBound - range.lowerBound
    guard length > 0, length.isFinite, let step = Self.step(for: length) else {
      marks = []
      return
    }
    let low = range.lowerBound / step.size
    let high = range.upperBound / step.size
    // A range that is narrow but far from 0 has no whole multiples that can be told apart.
    guard low.magnitude < 1e9, high.magnitude < 1e9 else {
      marks = []
      return
    }
    let near = Int(low) - 1...Int(high) + 1
    marks = near.filter { low <= Double($0) && Double($0) <= high }.map { multiple in
      Mark(value: Double(multiple) * step.size, text: step.text(of: multiple))
    }
  }

  /// The smallest round step of which at most eight fit in a length.
  private static func step(for length: Double) -> Step? {
    for exponent in -300...300 {
      for digit in [1, 2, 5] {
        let step = Step(digit: digit, exponent: exponent)
        if length / step.size <= 8 { return step }
      }
    }
    return nil
  }

  /// `digit * 10^exponent`.
  private struct Step {
    let digit: Int
    let exponent: Int

    var size: Double { Double("\(digit)e\(exponent)") ?? 1 }

    func text(of multiple: Int) -> String {
      let value = multiple * digit
      if value == 0, !(-4..<0).contains(exponent) { return "0" }
      guard (-4...4).contains(exponent) else { return "\(value)e\(exponent)" }
      guard exponent < 0 else { return String(value) + String(repeating: "0", count: exponent) }
      let digits = String(value.magnitude)
      let padded = String(repeating: "0", count: max(0, 1 - exponent - digits.count)) + digits
      let sign = value < 0 ? "-" : ""
      return sign + padded.dropLast(-exponent) + "." + padded.suffix(-exponent)
    }
  }
}
