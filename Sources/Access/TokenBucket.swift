/// Lets so many requests a second pass in the mean, and two seconds' worth of them at once.
struct TokenBucket: Sendable {
  private let rate: Double
  private var tokens: Double
  private var filledAt: Int64

  /// Creates a full bucket.
  ///
  /// - Parameters:
  ///   - rate: Requests a second, above 0.
  ///   - nanoseconds: The time on the clock of every later call.
  init(rate: Double, at nanoseconds: Int64) {
    self.rate = rate
    tokens = Self.capacity(rate)
    filledAt = nanoseconds
  }

  /// At least one request: a lower capacity would let none pass, however long it waits.
  private static func capacity(_ rate: Double) -> Double { max(1, 2 * rate) }

  /// Takes a token; if there is none, returns the whole seconds until there will be one.
  mutating func take(at nanoseconds: Int64) -> Int? {
    let elapsed = Double(max(0, nanoseconds - filledAt)) / 1e9
    tokens = min(Self.capacity(rate), tokens + elapsed * rate)
    filledAt = max(filledAt, nanoseconds)
    guard tokens < 1 else {
      tokens -= 1
      return nil
    }
    return max(1, Int(((1 - tokens) / rate).rounded(.up)))
  }
}
