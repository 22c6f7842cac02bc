/// One accepted request, with where it stands.
///
/// What the client wrote and what the runner made are opaque bytes here.
package struct Job: Hashable, Sendable {
  /// The name of the job.
  package let id: JobID
  /// What the client calls it.
  package var name: String?
  /// Whose it is; nil if it was submitted by nobody in particular.
  package var owner: String?
  /// Where it stands.
  package var status: JobStatus
  /// Whether a client asked to stop it.
  ///
  /// A running job with this set is shown as `cancelling`.
  package var cancelRequested: Bool
  /// Whether it waits, or is about to wait, until it is resumed.
  package var isPaused: Bool
  /// The job that it goes on from, if there is one; it may have been deleted since.
  package let parent: JobID?
  /// Among the jobs of its owner, those of higher priority are claimed first.
  package let priority: Int
  /// When it was accepted.
  package var createdAt: JobTime
  /// When it was first claimed; a restart does not change it.
  package var startedAt: JobTime?
  /// When it ended.
  package var finishedAt: JobTime?
  /// What the runner needs to know, as it was submitted.
  package var request: [UInt8]
  /// The large parts by role: those submitted, and after the end those of the result.
  package var blobs: [String: BlobID]
  /// Where its run can go on from, the newest first; none once it has ended.
  package var checkpoints: [JobCheckpoint]
  /// The newest progress that the runner reported.
  package var progress: [UInt8]?
  /// The short form of the result.
  package var summary: [UInt8]?
  /// Why it failed; present exactly when the status is `failed`.
  package var error: JobFailure?
  /// How often a crash of the process made it start again.
  package var restarts: Int
  /// How many claims count against it; a release gives one back.
  package var attempt: Int
  /// Grows with each claim; a worker may write only with the present one.
  package var epoch: Int
  /// How long workers have spent on it so far, as they have told.
  package var used: Duration
  /// The longest the job may run, in seconds of the wall clock, if it has a limit of its own.
  package let maxSeconds: Int?

  /// Creates a job as it is right after submission, or with the given values.
  package init(
    id: JobID, name: String? = nil, owner: String? = nil, status: JobStatus = .queued,
    cancelRequested: Bool = false, isPaused: Bool = false, parent: JobID? = nil, priority: Int = 0,
    createdAt: JobTime, startedAt: JobTime? = nil, finishedAt: JobTime? = nil, request: [UInt8],
    blobs: [String: BlobID] = [:], checkpoints: [JobCheckpoint] = [], progress: [UInt8]? = nil,
    summary: [UInt8]? = nil,
    error: JobFailure? = nil, restarts: Int = 0, attempt: Int = 0, epoch: Int = 0,
    used: Duration = .zero, maxSeconds: Int? = nil
  ) {
    self.id = id
    self.name = name
    self.owner = owner
    self.status = status
    self.cancelRequested = cancelRequested
    self.isPaused = isPaused
    self.parent = parent
    self.priority = priority
    self.createdAt = createdAt
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.request = request
    self.blobs = blobs
    self.checkpoints = checkpoints
    self.progress = progress
    self.summary = summary
    self.error = error
    self.restarts = restarts
    self.attempt = attempt
    self.epoch = epoch
    self.used = used
    self.maxSeconds = maxSeconds
  }

  /// The proof of the present claim.
  package var claim: JobClaim { JobClaim(id: id, epoch: epoch) }
}

/// Why a job failed, in words for programs and for people.
package struct JobFailure: Error, Hashable, Sendable {
  /// A stable identifier for programs.
  package let code: String
  /// One sentence for people.
  package let message: String
  /// A JSON pointer into the request, if one place in it is the reason.
  package let pointer: String?

  /// Creates a failure.
  package init(code: String, message: String, pointer: String? = nil) {
    self.code = code
    self.message = message
    self.pointer = pointer
  }

  /// The failure of a job whose process ended under it too often.
  package static func crashedRepeatedly(crashes: Int) -> JobFailure {
    JobFailure(
      code: "crashed_repeatedly",
      message: "The process ended unexpectedly \(crashes) times while this job was running")
  }

  /// The failure of a job that ran as long as it may.
  package static func timeLimit(seconds: Int) -> JobFailure {
    JobFailure(
      code: "time_limit_exceeded",
      message: "The job may run for \(seconds) s and was not done by then; what it had made is kept"
    )
  }

  /// The failure of a job whose run stood still.
  package static let stalled = JobFailure(
    code: "stalled",
    message: "The job made no step for so long that it was stopped; what it had made is kept")

  /// The failure of a job whose runner gave up although nobody had asked it to stop.
  package static let stoppedUnasked = JobFailure(
    code: "stopped_unasked",
    message: "The job stopped before its end although nobody had asked it to")
}

/// The right to write about a running job: its name and the epoch of the claim.
///
/// Every write of a worker carries it. A store refuses a claim that is not the present one, so that
/// a worker that slept through its lease changes nothing.
package struct JobClaim: Hashable, Sendable {
  /// The job.
  package let id: JobID
  /// The epoch that ``JobStore/claim(worker:)`` returned.
  package let epoch: Int

  /// Creates a claim.
  package init(id: JobID, epoch: Int) {
    self.id = id
    self.epoch = epoch
  }
}
