internal import KernelInstructions
internal import Synchronization

/// The threads that run one model's programs: the caller's, and helpers for what is large.
///
/// A product is split over its outputs, what works number by number or row by row over its results,
/// and the rest, which is little, left to one thread. So the number of threads changes no bit; it may
/// be another at every step.
package final class Team: Sendable {
  /// Multiplications and additions of a program below which waiting for helpers may cost more than
  /// they save: cores that share no cache take a microsecond to meet.
  package static let sharedWorkMin = 16_000_000

  /// The most threads, the caller's included.
  package let size: Int

  private let pool: ThreadPool?
  private let barrier = Barrier()

  /// Those that it has from the pool at present; kept between runs, so that a run allocates nothing.
  private let helpers = Mutex<[Helper]>([])

  /// The caller's thread alone.
  package static var alone: Team { Team() }

  private init() {
    size = 1
    pool = nil
  }

  fileprivate init(size: Int, pool: ThreadPool) {
    self.size = size
    self.pool = pool
    pool.join()
  }

  deinit {
    helpers.withLock { pool?.leave(giving: &$0) }
  }

  /// The threads that it has at present, the caller's included.
  package var threads: Int { helpers.withLock { $0.count } + 1 }

  /// A program and the memory that it runs on.
  @safe struct Task {
    let code: InstructionCode
    let base: UnsafeMutablePointer<Float>
    /// The arena's numbers, behind which the threads' workspaces lie.
    let size: Int
    let workspaceSize: Int
    let set: KernelSet

    /// Runs the share of one thread.
    func run(share: Int, of shares: Int, waitForOthers: () -> Void) {
      unsafe set.run(
        code, in: base, workspace: size + share * workspaceSize, share: share, of: shares,
        waitForOthers: waitForOthers)
    }
  }

  /// Runs a task to its end on as many threads as pay.
  func run(_ task: Task, work: Int) {
    guard size > 1, work >= Team.sharedWorkMin, let pool else {
      task.run(share: 0, of: 1) {}
      return
    }
    let barrier = barrier
    helpers.withLock { helpers in
      pool.adjust(&helpers, atMost: size - 1)
      let shares = helpers.count + 1
      for index in helpers.indices {
        helpers[index].start(
          Helper.Work(task: task, share: index + 1, shares: shares, barrier: barrier))
      }
      // Behind the last instruction all have met, so nobody touches the memory any more.
      task.run(share: 0, of: shares) { barrier.wait(for: shares) }
    }
  }
}

/// Helpers for all teams of a process, and how they are shared.
package final class ThreadPool: Sendable {
  private struct State {
    var teams = 0
    var idle: [Helper]
  }

  private let threads: Int
  private let teamSizeMax: Int
  private let state: Mutex<State>

  /// Makes a pool.
  ///
  /// - Parameters:
  ///   - threads: How many may compute at once, each team's own included: as many as there are
  ///     cores.
  ///   - teamSizeMax: The most threads of one team; nil for all.
  package init(threads: Int, teamSizeMax: Int? = nil) {
    self.threads = max(threads, 1)
    self.teamSizeMax = max(min(teamSizeMax ?? threads, threads), 1)
    let helpers = self.teamSizeMax == 1 ? 0 : self.threads - 1
    state = Mutex(State(idle: (0..<helpers).compactMap { _ in Helper() }))
  }

  deinit {
    for helper in state.withLock({ $0.idle }) {
      helper.end()
    }
  }

  /// A team that takes its helpers from the pool: an equal part, if there are several teams.
  package func team() -> Team { Team(size: teamSizeMax, pool: self) }

  fileprivate func join() {
    state.withLock { $0.teams += 1 }
  }

  fileprivate func leave(giving helpers: inout [Helper]) {
    state.withLock { state in
      state.teams -= 1
      state.idle += helpers
      helpers = []
    }
  }

  /// Gives a team an equal part of the threads, its own among them, as far as they are idle; takes
  /// back what it has beyond that.
  fileprivate func adjust(_ helpers: inout [Helper], atMost limit: Int) {
    state.withLock { state in
      let part = max(threads / max(state.teams, 1), 1)
      let count = min(limit, part - 1)
      while helpers.count > count, let helper = helpers.popLast() { state.idle.append(helper) }
      while helpers.count < count, let helper = state.idle.popLast() { helpers.append(helper) }
    }
  }
}
