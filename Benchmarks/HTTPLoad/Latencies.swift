import Foundation

/// How long requests took.
struct Latencies {
  private var seconds: [Double] = []

  var count: Int { seconds.count }

  mutating func add(_ latency: Double) { seconds.append(latency) }

  /// The time within which that part of the requests was answered; 0 if there were none.
  func quantile(_ part: Double) -> Double {
    let sorted = seconds.sorted()
    guard !sorted.isEmpty else { return 0 }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
  }

  /// The quantile in milliseconds, for a table.
  func milliseconds(_ part: Double) -> String { (1000 * quantile(part)).digits(2) + " ms" }
}

/// The seconds since the machine started.
func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

/// Rests until that moment.
func rest(until moment: Double) {
  let seconds = moment - now()
  if seconds > 0 { Thread.sleep(forTimeInterval: seconds) }
}
