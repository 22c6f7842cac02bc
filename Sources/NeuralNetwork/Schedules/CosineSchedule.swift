/// `minimum + (rate - minimum) * (1 + cos(pi * epoch / period)) / 2`, as PyTorch's
/// `CosineAnnealingLR`, and the minimum from the end of the period on.
///
/// Source: Loshchilov, Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017).
package struct CosineSchedule: Schedule {
  package static let type = "cosine"

  private let minimum: Double
  /// Nil for all epochs after the warm-up.
  private var period: Int?

  package init?(reading reader: inout ConfigurationReader) {
    minimum = reader.number("minimum", in: 0...1_000_000) ?? 0
    period = reader.integer("period", in: 1...1_000_000)
  }

  package var options: [JSONValue.Member] {
    [
      JSONValue.Member("minimum", .number(minimum)),
      JSONValue.Member("period", period.map { .integer($0) } ?? .null),
    ]
  }

  package func resolved(epochs: Int) -> CosineSchedule {
    var schedule = self
    schedule.period = period ?? max(epochs, 1)
    return schedule
  }

  package func rate(_ rate: Double, epoch: Int, of epochs: Int) -> Double {
    let period = max(period ?? epochs, 1)
    let share = Double(min(epoch, period)) / Double(period)
    return minimum + (rate - minimum) * (1 + cosineOfHalfTurns(share)) / 2
  }

  /// `cos(pi * x)` for `x` from 0 to 1, to about 1e-15: the C library's differs between machines.
  ///
  /// By the Taylor series about 0 of cosine or sine, whichever argument is at most pi / 4.
  private func cosineOfHalfTurns(_ x: Double) -> Double {
    if x > 0.5 { return -cosineOfHalfTurns(1 - x) }
    let isCosine = x <= 0.25
    let angle = Double.pi * (isCosine ? x : 0.5 - x)
    var (sum, term) = (0.0, isCosine ? 1.0 : angle)
    for power in stride(from: isCosine ? 1.0 : 2.0, to: 20, by: 2) {
      sum += term
      term *= -angle * angle / (power * (power + 1))
    }
    return sum
  }
}
