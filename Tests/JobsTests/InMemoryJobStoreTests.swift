import Jobs
import TestSupport
import Testing

@Suite("InMemoryJobStore")
struct InMemoryJobStoreTests {
  @Test("keeps every promise of a store", arguments: JobStoreConformance.promises)
  func keepsPromises(promise: JobStoreConformance.Promise) async throws {
    let clock = HandClock()
    try await promise.check(InMemoryJobStore(clock: clock.read), clock)
  }

  @Test("a store without the epoch in its guard is caught by the conformance suite")
  func brokenStoreIsCaught() async {
    var broken = 0
    for promise in JobStoreConformance.promises {
      let clock = HandClock()
      let store = UnfencedStore(real: InMemoryJobStore(clock: clock.read))
      do {
        try await promise.check(store, clock)
      } catch {
        broken += 1
      }
    }
    #expect(broken > 0)
    await #expect(throws: JobStoreConformance.Violation.self) {
      let clock = HandClock()
      try await JobStoreConformance.compare(
        UnfencedStore(real: InMemoryJobStore(clock: clock.read)),
        with: InMemoryJobStore(clock: clock.read), clock: clock, seed: 1, steps: 2000)
    }
  }
}

/// A store that believes every worker, whatever its epoch: most known queues are like this.
private struct UnfencedStore: JobStore {
  let real: InMemoryJobStore

  private func trusted(_ claim: JobClaim) async throws(JobStoreError) -> JobClaim {
    try await real.job(claim.id)?.claim ?? claim
  }

  func submit(
    _ new: NewJob, queuedJobsMax: Int
  ) async throws(JobStoreError) -> (job: Job, isReplay: Bool) {
    try await real.submit(new, queuedJobsMax: queuedJobsMax)
  }
  func checkRoom(
    for owner: JobOwner?, _ idempotency: JobIdempotency?, queuedJobsMax: Int
  ) async throws(JobStoreError) {
    try await real.checkRoom(for: owner, idempotency, queuedJobsMax: queuedJobsMax)
  }
  func claim(worker: String) async throws(JobStoreError) -> Job? {
    try await real.claim(worker: worker)
  }
  func renew(_ claim: JobClaim, report: JobReport) async throws(JobStoreError) -> Job {
    try await real.renew(trusted(claim), report: report)
  }
  func finish(
    _ claim: JobClaim, as ending: JobEnding, report: JobReport
  ) async throws(JobStoreError) -> Job {
    try await real.finish(trusted(claim), as: ending, report: report)
  }
  func release(_ claim: JobClaim, report: JobReport) async throws(JobStoreError) -> Job {
    try await real.release(trusted(claim), report: report)
  }
  func cancel(
    _ id: JobID, for access: JobAccess
  ) async throws(JobStoreError) -> JobCancellation {
    try await real.cancel(id, for: access)
  }
  func rescue() async throws(JobStoreError) -> [Job] { try await real.rescue() }
  func delete(_ id: JobID, for access: JobAccess) async throws(JobStoreError) {
    try await real.delete(id, for: access)
  }
  func job(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job? {
    try await real.job(id, for: access)
  }
  func jobs(
    matching query: JobQuery, for access: JobAccess
  ) async throws(JobStoreError) -> JobPage {
    try await real.jobs(matching: query, for: access)
  }
  func details(
    of id: JobID, for access: JobAccess
  ) async throws(JobStoreError) -> [UInt8]? {
    try await real.details(of: id, for: access)
  }
  func events(
    of id: JobID, after: Int, limit: Int, for access: JobAccess
  ) async throws(JobStoreError) -> [JobEvent] {
    try await real.events(of: id, after: after, limit: limit, for: access)
  }
  func counts() async throws(JobStoreError) -> JobCounts { try await real.counts() }
  func close() async { await real.close() }
}
