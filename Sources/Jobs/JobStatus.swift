/// Where a job stands.
///
/// A job ends once, and an ended job stays as it ended.
package enum JobStatus: String, Hashable, Sendable, CaseIterable {
  /// Stored, and waiting for a worker.
  case queued
  /// A worker has claimed it.
  case running
  /// Ended with a result.
  case succeeded
  /// Ended with a ``JobFailure``.
  case failed
  /// Ended because a client asked for it.
  case cancelled

  /// Whether the job has ended.
  package var isTerminal: Bool {
    switch self {
    case .queued, .running: false
    case .succeeded, .failed, .cancelled: true
    }
  }
}
