import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("JobManager: pauses, limits, checkpoints", .timeLimit(.minutes(1)))
struct JobManagerContinuationTests {
  private static func checkpoint(_ step: Int) -> CheckpointDraft {
    CheckpointDraft(
      step: step, bytes: [UInt8(step)],
      event: JobEventDraft(type: "checkpoint", data: [UInt8(step)]))
  }

  @Test("a run that shall wait is asked to, released, and runs again once it is resumed")
  func pauses() async throws {
    let stage = Stage()
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let run = try await stage.runner.started()
    #expect(try await stage.manager.pause(job.id).isPaused)
    await run.stopRequested()
    #expect(run.control.stopReason == .pause)
    run.control.report(Self.checkpoint(7))
    run.end(.released)
    for await _ in stage.manager.changes(of: job.id) {
      if try await stage.manager.job(job.id).status == .queued { break }
    }
    #expect(stage.runner.runCount == 1)
    _ = try await stage.manager.resume(job.id)
    let again = try await stage.runner.started()
    #expect(again.job.job.checkpoints.map(\.step) == [7])
    let newest = try #require(again.job.job.checkpoints.first)
    #expect(try again.job.bytes(of: newest) == [7])
    again.end(.succeeded(Stage.result))
    #expect(try await stage.endOf(job.id).restarts == 0)
    await stage.manager.shutdown()
  }

  @Test("a pause that is taken back before the run hears of it changes nothing")
  func pauseTakenBack() async throws {
    let stage = Stage()
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let run = try await stage.runner.started()
    _ = try await stage.manager.pause(job.id)
    _ = try await stage.manager.resume(job.id)
    #expect(run.control.stopReason == nil)
    run.end(.succeeded(Stage.result))
    #expect(try await stage.endOf(job.id).status == .succeeded)
    #expect(stage.runner.runCount == 1)
    await stage.manager.shutdown()
  }

  @Test("a pause that is taken back after the run has heard of it has the job run again")
  func pauseTakenBackLate() async throws {
    let stage = Stage()
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let run = try await stage.runner.started()
    _ = try await stage.manager.pause(job.id)
    #expect(run.control.look() == .pause)
    _ = try await stage.manager.resume(job.id)
    run.end(.released)
    let again = try await stage.runner.started()
    again.end(.succeeded(Stage.result))
    #expect(try await stage.endOf(job.id).status == .succeeded)
    await stage.manager.shutdown()
  }

  @Test("a request to stop that comes during a pause outlives it")
  func reasonsAddUp() {
    let control = JobControl()
    control.requestStop(.pause)
    control.requestStop(.shutdown)
    control.withdrawPause()
    #expect(control.stopReason == .shutdown)
    control.requestStop(.cancel)
    #expect(control.stopReason == .cancel)
  }

  @Test("a run that has worked as long as it may is stopped, what earlier runs worked included")
  func timeLimit() async throws {
    let store = StoreWrapper(isClosable: false)
    var new = NewJob(id: JobID.next(), request: [0])
    new.maxSeconds = 10
    let id = try await store.submit(new).job.id
    let claimed = try #require(try await store.claim(worker: "earlier"))
    _ = try await store.release(claimed.claim, report: JobReport(used: .seconds(4)))
    let waits = Mutex<[Duration]>([])
    let (reached, reach) = AsyncStream.makeStream(of: Never.self)
    let stage = Stage(
      pause: { duration in
        waits.withLock { $0.append(duration) }
        for await _ in reached {}
      }, store: store)
    try await stage.manager.start()
    let run = try await stage.runner.started()
    while !waits.withLock({ $0.contains(.seconds(6)) }) { await Task.yield() }
    #expect(run.control.stopReason == nil)
    reach.finish()
    await run.stopRequested()
    #expect(run.control.stopReason == .timeLimit)
    run.end(.cancelled(Stage.result))
    let ended = try await stage.endOf(id)
    #expect(ended.error == .timeLimit(seconds: 10))
    #expect(ended.summary == Stage.result.summary)
    await stage.manager.shutdown()
  }

  @Test("checkpoints are stored with what was reported before, in order, and cost no run when lost")
  func checkpoints() async throws {
    let stage = Stage()
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let run = try await stage.runner.started()
    run.control.report(progress: [1], events: [(type: "epoch", data: [1])])
    run.control.report(Self.checkpoint(1))
    for await _ in stage.manager.changes(of: job.id) {
      if try await stage.store.job(job.id)?.checkpoints.map(\.step) == [1] { break }
    }
    while run.control.isCheckpointWaiting { await Task.yield() }
    stage.blobs.failPuts(with: [.unwritable(path: "/blobs", errno: 28)])
    run.control.report(Self.checkpoint(2))
    while run.control.isCheckpointWaiting { await Task.yield() }
    run.control.report(Self.checkpoint(3))
    while run.control.isCheckpointWaiting { await Task.yield() }
    run.end(.succeeded(Stage.result))
    let ended = try await stage.endOf(job.id)
    #expect(ended.status == .succeeded && ended.checkpoints.isEmpty)
    let events = try await stage.manager.events(of: job.id, after: 2, limit: 100)
    #expect(events.map(\.type) == ["epoch", "checkpoint", "checkpoint", "status", "done"])
    let lost = stage.notices.withLock { notices in
      notices.filter { if case .checkpointLost = $0 { true } else { false } }
    }
    #expect(lost.count == 1)
    await stage.manager.shutdown()
  }

  @Test("after an error that may pass a job is tried again when it is due, without being asked")
  func triesAgain() async throws {
    let clock = HandClock()
    let (due, become) = AsyncStream.makeStream(of: Void.self)
    let waits = Mutex<[Duration]>([])
    let stage = Stage(
      pause: { duration in
        guard duration >= .seconds(10) else { return }
        waits.withLock { $0.append(duration) }
        for await _ in due { return }
      }, store: InMemoryJobStore(clock: clock.read))
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let failure = JobFailure(code: "disk", message: "The disk is gone")
    for seconds in [10, 40] {
      try await stage.runner.started().end(.interrupted(failure))
      while waits.withLock({ $0.last }) != .seconds(seconds) { await Task.yield() }
      clock.advance(by: .seconds(seconds))
      become.yield()
    }
    try await stage.runner.started().end(.interrupted(failure))
    let ended = try await stage.endOf(job.id)
    #expect(ended.status == .failed && ended.error == failure)
    await stage.manager.shutdown()
  }

  @Test("a run that makes no step for a minute is stopped and told of, one that steps is not")
  func stalls() async throws {
    let (looks, look) = AsyncStream.makeStream(of: Void.self)
    let watched = Atomic<Int>(0)
    let stage = Stage(
      pause: { duration in
        guard duration == Stage.watchInterval else { return }
        watched.add(1, ordering: .relaxed)
        for await _ in looks { return }
      }, isWatched: true)
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let run = try await stage.runner.started()
    func passTenSeconds() async {
      let before = watched.load(ordering: .relaxed)
      look.yield()
      while watched.load(ordering: .relaxed) == before, run.control.stopReason == nil {
        await Task.yield()
      }
    }
    while watched.load(ordering: .relaxed) == 0 { await Task.yield() }
    for _ in 1...20 {
      _ = run.control.look()
      await passTenSeconds()
    }
    for _ in 1...19 { await passTenSeconds() }
    // Ten seconds a step in the mean, so twenty of them are allowed.
    #expect(run.control.stopReason == nil)
    while run.control.stopReason == nil { await passTenSeconds() }
    #expect(run.control.stopReason == .stalled)
    run.end(.cancelled(Stage.result))
    let ended = try await stage.endOf(job.id)
    #expect(ended.error == .stalled && ended.summary == Stage.result.summary)
    let told = stage.notices.withLock { notices in
      notices.contains { if case .stalled(job.id, _) = $0 { true } else { false } }
    }
    #expect(told)
    await stage.manager.shutdown()
  }

  @Test("old jobs are forgotten, and those who keep something of them are told")
  func forgets() async throws {
    let clock = HandClock()
    let store = InMemoryJobStore(clock: clock.read)
    let (looks, look) = AsyncStream.makeStream(of: Void.self)
    var settings = JobManager.Settings()
    settings.keepsEndedJobs = .seconds(86_400)
    settings.upkeepInterval = .seconds(11)
    settings.pause = { duration in
      guard duration == .seconds(11) else { return try await Stage.untilCancelled(duration) }
      for await _ in looks { return }
    }
    let manager = JobManager(
      store: store, blobs: InMemoryBlobStore(),
      runner: ScriptedRunner { _, _ in .succeeded(Stage.result) }, workers: 1, settings: settings)
    let forgotten = Mutex<[JobID]>([])
    manager.onForget { id in forgotten.withLock { $0.append(id) } }
    try await manager.start()
    let job = try await manager.submit(JobSubmission(request: [0])).job
    for await _ in manager.changes(of: job.id) {
      if try await manager.job(job.id).status == .succeeded { break }
    }
    clock.advance(by: .seconds(86_399))
    look.yield()
    look.yield()
    #expect(try await manager.job(job.id).status == .succeeded)
    clock.advance(by: .seconds(1))
    look.yield()
    while forgotten.withLock({ $0 }) != [job.id] { await Task.yield() }
    await #expect(throws: JobManagerError.jobNotFound(job.id)) { try await manager.job(job.id) }
    await manager.shutdown()
  }
}
