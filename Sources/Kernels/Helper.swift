internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A thread that runs shares of programs, and sleeps when there are none.
// The work is written by whoever borrowed the helper, before `state` says so, and read by the
// helper's own thread after it has seen that.
final class Helper: @unchecked Sendable {
  /// The share of one run.
  struct Work {
    let task: Team.Task
    let share: Int
    let shares: Int
    let barrier: Barrier
  }

  private enum State {
    static let waiting = 0
    static let started = 1
    static let asleep = 2
    static let ended = 3
  }

  /// Looks for work before it sleeps.
  ///
  /// They take some tenths of a millisecond, in which a step does what is not shared and comes back. To
  /// be woken takes as long on a virtual machine.
  private static let looksMax = 500_000

  private let state = Atomic<Int>(State.waiting)
  private let alarm = DispatchSemaphore(value: 0)
  private var work: Work?

  /// Starts the thread; nil if the system has none left.
  init?() {
    // The thread owns the helper until it ends.
    let owner = unsafe Unmanaged.passRetained(self)
    #if canImport(Darwin)
    var thread: pthread_t?
    #else
    var thread = pthread_t()
    #endif
    let failure = unsafe pthread_create(
      &thread, nil,
      { argument in
        if let argument = unsafe argument as UnsafeMutableRawPointer? {
          unsafe Unmanaged<Helper>.fromOpaque(argument).takeRetainedValue().loop()
        }
        return nil
      }, owner.toOpaque())
    guard failure == 0 else {
      unsafe owner.release()
      return nil
    }
    // Nobody waits for its end.
    #if canImport(Darwin)
    if let thread = unsafe thread { unsafe _ = pthread_detach(thread) }
    #else
    _ = pthread_detach(thread)
    #endif
  }

  /// Gives the helper its share.
  func start(_ work: Work) {
    self.work = work
    change(to: State.started)
  }

  /// Lets the thread end; nobody may give it work any more.
  func end() {
    change(to: State.ended)
  }

  private func change(to new: Int) {
    if state.exchange(new, ordering: .acquiringAndReleasing) == State.asleep { alarm.signal() }
  }

  private func loop() {
    while waitForWork() {
      // It says so before it runs: once all have met behind the last instruction, the next share
      // may come at any moment.
      let taken = work
      state.store(State.waiting, ordering: .releasing)
      guard let taken else { continue }
      let barrier = taken.barrier
      taken.task.run(share: taken.share, of: taken.shares) { barrier.wait(for: taken.shares) }
    }
  }

  /// - Returns: False once it shall end.
  private func waitForWork() -> Bool {
    var looks = 0
    while true {
      switch state.load(ordering: .acquiring) {
      case State.started: return true
      case State.ended: return false
      default: break
      }
      looks += 1
      if looks < Helper.looksMax { continue }
      let (slept, _) = state.compareExchange(
        expected: State.waiting, desired: State.asleep, ordering: .acquiringAndReleasing)
      if slept { alarm.wait() }
      looks = 0
    }
  }
}

/// Where the threads of a team meet behind each instruction.
final class Barrier: Sendable {
  private let arrived = Atomic<Int>(0)
  private let round = Atomic<Int>(0)

  /// Looks before it lets another thread have the core: there may be fewer cores than threads.
  private static let looksMax = 2_000

  /// Returns when so many have come.
  func wait(for count: Int) {
    let present = round.load(ordering: .acquiring)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
      arrived.store(0, ordering: .relaxed)
      round.add(1, ordering: .releasing)
      return
    }
    var looks = 0
    while round.load(ordering: .acquiring) == present {
      looks += 1
      if looks >= Barrier.looksMax { sched_yield() }
    }
  }
}
