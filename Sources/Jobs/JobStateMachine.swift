/// Decides what may happen to a job: an event in, an action out.
///
/// No store, no clock.
///
/// ```
///           claim            finish
///  queued ---------> running -------> succeeded | failed | cancelled
///    ^  \______________|  \______________^
///    |   release, rescue    release, rescue when cancelled or crashed too often
///    |___________________________________^  cancel
/// ```
///
/// A store reads the machine from its row, gives it the event, and writes what the action says in
/// the same transaction.
package struct JobStateMachine: Hashable, Sendable {
  /// Where the job stands.
  package private(set) var status: JobStatus
  /// Whether a running job was asked to stop.
  package private(set) var cancelRequested: Bool
  /// Grows with each claim.
  package private(set) var epoch: Int
  /// How many claims count against the job.
  package private(set) var attempt: Int
  /// How often the job started again after a crash.
  package private(set) var restarts: Int
  /// Crashes since the job last made a lasting step; without checkpoints, since its submission.
  package private(set) var crashes: Int

  /// The crash that makes a job fail instead of starting again.
  package static let crashesMax = 3

  /// What the owner of the machine has to do.
  package enum Action: Hashable, Sendable {
    /// Write the new state of the machine, and this with it.
    case store(Change)
    /// Forget the job.
    case remove
    /// Do nothing: the job is as it was.
    case keep
    /// Do nothing, and tell that the claim is over.
    case refuseStaleClaim
    /// Do nothing, and tell that the job has not ended.
    case refuseActiveJob
  }

  /// What goes with a new state.
  package struct Change: Hashable, Sendable {
    /// The events to append, after those of the worker's report.
    package var events: [JobEventDraft]
    /// The failure to write, if the machine itself made the job fail.
    package var failure: JobFailure?

    /// Creates a change.
    package init(events: [JobEventDraft], failure: JobFailure? = nil) {
      self.events = events
      self.failure = failure
    }
  }

  /// Creates the machine of a job that has just been submitted, or of a stored one.
  package init(
    status: JobStatus = .queued, cancelRequested: Bool = false, epoch: Int = 0, attempt: Int = 0,
    restarts: Int = 0, crashes: Int = 0
  ) {
    self.status = status
    self.cancelRequested = cancelRequested
    self.epoch = epoch
    self.attempt = attempt
    self.restarts = restarts
    self.crashes = crashes
  }

  /// The events that a submission writes.
  package static let submissionEvents = [statusEvent(JobStatus.queued.rawValue)]

  /// A worker wants the job.
  package mutating func claim() -> Action {
    guard status == .queued else { return .keep }
    epoch += 1
    attempt += 1
    return move(to: .running)
  }

  /// A worker tells that it is alive, and what it has done.
  package func renew(epoch: Int) -> Action {
    guard owns(epoch) else { return .refuseStaleClaim }
    return .store(Change(events: []))
  }

  /// A worker has come to an end, with a terminal status.
  package mutating func finish(epoch: Int, as status: JobStatus) -> Action {
    precondition(status.isTerminal, "A job ends with a terminal status")
    guard owns(epoch) else { return .refuseStaleClaim }
    return move(to: status)
  }

  /// A worker gives the job back.
  package mutating func release(epoch: Int) -> Action {
    guard owns(epoch) else { return .refuseStaleClaim }
    attempt -= 1
    return move(to: cancelRequested ? .cancelled : .queued)
  }

  /// A client wants it to stop.
  package mutating func cancel() -> Action {
    switch status {
    case .queued:
      cancelRequested = true
      return move(to: .cancelled)
    case .running where !cancelRequested:
      cancelRequested = true
      return .store(Change(events: [Self.statusEvent(Self.cancellingName)]))
    case .running, .succeeded, .failed, .cancelled:
      return .keep
    }
  }

  /// The worker of the job is gone without a word.
  package mutating func rescue() -> Action {
    guard status == .running else { return .keep }
    crashes += 1
    if cancelRequested { return move(to: .cancelled) }
    if crashes >= Self.crashesMax {
      return move(to: .failed, because: .crashedRepeatedly(crashes: crashes))
    }
    restarts += 1
    return move(to: .queued)
  }

  /// A client wants it forgotten.
  package func delete() -> Action {
    status.isTerminal ? .remove : .refuseActiveJob
  }

  private static let cancellingName = "cancelling"

  private func owns(_ epoch: Int) -> Bool {
    status == .running && epoch == self.epoch
  }

  private mutating func move(to status: JobStatus, because failure: JobFailure? = nil) -> Action {
    self.status = status
    var events = [Self.statusEvent(status.rawValue)]
    if status.isTerminal {
      events.append(JobEventDraft(type: JobEvent.doneType, data: Array(status.rawValue.utf8)))
    }
    return .store(Change(events: events, failure: failure))
  }

  private static func statusEvent(_ name: String) -> JobEventDraft {
    JobEventDraft(type: JobEvent.statusType, data: Array(name.utf8))
  }
}
