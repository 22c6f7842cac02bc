package import Jobs

/// For tests that tell no callers apart: the same with all jobs in sight and no limit to the queue.
extension JobStore {
  package func submit(
    _ new: NewJob
  ) async throws(JobStoreError) -> (job: Job, isReplay: Bool) {
    try await submit(new, queuedJobsMax: .max)
  }

  package func cancel(_ id: JobID) async throws(JobStoreError) -> JobCancellation {
    try await cancel(id, for: .all)
  }

  package func delete(_ id: JobID) async throws(JobStoreError) {
    try await delete(id, for: .all)
  }

  package func job(_ id: JobID) async throws(JobStoreError) -> Job? {
    try await job(id, for: .all)
  }

  package func jobs(matching query: JobQuery) async throws(JobStoreError) -> JobPage {
    try await jobs(matching: query, for: .all)
  }

  package func details(of id: JobID) async throws(JobStoreError) -> [UInt8]? {
    try await details(of: id, for: .all)
  }

  package func events(
    of id: JobID, after: Int, limit: Int
  ) async throws(JobStoreError) -> [JobEvent] {
    try await events(of: id, after: after, limit: limit, for: .all)
  }

  package func rescue() async throws(JobStoreError) -> [Job] { try await rescue(.all) }

  package func pause(_ id: JobID) async throws(JobStoreError) -> Job {
    try await pause(id, for: .all)
  }

  package func resume(_ id: JobID) async throws(JobStoreError) -> Job {
    try await resume(id, for: .all)
  }
}
