import Jobs
import Synchronization

/// A clock that never steps back, so that the times of one store keep the order of its writes.
///
/// Without it a wall clock set back by an hour would leave jobs that are not due for that hour.
final class MonotoneClock: Sendable {
  private let latest: Mutex<JobTime>
  private let clock: JobClock

  /// Creates a clock that follows another, and starts no earlier than the floor.
  init(following clock: @escaping JobClock, floor: JobTime) {
    self.clock = clock
    latest = Mutex(floor)
  }

  /// Returns the time, or the latest time returned before if that is later.
  func now() -> JobTime {
    let now = clock()
    return latest.withLock { latest in
      latest = max(latest, now)
      return latest
    }
  }
}
