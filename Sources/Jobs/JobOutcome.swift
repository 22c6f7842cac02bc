/// What a runner made.
package struct JobResult: Hashable, Sendable {
  /// The short form, read with every look at the job.
  package var summary: [UInt8]
  /// The long form, such as the history; read only by ``JobManager/details(of:)``.
  package var details: [UInt8]
  /// The large parts by role, such as `weights`.
  ///
  /// A role that the submission used is replaced.
  package var blobs: [String: [UInt8]]

  /// Creates a result.
  package init(summary: [UInt8], details: [UInt8], blobs: [String: [UInt8]] = [:]) {
    self.summary = summary
    self.details = details
    self.blobs = blobs
  }
}

/// How a run came to its end.
package enum JobOutcome: Hashable, Sendable {
  /// Everything was done.
  case succeeded(JobResult)
  /// It cannot be done; what was made so far may be kept.
  case failed(JobFailure, JobResult?)
  /// An error that may pass kept it from going on; it shall be tried again.
  case interrupted(JobFailure)
  /// It stopped because of ``StopReason/cancel`` or ``StopReason/timeLimit``; what was made so far may
  /// be kept.
  case cancelled(JobResult?)
  /// It stopped because of ``StopReason/shutdown`` or ``StopReason/pause``, and shall run again.
  case released
}

/// A result whose large parts are stored.
package struct StoredResult: Hashable, Sendable {
  /// The short form.
  package var summary: [UInt8]
  /// The long form.
  package var details: [UInt8]
  /// The stored large parts by role.
  package var blobs: [String: BlobID]

  /// Creates a stored result.
  package init(summary: [UInt8], details: [UInt8], blobs: [String: BlobID] = [:]) {
    self.summary = summary
    self.details = details
    self.blobs = blobs
  }
}

/// How a job ends, as the store writes it.
package enum JobEnding: Hashable, Sendable {
  /// With a result.
  case succeeded(StoredResult)
  /// With a failure, and perhaps with what was made before it.
  case failed(JobFailure, StoredResult?)
  /// Because a client asked for it, and perhaps with what was made before.
  case cancelled(StoredResult?)

  /// The final status.
  package var status: JobStatus {
    switch self {
    case .succeeded: .succeeded
    case .failed: .failed
    case .cancelled: .cancelled
    }
  }

  /// What is kept.
  package var result: StoredResult? {
    switch self {
    case .succeeded(let result): result
    case .failed(_, let result), .cancelled(let result): result
    }
  }

  /// Why it failed.
  package var failure: JobFailure? {
    switch self {
    case .failed(let failure, _): failure
    case .succeeded, .cancelled: nil
    }
  }
}
