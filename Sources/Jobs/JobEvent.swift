/// One entry in the history of a job.
package struct JobEvent: Hashable, Sendable {
  /// Counts the events of one job: 1, 2, 3, without gaps.
  package let id: Int
  /// What kind of event: ``statusType`` and ``doneType`` are written with each transition, all other
  /// types come from the runner.
  package let type: String
  /// When the store wrote it.
  package let createdAt: JobTime
  /// What it says.
  package let data: [UInt8]

  /// The type of the event that each transition writes.
  ///
  /// Its data is the name of the new status, or `cancelling` when a running job was asked to stop.
  package static let statusType = "status"
  /// The type of the last event of every job.
  ///
  /// Its data is the name of the final status.
  package static let doneType = "done"

  /// Creates an event.
  package init(id: Int, type: String, createdAt: JobTime, data: [UInt8]) {
    self.id = id
    self.type = type
    self.createdAt = createdAt
    self.data = data
  }
}

/// An event before the store has given it a number and a time.
package struct JobEventDraft: Hashable, Sendable {
  /// What kind of event.
  package let type: String
  /// What it says.
  package let data: [UInt8]

  /// Creates a draft.
  package init(type: String, data: [UInt8]) {
    self.type = type
    self.data = data
  }
}

/// What a worker has to tell about its job since it last told.
package struct JobReport: Hashable, Sendable {
  /// The newest progress, or nil if it has not changed.
  package var progress: [UInt8]?
  /// New events, oldest first.
  package var events: [JobEventDraft]
  /// A new place to go on from; those at or beyond its step are forgotten.
  package var checkpoint: JobCheckpoint?
  /// How long it has worked, in whole microseconds.
  package var used: Duration

  /// Creates a report; without arguments it says nothing.
  package init(
    progress: [UInt8]? = nil, events: [JobEventDraft] = [], checkpoint: JobCheckpoint? = nil,
    used: Duration = .zero
  ) {
    self.progress = progress
    self.events = events
    self.checkpoint = checkpoint
    self.used = used
  }
}
