package import Jobs

/// A store that passes everything on to another, but for what a test has it do differently.
package struct StoreWrapper: JobStore {
  /// The store that keeps the jobs.
  package let real: any JobStore
  /// Whether it believes every worker, whatever its epoch: most known queues are like this.
  private let believesEveryone: Bool
  /// Whether whoever uses it can close the other; else it is as a file that outlives its process.
  private let isClosable: Bool
  /// Asked before each renewal; what it returns is thrown.
  package var renewalFault: @Sendable () async -> JobStoreError? = { nil }

  /// Wraps a store.
  package init(
    _ real: any JobStore = InMemoryJobStore(), believesEveryone: Bool = false,
    isClosable: Bool = true
  ) {
    self.real = real
    self.believesEveryone = believesEveryone
    self.isClosable = isClosable
  }

  private func passed(_ claim: JobClaim) async throws(JobStoreError) -> JobClaim {
    guard believesEveryone else { return claim }
    return try await real.job(claim.id)?.claim ?? claim
  }

  package func submit(
    _ new: NewJob, queuedJobsMax: Int
  ) async throws(JobStoreError) -> (job: Job, isReplay: Bool) {
    try await real.submit(new, queuedJobsMax: queuedJobsMax)
  }
  package func checkRoom(
    for owner: JobOwner?, _ idempotency: JobIdempotency?, queuedJobsMax: Int
  ) async throws(JobStoreError) {
    try await real.checkRoom(for: owner, idempotency, queuedJobsMax: queuedJobsMax)
  }
  package func claim(worker: String) async throws(JobStoreError) -> Job? {
    try await real.claim(worker: worker)
  }
  package func timeUntilDue() async throws(JobStoreError) -> Duration? {
    try await real.timeUntilDue()
  }
  package func renew(_ claim: JobClaim, report: JobReport) async throws(JobStoreError) -> Job {
    if let fault = await renewalFault() { throw fault }
    return try await real.renew(passed(claim), report: report)
  }
  package func finish(
    _ claim: JobClaim, as ending: JobEnding, report: JobReport
  ) async throws(JobStoreError) -> Job {
    try await real.finish(passed(claim), as: ending, report: report)
  }
  package func interrupt(
    _ claim: JobClaim, because failure: JobFailure, report: JobReport
  ) async throws(JobStoreError) -> Job {
    try await real.interrupt(passed(claim), because: failure, report: report)
  }
  package func release(_ claim: JobClaim, report: JobReport) async throws(JobStoreError) -> Job {
    try await real.release(passed(claim), report: report)
  }
  package func cancel(
    _ id: JobID, for access: JobAccess
  ) async throws(JobStoreError) -> JobCancellation {
    try await real.cancel(id, for: access)
  }
  package func pause(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job {
    try await real.pause(id, for: access)
  }
  package func resume(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job {
    try await real.resume(id, for: access)
  }
  package func rescue(_ lost: LostJobs) async throws(JobStoreError) -> [Job] {
    try await real.rescue(lost)
  }
  package func delete(_ id: JobID, for access: JobAccess) async throws(JobStoreError) {
    try await real.delete(id, for: access)
  }
  package func purge(
    endedFor age: Duration, limit: Int
  ) async throws(JobStoreError) -> [JobID] {
    try await real.purge(endedFor: age, limit: limit)
  }
  package func job(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job? {
    try await real.job(id, for: access)
  }
  package func jobs(
    matching query: JobQuery, for access: JobAccess
  ) async throws(JobStoreError) -> JobPage {
    try await real.jobs(matching: query, for: access)
  }
  package func details(
    of id: JobID, for access: JobAccess
  ) async throws(JobStoreError) -> [UInt8]? {
    try await real.details(of: id, for: access)
  }
  package func events(
    of id: JobID, after: Int, limit: Int, for access: JobAccess
  ) async throws(JobStoreError) -> [JobEvent] {
    try await real.events(of: id, after: after, limit: limit, for: access)
  }
  package func counts() async throws(JobStoreError) -> JobCounts { try await real.counts() }
  package func close() async { if isClosable { await real.close() } }
}
