/// A point on a clock that never goes back, in nanoseconds from an origin of its own.
package struct Instant: Sendable, Hashable, Comparable {
  package let nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The instant later by the duration; the last one there is instead of an overflow.
  package func advanced(by duration: Duration) -> Instant {
    let (seconds, attoseconds) = duration.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (offset, overflowOfOffset) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
    let (sum, overflowOfSum) = nanoseconds.addingReportingOverflow(offset)
    let overflows = overflow || overflowOfOffset || overflowOfSum
    return Instant(nanoseconds: overflows ? .max : sum)
  }

  /// The time from the other instant to this one.
  package func duration(since other: Instant) -> Duration {
    .nanoseconds(nanoseconds &- other.nanoseconds)
  }

  package static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

/// The time at which an event happens: for deadlines, and for the `Date` of a response.
package struct Moment: Sendable, Hashable {
  package let instant: Instant
  /// Seconds since 1970.
  package let unixTime: Int64

  package init(instant: Instant, unixTime: Int64) {
    self.instant = instant
    self.unixTime = unixTime
  }
}
