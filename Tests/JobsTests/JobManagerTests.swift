import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("JobManager", .timeLimit(.minutes(1)))
struct JobManagerTests {
  @Test("a submitted job runs with what was submitted, and ends with what the runner made")
  func runsAJob() async throws {
    let stage = Stage()
    try await stage.manager.start()
    let submission = JobSubmission(name: "disc", request: [1, 2], blobs: ["dataset": [3, 4]])
    let (job, isReplay) = try await stage.manager.submit(submission)
    #expect(job.status == .queued && !isReplay)
    let run = try await stage.runner.started()
    #expect(run.job.job.request == [1, 2])
    #expect(try run.job.blob("dataset") == [3, 4])
    #expect(throws: BlobStoreError.roleMissing("labels")) { try run.job.blob("labels") }
    run.end(.succeeded(JobResult(summary: [5], details: [6], blobs: ["weights": [7]])))
    let ended = try await stage.endOf(job.id)
    #expect(ended.status == .succeeded && ended.summary == [5])
    #expect(try await stage.manager.details(of: job.id) == [6])
    let weights = try #require(ended.blobs["weights"])
    #expect(try await stage.manager.blob(weights) == [7])
    await stage.manager.shutdown()
  }

  @Test("jobs run in the order of submission, as many at once as there are workers")
  func runsInOrder() async throws {
    let stage = Stage(workers: 2)
    try await stage.manager.start()
    var ids: [JobID] = []
    for number in UInt8(0)..<4 {
      ids.append(try await stage.manager.submit(JobSubmission(request: [number])).job.id)
    }
    let first = try await stage.runner.started()
    let second = try await stage.runner.started()
    #expect(Set([first.id, second.id]) == Set(ids[0...1]))
    #expect(try await stage.manager.counts[.running] == 2)
    #expect(try await stage.manager.counts[.queued] == 2)
    second.end(.succeeded(Stage.result))
    let third = try await stage.runner.started()
    #expect(third.id == ids[2])
    first.end(.succeeded(Stage.result))
    let fourth = try await stage.runner.started()
    #expect(fourth.id == ids[3])
    third.end(.succeeded(Stage.result))
    fourth.end(.succeeded(Stage.result))
    for id in ids {
      let ended = try await stage.endOf(id)
      #expect(ended.status == .succeeded)
    }
    await stage.manager.shutdown()
  }

  @Test("a queued job is cancelled at once and never runs; deleting it forgets it")
  func cancelsQueued() async throws {
    let stage = Stage()
    try await stage.manager.start()
    let running = try await stage.manager.submit(JobSubmission(request: [0])).job
    let run = try await stage.runner.started()
    let queued = try await stage.manager.submit(JobSubmission(request: [1])).job
    #expect(try await stage.manager.cancel(queued.id).job.status == .cancelled)
    let refusal = await #expect(throws: JobManagerError.self) {
      try await stage.manager.delete(running.id)
    }
    #expect(refusal == .store(.jobActive(running.id, .running)))
    try await stage.manager.delete(queued.id)
    await #expect(throws: JobManagerError.jobNotFound(queued.id)) {
      try await stage.manager.job(queued.id)
    }
    run.end(.succeeded(Stage.result))
    _ = try await stage.endOf(running.id)
    #expect(stage.runner.runCount == 1)
    await stage.manager.shutdown()
  }

  @Test("a running job is asked to stop, keeps what it made, and stays cancelled")
  func cancelsRunning() async throws {
    let stage = Stage()
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let run = try await stage.runner.started()
    #expect(run.control.stopReason == nil)
    let asked = try await stage.manager.cancel(job.id)
    #expect(asked == .asked(asked.job) && asked.job.cancelRequested)
    #expect(run.control.stopReason == .cancel)
    run.end(.cancelled(Stage.result))
    let ended = try await stage.endOf(job.id)
    #expect(ended.status == .cancelled && ended.summary == Stage.result.summary)
    #expect(try await stage.manager.cancel(job.id) == .alreadyEnded(ended))
    await stage.manager.shutdown()
  }

  @Test("a runner that fails ends the job with its failure")
  func fails() async throws {
    let stage = Stage()
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let failure = JobFailure(
      code: "diverged", message: "The loss is infinite", pointer: "/training")
    try await stage.runner.started().end(.failed(failure, nil))
    let ended = try await stage.endOf(job.id)
    #expect(ended.status == .failed && ended.error == failure)
    await stage.manager.shutdown()
  }

  @Test("a shutdown releases the runs, and the next manager continues")
  func shutdownReleases() async throws {
    let store = StoreWrapper(isClosable: false)
    let first = Stage(store: store)
    try await first.manager.start()
    let job = try await first.manager.submit(JobSubmission(request: [0])).job
    let run = try await first.runner.started()
    async let closed: Void = first.manager.shutdown()
    await run.stopRequested()
    async let closedAgain: Void = first.manager.shutdown()
    #expect(run.control.stopReason == .shutdown)
    // A runner that does not tell the two reasons apart must not cancel an accepted job.
    run.end(.cancelled(nil))
    await closed
    await closedAgain
    #expect(first.notices.withLock(\.last) == .stopped)
    await #expect(throws: JobManagerError.shuttingDown) {
      try await first.manager.submit(JobSubmission(request: [0]))
    }
    let second = Stage(store: store)
    try await second.manager.start()
    let again = try await second.runner.started()
    #expect(again.id == job.id && again.job.job.attempt == 1 && again.job.job.epoch == 2)
    again.end(.succeeded(Stage.result))
    let ended = try await second.endOf(job.id)
    #expect(ended.status == .succeeded && ended.restarts == 0)
    await second.manager.shutdown()
  }

  @Test("a submission that the queue has no room for stores nothing, a replay of one is found")
  func fullQueueStoresNoParts() async throws {
    let stage = Stage()
    let owner = JobOwner(name: "a", queuedJobsMax: 1)
    var submission = JobSubmission(
      request: [0], idempotency: JobIdempotency(key: "k", fingerprint: "f"))
    submission.owner = owner
    let job = try await stage.manager.submit(submission).job
    stage.blobs.failPuts(with: [.unwritable(path: "", errno: 28)])
    var other = JobSubmission(request: [0], blobs: ["dataset": [1]])
    other.owner = owner
    await #expect(throws: JobManagerError.store(.queueQuotaFull(owner: "a", max: 1))) {
      try await stage.manager.submit(other)
    }
    #expect(try await stage.manager.submit(submission).job.id == job.id)
  }

  @Test("a start rescues what a crash left running")
  func startRescues() async throws {
    let store = StoreWrapper(isClosable: false)
    let new = NewJob(id: JobID.next(), request: [])
    _ = try await store.submit(new)
    _ = try await store.claim(worker: "crashed")
    let stage = Stage(store: store)
    try await stage.manager.start()
    let run = try await stage.runner.started()
    #expect(run.id == new.id && run.job.job.restarts == 1)
    run.end(.succeeded(Stage.result))
    _ = try await stage.endOf(new.id)
    await #expect(throws: JobManagerError.alreadyStarted) { try await stage.manager.start() }
    await stage.manager.shutdown()
  }

  @Test("a hundred submissions at once are all stored and all run")
  func manySubmissions() async throws {
    let stage = Stage(workers: 4, script: { _, _ in .succeeded(Stage.result) })
    try await stage.manager.start()
    let ids = try await withThrowingTaskGroup(of: JobID.self) { group in
      for number in 0..<100 {
        group.addTask {
          let submission = JobSubmission(
            request: [UInt8(number)],
            idempotency: JobIdempotency(key: "\(number % 50)", fingerprint: "same"))
          return try await stage.manager.submit(submission).job.id
        }
      }
      return try await group.reduce(into: Set<JobID>()) { $0.insert($1) }
    }
    #expect(ids.count == 50)
    for id in ids {
      let ended = try await stage.endOf(id)
      #expect(ended.status == .succeeded)
    }
    #expect(stage.runner.runCount == 50)
    #expect(try await stage.manager.counts[.succeeded] == 50)
    await stage.manager.shutdown()
  }

  @Test("lists and events refuse a limit outside their range", arguments: [0, 1, 1000, 1001])
  func checksLimits(limit: Int) async throws {
    let stage = Stage()
    let job = try await stage.manager.submit(JobSubmission(request: [])).job
    if JobQuery.limitRange.contains(limit) {
      #expect(try await stage.manager.jobs(matching: JobQuery(limit: limit)).jobs == [job])
    } else {
      await #expect(throws: JobManagerError.limitOutOfRange(limit, allowed: 1...1000)) {
        try await stage.manager.jobs(matching: JobQuery(limit: limit))
      }
    }
    await #expect(throws: JobManagerError.limitOutOfRange(10_001, allowed: 1...10_000)) {
      try await stage.manager.events(of: job.id, after: 0, limit: 10_001)
    }
  }
}
