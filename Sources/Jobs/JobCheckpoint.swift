/// A place from which the run of a job can go on.
package struct JobCheckpoint: Hashable, Sendable {
  /// How far the run was; of two checkpoints of a job the later has the greater.
  package let step: Int
  /// Everything that the runner needs.
  package let blob: BlobID

  /// How many of a job are kept: if the newest cannot be read there is the one before.
  package static let keptMax = 2

  /// Creates a checkpoint.
  package init(step: Int, blob: BlobID) {
    self.step = step
    self.blob = blob
  }
}

/// A checkpoint as a run makes it.
package struct CheckpointDraft: Hashable, Sendable {
  /// How far the run is.
  package let step: Int
  /// Everything that the next run needs.
  package let bytes: [UInt8]
  /// What the event of it says.
  package let event: JobEventDraft

  /// Creates a draft.
  package init(step: Int, bytes: [UInt8], event: JobEventDraft) {
    self.step = step
    self.bytes = bytes
    self.event = event
  }
}

extension Job {
  /// Whether a report has a checkpoint beyond all before: only that is a lasting step, and forgives
  /// setbacks.
  package func isAdvanced(by report: JobReport) -> Bool {
    guard let checkpoint = report.checkpoint else { return false }
    return checkpoints.allSatisfy { $0.step < checkpoint.step }
  }

  /// Adds a checkpoint before the others; those at or beyond its step were of a run that is forgotten.
  package mutating func keep(_ checkpoint: JobCheckpoint) {
    let older = checkpoints.filter { $0.step < checkpoint.step }
    checkpoints = Array(([checkpoint] + older).prefix(JobCheckpoint.keptMax))
  }
}
