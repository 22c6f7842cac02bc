import Glibc
package import HTTPCore

/// Where a server takes the time from; tests give their own.
package struct ServerClock: Sendable {
  /// The present moment.
  package let now: @Sendable () -> Moment

  package init(now: @escaping @Sendable () -> Moment) {
    self.now = now
  }

  /// The machine's clocks: monotonic for deadlines, real time for dates.
  package static let system = ServerClock {
    Moment(
      instant: Instant(nanoseconds: read(CLOCK_MONOTONIC).nanoseconds),
      unixTime: read(CLOCK_REALTIME).seconds)
  }

  /// Milliseconds since 1970.
  static func unixMilliseconds() -> Int64 {
    read(CLOCK_REALTIME).nanoseconds / 1_000_000
  }

  private static func read(_ clock: clockid_t) -> (seconds: Int64, nanoseconds: Int64) {
    var time = timespec()
    // The call writes into a local of its own type and cannot fail for these two clocks.
    _ = unsafe clock_gettime(clock, &time)
    let seconds = Int64(time.tv_sec)
    return (seconds, seconds &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }
}
