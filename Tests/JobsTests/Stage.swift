import Dispatch
import Synchronization
import TestSupport

@testable import Jobs

/// A manager with a runner that does what the test says, on stores in memory.
struct Stage: Sendable {
  static let result = JobResult(summary: [1], details: [2])

  /// Differs from every other pause.
  static let watchInterval: Duration = .milliseconds(10_001)

  let runner: ScriptedRunner
  let store: any JobStore
  let blobs = InMemoryBlobStore()
  let manager: JobManager
  let notices: Notices

  /// - Parameters:
  ///   - workers: How many jobs run at once.
  ///   - script: What each run does; nil means that it waits until the test ends it.
  ///   - pause: How the manager waits; it does not, unless told.
  ///   - isWatched: Whether it waits so between two looks at a run too, which else it never has.
  ///   - store: Where jobs live.
  init(
    workers: Int = 1, script: ScriptedRunner.Script? = nil,
    pause: @escaping @Sendable (Duration) async throws -> Void = { _ in }, isWatched: Bool = false,
    store: any JobStore = InMemoryJobStore()
  ) {
    let notices = Notices()
    var settings = JobManager.Settings()
    settings.watchInterval = Self.watchInterval
    settings.pause = { duration in
      let isLook = duration == Self.watchInterval && !isWatched
      try await isLook ? Stage.untilCancelled(duration) : pause(duration)
    }
    runner = ScriptedRunner(script: script)
    self.store = store
    self.notices = notices
    manager = JobManager(
      store: store, blobs: blobs, runner: runner, workers: workers, settings: settings
    ) { notice in notices.add(notice) }
  }

  /// A pause that only ends by being cut short.
  static let untilCancelled: @Sendable (Duration) async throws -> Void = { _ in
    let (stream, _) = AsyncStream.makeStream(of: Never.self)
    for await _ in stream {}
  }

  /// Waits for the end of a job without the manager's pause.
  func endOf(_ id: JobID) async throws -> Job {
    for await _ in manager.changes(of: id) {
      let job = try await manager.job(id)
      if job.status.isTerminal { return job }
    }
    return try await manager.job(id)
  }

  /// What the manager has told.
  final class Notices: Sendable {
    private let all = Mutex<[JobManagerNotice]>([])

    func add(_ notice: JobManagerNotice) { all.withLock { $0.append(notice) } }

    func withLock<Value: Sendable>(_ body: ([JobManagerNotice]) -> Value) -> Value {
      all.withLock { body($0) }
    }
  }
}

/// A runner whose runs a test sees start and lets end.
final class ScriptedRunner: JobRunner {
  typealias Script = @Sendable (ClaimedJob, JobControl) -> JobOutcome

  private let script: Script?
  private let starts: AsyncStream<ScriptedRun>
  private let starting: AsyncStream<ScriptedRun>.Continuation
  private let count = Atomic<Int>(0)

  init(script: Script?) {
    self.script = script
    (starts, starting) = AsyncStream.makeStream(of: ScriptedRun.self)
  }

  /// How many runs have started.
  var runCount: Int { count.load(ordering: .relaxed) }

  func run(_ job: ClaimedJob, control: JobControl) -> JobOutcome {
    count.add(1, ordering: .relaxed)
    if let script { return script(job, control) }
    let run = ScriptedRun(job: job, control: control)
    starting.yield(run)
    return run.outcome()
  }

  /// Waits for the next run to start.
  func started() async throws -> ScriptedRun {
    for await run in starts { return run }
    throw CancellationError()
  }
}

/// A run that waits until the test ends it.
final class ScriptedRun: Sendable {
  let job: ClaimedJob
  let control: JobControl
  private let decided = DispatchSemaphore(value: 0)
  private let decision = Mutex<JobOutcome>(.released)

  init(job: ClaimedJob, control: JobControl) {
    self.job = job
    self.control = control
  }

  var id: JobID { job.job.id }

  /// Lets the run end.
  func end(_ outcome: JobOutcome) {
    decision.withLock { $0 = outcome }
    decided.signal()
  }

  /// Waits until the run is asked to stop, giving way to others meanwhile.
  func stopRequested() async {
    while control.stopReason == nil { await Task.yield() }
  }

  fileprivate func outcome() -> JobOutcome {
    decided.wait()
    return decision.withLock { $0 }
  }
}
