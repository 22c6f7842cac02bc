#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A moment: whole milliseconds since 1970-01-01 00:00:00 UTC.
package struct JobTime: Hashable, Sendable, Comparable, Codable {
  /// Milliseconds since 1970.
  package let milliseconds: Int64

  /// Creates the moment that many milliseconds after the start of 1970.
  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// Returns the present moment by the wall clock of this machine.
  package static func now() -> JobTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return JobTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// Returns the moment that much later; parts of a millisecond are dropped.
  package static func + (time: JobTime, duration: Duration) -> JobTime {
    let (seconds, attoseconds) = duration.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    return JobTime(milliseconds: time.milliseconds + milliseconds)
  }

  /// Returns how long after the second moment the first is; negative if it is before it.
  package static func - (later: JobTime, earlier: JobTime) -> Duration {
    .milliseconds(later.milliseconds - earlier.milliseconds)
  }

  /// Whether the first moment is before the second.
  package static func < (left: JobTime, right: JobTime) -> Bool {
    left.milliseconds < right.milliseconds
  }
}

/// Where a store reads the time; a test gives one that it moves by hand.
package typealias JobClock = @Sendable () -> JobTime
