import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("JobManager: reports, waiting and faults", .timeLimit(.minutes(1)))
struct JobManagerReportingTests {
  @Test("progress is visible before it is stored, and the end stores what is left")
  func progressIsVisibleAtOnce() async throws {
    let stage = Stage(pause: Stage.untilCancelled)
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let run = try await stage.runner.started()
    run.control.report(progress: [9], events: [(type: "epoch", data: [1])])
    #expect(try await stage.manager.job(job.id).progress == [9])
    #expect(try await stage.store.job(job.id)?.progress == nil)
    run.end(.succeeded(Stage.result))
    let ended = try await stage.endOf(job.id)
    #expect(ended.progress == [9])
    let events = try await stage.manager.events(of: job.id, after: 0, limit: 100)
    #expect(events.map(\.type) == ["status", "status", "epoch", "status", "done"])
    #expect(events.map(\.id) == [1, 2, 3, 4, 5])
    await stage.manager.shutdown()
  }

  @Test("reports are stored while the job runs, and wake those who wait for changes")
  func reportsAreStored() async throws {
    let stage = Stage()
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let run = try await stage.runner.started()
    run.control.report(progress: [1], events: [(type: "epoch", data: [1])])
    for await _ in stage.manager.changes(of: job.id) {
      if try await stage.store.job(job.id)?.progress == [1] { break }
    }
    run.control.report(progress: [2], events: [(type: "epoch", data: [2])])
    run.end(.succeeded(Stage.result))
    _ = try await stage.endOf(job.id)
    let events = try await stage.manager.events(of: job.id, after: 2, limit: 100)
    #expect(events.map(\.data) == [[1], [2], Array("succeeded".utf8), Array("succeeded".utf8)])
    await stage.manager.shutdown()
  }

  @Test("waiting ends at the limit, when the Task is cancelled, and when the job is deleted")
  func waitingEnds() async throws {
    let stage = Stage()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let late = try await stage.manager.waitForEnd(of: job, atMost: .zero)
    #expect(late.status == .queued)
    let patient = Stage(pause: Stage.untilCancelled, store: stage.store)
    let waiting = Task { try await patient.manager.waitForEnd(of: job, atMost: .seconds(60)) }
    waiting.cancel()
    #expect(try await waiting.value.status == .queued)
    _ = try await patient.manager.cancel(job.id)
    let ended = try await patient.manager.waitForEnd(of: job, atMost: .seconds(60))
    #expect(ended.status == .cancelled)
    var changes = patient.manager.changes(of: job.id).makeAsyncIterator()
    #expect(await changes.next() != nil)
    try await patient.manager.delete(job.id)
    #expect(await changes.next() == nil)
    #expect(patient.manager.hub.waiting(for: job.id) == 0)
  }

  @Test("a shutdown ends a wait with the job as it was last read; a wait begun later, too")
  func shutdownEndsWaiting() async throws {
    let stage = Stage(pause: Stage.untilCancelled)
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let waiting = Task { try await stage.manager.waitForEnd(of: job, atMost: .seconds(60)) }
    while stage.manager.hub.waiting(for: job.id) == 0 { await Task.yield() }
    await stage.manager.shutdown()
    #expect(try await waiting.value == job)
    #expect(try await stage.manager.waitForEnd(of: job, atMost: .seconds(60)) == job)
  }

  @Test("a result that cannot be stored is tried again until it can")
  func retriesTheEnd() async throws {
    let full = BlobStoreError.unwritable(path: "/blobs", errno: 28)
    let stage = Stage()
    stage.blobs.failPuts(with: [full, full])
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let result = JobResult(summary: [1], details: [], blobs: ["weights": [2]])
    try await stage.runner.started().end(.succeeded(result))
    let ended = try await stage.endOf(job.id)
    #expect(ended.status == .succeeded)
    let notice = JobManagerNotice.retrying(operation: "store the end of a job", .blobs(full))
    #expect(stage.notices.withLock { $0.filter { $0 == notice }.count } == 2)
    await stage.manager.shutdown()
  }

  @Test("a submission whose large part cannot be stored is refused and leaves no job")
  func refusesWithoutBlob() async throws {
    let full = BlobStoreError.unwritable(path: "/blobs", errno: 28)
    let stage = Stage()
    stage.blobs.failPuts(with: [full])
    await #expect(throws: JobManagerError.blobs(full)) {
      try await stage.manager.submit(JobSubmission(request: [0], blobs: ["dataset": [1]]))
    }
    #expect(try await stage.manager.counts == JobCounts())
  }

  @Test("what a worker writes after it lost its claim is dropped, and its run is stopped")
  func dropsStaleWrites() async throws {
    let stage = Stage()
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let run = try await stage.runner.started()
    _ = try await stage.store.rescue()
    let other = try #require(try await stage.store.claim(worker: "other"))
    run.control.report(progress: [6])
    await run.stopRequested()
    #expect(run.control.stopReason == .shutdown)
    run.end(.succeeded(Stage.result))
    // The manager is idle once it has dropped the run; then its shutdown returns.
    let stored = try await stage.store.job(job.id)
    #expect(stored?.status == .running && stored?.epoch == other.epoch && stored?.progress == nil)
    await stage.manager.shutdown()
    let stale = JobManagerNotice.staleWrite(JobClaim(id: job.id, epoch: 1))
    #expect(stage.notices.withLock { $0.contains(stale) })
  }

  // run                manager              store
  // report ----------> renew -------------> (waits)
  // end -------------> waits for the renewal
  //                    puts back <--------- full
  //                    finish with the report
  @Test("what is being stored when the run ends, and fails, is stored with the end")
  func endWaitsForReports() async throws {
    let (gate, opener) = AsyncStream.makeStream(of: Void.self)
    let (entered, entering) = AsyncStream.makeStream(of: Void.self)
    var store = StoreWrapper(isClosable: false)
    store.renewalFault = {
      entering.yield()
      for await _ in gate {}
      return .full(path: "/jobs")
    }
    let stage = Stage(store: store)
    try await stage.manager.start()
    let job = try await stage.manager.submit(JobSubmission(request: [0])).job
    let run = try await stage.runner.started()
    run.control.report(progress: [1], events: [(type: "epoch", data: [1])])
    for await _ in entered { break }
    run.end(.succeeded(Stage.result))
    // Time for an end that does not wait; one that does wait passes in any case.
    for _ in 0..<2000 { await Task.yield() }
    opener.finish()
    _ = try await stage.endOf(job.id)
    let events = try await stage.manager.events(of: job.id, after: 0, limit: 100)
    #expect(events.map(\.type) == ["status", "status", "epoch", "status", "done"])
    await stage.manager.shutdown()
  }
}
