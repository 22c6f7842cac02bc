import CLinux
import Glibc

/// The readiness of many descriptors, by epoll(7).
///
/// A Dispatch source for each connection costs the kernel four calls and two changes of thread for
/// each request. One of these costs a call for as many events as there are, and its own descriptor is
/// readable whenever it has one, so that a single source can watch it.
///
/// Safe: the union in an event is only ever written and read as a number. Unchecked: it is used on its
/// event loop's queue only.
@safe final class Poller: @unchecked Sendable {
  /// What a descriptor is watched for, and what was found.
  struct Readiness: OptionSet {
    let rawValue: UInt32

    static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// Nothing can be read or written any more; found without being asked for.
    static let lost = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
  }

  /// Becomes readable with the first event; to be watched, not read.
  let descriptor: Int32
  private let eventsMax: Int32
  private var events: [epoll_event]

  /// Makes one that takes so many events at once.
  init(eventsAtOnce: Int) {
    eventsMax = Int32(clamping: eventsAtOnce)
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    precondition(descriptor >= 0, "a descriptor for each event loop")
    unsafe events = [epoll_event](repeating: epoll_event(), count: eventsAtOnce)
  }

  deinit {
    _ = close(descriptor)
  }

  /// Begins to watch a descriptor, under a number; closing the descriptor ends it.
  func add(_ watched: Int32, number: UInt64, for wanted: Readiness) {
    control(EPOLL_CTL_ADD, watched, number, wanted)
  }

  /// Changes what a descriptor is watched for.
  func change(_ watched: Int32, number: UInt64, to wanted: Readiness) {
    control(EPOLL_CTL_MOD, watched, number, wanted)
  }

  /// The calls fail only for a descriptor that is not open or for want of kernel memory; a
  /// connection that is then never ready ends by its deadline.
  private func control(
    _ operation: Int32, _ watched: Int32, _ number: UInt64, _ wanted: Readiness
  ) {
    var event = unsafe epoll_event(events: wanted.rawValue, data: epoll_data_t(u64: number))
    _ = unsafe epoll_ctl(descriptor, operation, watched, &event)
  }

  /// Finds what is ready, without waiting, and calls the body for each.
  ///
  /// - Returns: How many were ready.
  func forEachReady(_ body: (_ number: UInt64, _ found: Readiness) -> Void) -> Int {
    let found = unsafe epoll_wait(descriptor, &events, eventsMax, 0)
    let count = max(0, Int(found))
    for index in 0..<count {
      let event = unsafe events[index]
      unsafe body(event.data.u64, Readiness(rawValue: event.events))
    }
    return count
  }
}
