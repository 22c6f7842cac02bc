internal import Jobs
internal import Training
internal import TrainingJobs

/// The jobs that one caller may see and change: the only way in which a route reaches any.
///
/// Another's job is as if it were not there.
struct CallersJobs: Sendable {
  private let manager: JobManager
  let access: JobAccess
  private let owner: JobOwner?

  /// Those that the access covers; what is submitted belongs to the owner.
  init(_ manager: JobManager, _ access: JobAccess, owner: JobOwner?) {
    self.manager = manager
    self.access = access
    self.owner = owner
  }

  func submit(_ submission: consuming JobSubmission) async throws(JobManagerError) -> Job {
    submission.owner = owner
    return try await manager.submit(consume submission).job
  }

  func job(_ id: JobID) async throws(JobManagerError) -> Job {
    try await manager.job(id, for: access)
  }

  func jobs(matching query: JobQuery) async throws(JobManagerError) -> JobPage {
    try await manager.jobs(matching: query, for: access)
  }

  func details(of id: JobID) async throws(JobManagerError) -> [UInt8]? {
    try await manager.details(of: id, for: access)
  }

  func events(
    of id: JobID, after: Int, limit: Int
  ) async throws(JobManagerError) -> [JobEvent] {
    try await manager.events(of: id, after: after, limit: limit, for: access)
  }

  func cancel(_ id: JobID) async throws(JobManagerError) -> JobCancellation {
    try await manager.cancel(id, for: access)
  }

  func pause(_ id: JobID) async throws(JobManagerError) -> Job {
    try await manager.pause(id, for: access)
  }

  func resume(_ id: JobID) async throws(JobManagerError) -> Job {
    try await manager.resume(id, for: access)
  }

  func delete(_ id: JobID) async throws(JobManagerError) {
    try await manager.delete(id, for: access)
  }

  func waitForEnd(of job: Job, atMost limit: Duration) async throws(JobManagerError) -> Job {
    try await manager.waitForEnd(of: job, atMost: limit)
  }

  /// The job with its newest model; nil if nothing has been trained yet.
  func trained(_ job: Job, _ live: LiveTrainings) async throws -> TrainedJob? {
    try await TrainedJob.find(job, in: manager, live)
  }

  /// The samples that a job was given.
  func dataset(of trained: TrainedJob) async throws -> Dataset {
    try await trained.dataset(in: manager)
  }
}
