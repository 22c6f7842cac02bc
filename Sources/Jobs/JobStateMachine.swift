/// Decides what may happen to a job: an event in, an action out.
///
/// No store, no clock.
///
/// ```
///           claim            finish
///  queued ---------> running -------> succeeded | failed | cancelled
///    |  ^______________|  |______________^       ^
///    |   release, rescue,   the same when cancelled or set back too often
///    |   interrupt                               |
///    |___________________________________________|  cancel
/// ```
///
/// A paused job is queued and not claimed, or running and about to be queued so.
///
/// A store reads the machine from its row, gives it the event, and writes what the action says in
/// the same transaction.
package struct JobStateMachine: Hashable, Sendable {
  /// Where the job stands.
  package private(set) var status: JobStatus
  /// Whether a running job was asked to stop.
  package private(set) var cancelRequested: Bool
  /// Whether it shall wait until it is resumed.
  package private(set) var isPaused: Bool
  /// Grows with each claim.
  package private(set) var epoch: Int
  /// How many claims count against the job.
  package private(set) var attempt: Int
  /// How often the job started again after a crash.
  package private(set) var restarts: Int
  /// Crashes and errors that may pass, since the newest checkpoint or else the submission.
  package private(set) var setbacks: Int

  /// The setback that makes a job fail instead of starting again.
  package static let setbacksMax = 3

  /// How long a job waits after so many setbacks by errors: 10 s, then 40 s.
  package static func delay(afterSetbacks setbacks: Int) -> Duration {
    .seconds(10) * (1 << (2 * min(max(setbacks - 1, 0), 8)))
  }

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
    /// Do nothing, and tell that the job has ended.
    case refuseEndedJob
  }

  /// What goes with a new state.
  package struct Change: Hashable, Sendable {
    /// The events to append, after those of the worker's report.
    package var events: [JobEventDraft]
    /// The failure to write, if the machine itself made the job fail.
    package var failure: JobFailure?
    /// How long the job waits before it may be claimed.
    package var delay: Duration?

    /// Creates a change.
    package init(
      events: [JobEventDraft], failure: JobFailure? = nil, delay: Duration? = nil
    ) {
      self.events = events
      self.failure = failure
      self.delay = delay
    }
  }

  /// Creates the machine of a job that has just been submitted, or of a stored one.
  package init(
    status: JobStatus = .queued, cancelRequested: Bool = false, isPaused: Bool = false,
    epoch: Int = 0, attempt: Int = 0, restarts: Int = 0, setbacks: Int = 0
  ) {
    self.status = status
    self.cancelRequested = cancelRequested
    self.isPaused = isPaused
    self.epoch = epoch
    self.attempt = attempt
    self.restarts = restarts
    self.setbacks = setbacks
  }

  /// The events that a submission writes.
  package static let submissionEvents = [statusEvent(JobStatus.queued.rawValue)]

  /// A worker wants the job.
  package mutating func claim() -> Action {
    guard status == .queued, !isPaused else { return .keep }
    epoch += 1
    attempt += 1
    return move(to: .running)
  }

  /// A worker tells that it is alive, and what it has done.
  ///
  /// What it has done forgives earlier setbacks if a checkpoint makes it last.
  package mutating func renew(epoch: Int, hasCheckpoint: Bool = false) -> Action {
    guard owns(epoch) else { return .refuseStaleClaim }
    if hasCheckpoint { setbacks = 0 }
    return .store(Change(events: []))
  }

  /// A worker has come to an end, with a terminal status.
  package mutating func finish(epoch: Int, as status: JobStatus) -> Action {
    precondition(status.isTerminal, "A job ends with a terminal status")
    guard owns(epoch) else { return .refuseStaleClaim }
    return move(to: status)
  }

  /// A worker gives the job back.
  package mutating func release(epoch: Int, hasCheckpoint: Bool = false) -> Action {
    guard owns(epoch) else { return .refuseStaleClaim }
    attempt -= 1
    if hasCheckpoint { setbacks = 0 }
    return move(to: cancelRequested ? .cancelled : .queued)
  }

  /// A worker met an error that may pass.
  package mutating func interrupt(
    epoch: Int, because failure: JobFailure, hasCheckpoint: Bool = false
  ) -> Action {
    guard owns(epoch) else { return .refuseStaleClaim }
    setbacks = hasCheckpoint ? 1 : setbacks + 1
    if cancelRequested { return move(to: .cancelled) }
    if setbacks >= Self.setbacksMax { return move(to: .failed, because: failure) }
    return move(to: .queued, after: Self.delay(afterSetbacks: setbacks))
  }

  /// A client wants it to stop.
  package mutating func cancel() -> Action {
    switch status {
    case .queued:
      cancelRequested = true
      return move(to: .cancelled)
    case .running where !cancelRequested:
      (cancelRequested, isPaused) = (true, false)
      return .store(Change(events: [Self.statusEvent(Self.cancellingName)]))
    case .running, .succeeded, .failed, .cancelled:
      return .keep
    }
  }

  /// A client wants it to wait until it is resumed.
  package mutating func pause() -> Action {
    switch status {
    case .queued where !isPaused:
      isPaused = true
      return move(to: .queued)
    case .running where !isPaused && !cancelRequested:
      isPaused = true
      return .store(Change(events: [Self.statusEvent(Self.pausingName)]))
    case .queued, .running: return .keep
    case .succeeded, .failed, .cancelled: return .refuseEndedJob
    }
  }

  /// A client wants a paused job to go on.
  package mutating func resume() -> Action {
    if status.isTerminal { return .refuseEndedJob }
    guard isPaused else { return .keep }
    isPaused = false
    return move(to: status)
  }

  /// The worker of the job is gone without a word.
  package mutating func rescue() -> Action {
    guard status == .running else { return .keep }
    setbacks += 1
    if cancelRequested { return move(to: .cancelled) }
    if setbacks >= Self.setbacksMax {
      return move(to: .failed, because: .crashedRepeatedly(crashes: setbacks))
    }
    restarts += 1
    return move(to: .queued)
  }

  /// A client wants it forgotten.
  package func delete() -> Action {
    status.isTerminal ? .remove : .refuseActiveJob
  }

  private static let cancellingName = "cancelling"
  private static let pausingName = "pausing"
  private static let pausedName = "paused"

  private func owns(_ epoch: Int) -> Bool {
    status == .running && epoch == self.epoch
  }

  private mutating func move(
    to status: JobStatus, because failure: JobFailure? = nil, after delay: Duration? = nil
  ) -> Action {
    self.status = status
    if status.isTerminal { isPaused = false }
    var events = [Self.statusEvent(isPaused ? Self.pausedName : status.rawValue)]
    if status.isTerminal {
      events.append(JobEventDraft(type: JobEvent.doneType, data: Array(status.rawValue.utf8)))
    }
    return .store(Change(events: events, failure: failure, delay: delay))
  }

  private static func statusEvent(_ name: String) -> JobEventDraft {
    JobEventDraft(type: JobEvent.statusType, data: Array(name.utf8))
  }
}
