/// Does what jobs ask for.
package protocol JobRunner: Sendable {
  /// Does one job and says how it ended.
  ///
  /// Called on a worker thread outside Swift's cooperative pool, so it may block and compute. It
  /// asks ``JobControl/look()`` at each step and returns soon after it is set. A job may be
  /// run again if the process ended during it, from one of its ``Job/checkpoints`` or from the start,
  /// so its effects belong in the result.
  func run(_ job: ClaimedJob, control: JobControl) -> JobOutcome
}

/// A running job as its runner sees it.
package struct ClaimedJob: Sendable {
  /// The job, as it was claimed.
  package let job: Job
  private let blobs: any BlobStore

  /// Creates a claimed job that reads its large parts from a store.
  package init(job: Job, blobs: any BlobStore) {
    self.job = job
    self.blobs = blobs
  }

  /// Returns the large part in that role.
  ///
  /// Blocks; call it on a worker thread.
  ///
  /// - Throws: ``BlobStoreError/roleMissing(_:)`` if the job has none in that role, else what
  ///   ``BlobStore/get(_:)`` throws.
  package func blob(_ role: String) throws(BlobStoreError) -> [UInt8] {
    guard let id = job.blobs[role] else { throw .roleMissing(role) }
    return try blobs.get(id)
  }

  /// Returns what a run before this one has put down.
  ///
  /// Blocks; call it on a worker thread.
  ///
  /// - Throws: What ``BlobStore/get(_:)`` throws.
  package func bytes(of checkpoint: JobCheckpoint) throws(BlobStoreError) -> [UInt8] {
    try blobs.get(checkpoint.blob)
  }
}

/// Why a run shall stop before its end; of several reasons the first of this list counts.
package enum StopReason: UInt8, Hashable, Sendable, CaseIterable {
  /// A client cancelled the job, which shall not run again: return ``JobOutcome/cancelled(_:)`` with
  /// what was made so far.
  case cancel = 1
  /// The process ends, or the claim was lost: return ``JobOutcome/released``.
  case shutdown = 2
  /// The job has run as long as it may: return ``JobOutcome/cancelled(_:)`` with what was made so far.
  case timeLimit = 4
  /// The run has not looked for so long that something must be wrong: return
  /// ``JobOutcome/cancelled(_:)`` with what was made so far.
  case stalled = 8
  /// A client wants the job to wait: return ``JobOutcome/released``.
  case pause = 16

  /// The first of the list whose bit is set; nil if none is.
  init?(strongestOf bits: UInt8) {
    guard bits != 0, let reason = Self.allCases.first(where: { bits & $0.rawValue != 0 }) else {
      return nil
    }
    self = reason
  }
}
