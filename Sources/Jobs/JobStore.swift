/// Where jobs live.
///
/// **Accepted means stored**: what a method returned survives the end of the process and, in a
/// durable store, of the machine.
///
/// Each method is one transaction: it happens whole or not at all, and as if alone. Transitions are
/// decided by ``JobStateMachine``. Every write of a worker carries a ``JobClaim``, and a claim that
/// is not the present one changes nothing. Times come from the store's own clock. Each transition
/// writes its ``JobEvent/statusType`` event, the last one ``JobEvent/doneType`` too, in the same
/// transaction. A job that a caller's ``JobAccess`` does not cover is to it as if it were not there.
/// The conformance suite in TestSupport says all this in code, and every store
/// passes it.
package protocol JobStore: Sendable {
  /// Stores a job as queued, with event 1, and returns it once it is durable.
  ///
  /// With an idempotency key that its owner has used (at most ``JobIdempotency/lifetime`` ago, the
  /// job not deleted) and the same fingerprint, it stores nothing and returns the job of that key.
  ///
  /// - Parameters:
  ///   - new: The job.
  ///   - queuedJobsMax: Stores it only if fewer jobs are queued.
  /// - Returns: The job, and whether it is that of an earlier submission.
  /// - Throws: ``JobStoreError/idempotencyKeyReused(key:)`` if the fingerprint is another,
  ///   ``JobStoreError/queueQuotaFull(owner:max:)`` or ``JobStoreError/queueFull(max:)``, or
  ///   ``JobStoreError/jobNotFound(_:)`` if it goes on from a job that is not there, or not its owner's.
  func submit(
    _ new: NewJob, queuedJobsMax: Int
  ) async throws(JobStoreError) -> (job: Job, isReplay: Bool)

  /// Throws what ``submit(_:queuedJobsMax:)`` would for want of room in the queue or for the key, so
  /// that the large parts of a job that is refused need not be stored first.
  ///
  /// The answer may be another when the job is submitted.
  func checkRoom(
    for owner: JobOwner?, _ idempotency: JobIdempotency?, queuedJobsMax: Int
  ) async throws(JobStoreError)

  /// Claims the queued job that is next, or returns nil if none is due.
  ///
  /// ``FairShare`` chooses the owner; of its jobs that are due and not paused the one of the highest
  /// priority that has waited longest is next. It becomes running with its `epoch` and `attempt` one
  /// higher, and belongs to the worker for ``JobLease/length``.
  func claim(worker: String) async throws(JobStoreError) -> Job?

  /// How long until the first of the queued jobs that are not paused is due; zero if one is, nil if
  /// there is none.
  func timeUntilDue() async throws(JobStoreError) -> Duration?

  /// Writes progress, events and checkpoint of a running job and renews the lease; returns the job as
  /// it is then, so that the worker learns of a request to cancel or to pause.
  ///
  /// Of the checkpoints the newest ``JobCheckpoint/keptMax`` stay until the job ends.
  ///
  /// - Throws: ``JobStoreError/fenced(_:)`` if the claim is over; then nothing was written.
  func renew(_ claim: JobClaim, report: JobReport) async throws(JobStoreError) -> Job

  /// Ends a running job: the last report, the result, the status and done events, all at once.
  ///
  /// - Throws: ``JobStoreError/fenced(_:)`` if the claim is over; then nothing was written.
  func finish(
    _ claim: JobClaim, as ending: JobEnding, report: JobReport
  ) async throws(JobStoreError) -> Job

  /// Puts a running job back after an error that may pass, to be claimed again after a pause, or
  /// fails it after ``JobStateMachine/setbacksMax`` setbacks without a checkpoint between them.
  ///
  /// - Throws: ``JobStoreError/fenced(_:)`` if the claim is over; then nothing was written.
  func interrupt(
    _ claim: JobClaim, because failure: JobFailure, report: JobReport
  ) async throws(JobStoreError) -> Job

  /// Gives a running job back: queued again at its old place, its attempt not counted.
  ///
  /// If it was asked to stop it is cancelled instead.
  ///
  /// - Throws: ``JobStoreError/fenced(_:)`` if the claim is over; then nothing was written.
  func release(_ claim: JobClaim, report: JobReport) async throws(JobStoreError) -> Job

  /// Cancels a queued job at once, asks a running one to stop, leaves an ended one as it is.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)``.
  func cancel(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> JobCancellation

  /// Has a queued job wait, and asks a running one to; does nothing to one that waits.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)`` or ``JobStoreError/jobEnded(_:_:)``.
  func pause(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job

  /// Ends the wait of a paused job; does nothing to one that does not wait.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)`` or ``JobStoreError/jobEnded(_:_:)``.
  func resume(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job

  /// Takes running jobs from workers that are gone, and returns these jobs.
  ///
  /// Each is cancelled if that was asked for, else failed after ``JobStateMachine/setbacksMax``
  /// setbacks without a checkpoint between them, else queued at its old place with `restarts` one
  /// higher.
  func rescue(_ lost: LostJobs) async throws(JobStoreError) -> [Job]

  /// Forgets an ended job, its events, details, blob references and idempotency key.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)`` or ``JobStoreError/jobActive(_:_:)``.
  func delete(_ id: JobID, for access: JobAccess) async throws(JobStoreError)

  /// Forgets jobs that ended so long ago or longer, those that ended first before the others, and
  /// returns their names; at most so many at once, so that others need not wait.
  func purge(endedFor age: Duration, limit: Int) async throws(JobStoreError) -> [JobID]

  /// Returns the job, or nil if there is none of that name.
  func job(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job?

  /// Returns the jobs that a query asks for.
  func jobs(
    matching query: JobQuery, for access: JobAccess
  ) async throws(JobStoreError) -> JobPage

  /// Returns the long form of the result, or nil if the job has none.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)``.
  func details(of id: JobID, for access: JobAccess) async throws(JobStoreError) -> [UInt8]?

  /// Returns at most `limit` events with numbers greater than `after`, in ascending order.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)``.
  func events(
    of id: JobID, after: Int, limit: Int, for access: JobAccess
  ) async throws(JobStoreError) -> [JobEvent]

  /// Returns how many jobs there are, by status, without looking at each.
  func counts() async throws(JobStoreError) -> JobCounts

  /// Waits for what is under way and lets go of everything.
  ///
  /// Later calls throw ``JobStoreError/closed``; closing again does nothing.
  func close() async
}

/// How long a claim holds without a word from its worker.
package enum JobLease {
  /// Thirty seconds; a worker that lives writes three times as often.
  package static let length: Duration = .seconds(30)
}

/// Which running jobs have lost their worker.
package enum LostJobs: Hashable, Sendable {
  /// All: whoever asks is the only one with this store, and runs nothing.
  case all
  /// Those whose lease is over.
  case expired
}

/// What became of a request to cancel.
package enum JobCancellation: Hashable, Sendable {
  /// The job was queued and is cancelled.
  case cancelled(Job)
  /// The job runs and was asked to stop, now or before.
  case asked(Job)
  /// The job had ended and is as it was.
  case alreadyEnded(Job)

  /// The job as it is after the request.
  package var job: Job {
    switch self {
    case .cancelled(let job), .asked(let job), .alreadyEnded(let job): job
    }
  }
}
