import Synchronization

/// The line between a run and the manager: stop requests go in, reports come out.
///
/// Reports are gathered here and written to the store in batches, so that reporting costs the run
/// one lock and no wait.
package final class JobControl: Sendable {
  private let stop = Atomic<UInt8>(0)
  /// The reasons that a look has told.
  private let seen = Atomic<UInt8>(0)
  private let looks = Atomic<UInt64>(0)
  private let buffer = Mutex(Buffer())
  private let onReport: @Sendable () -> Void

  /// At most so many events wait to be stored; the oldest make room.
  package static let waitingEventsMax = 10_000

  /// Creates a control that nobody has stopped.
  ///
  /// - Parameter onReport: Called on the thread of the run, at the first report after each
  ///   ``take()``.
  package init(onReport: @escaping @Sendable () -> Void = {}) {
    self.onReport = onReport
  }

  /// Why the run shall stop, or nil while it shall go on.
  ///
  /// - Complexity: One relaxed atomic load; read it at every step.
  package var stopReason: StopReason? { StopReason(strongestOf: stop.load(ordering: .relaxed)) }

  /// Why the run shall stop, asked by the run itself, which shows by it that it goes on.
  ///
  /// - Complexity: Some relaxed atomic loads and a store, since nobody else counts; ask at every step.
  package func look() -> StopReason? {
    looks.store(looks.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    let reasons = stop.load(ordering: .relaxed)
    guard reasons != 0 else { return nil }
    seen.bitwiseOr(reasons, ordering: .relaxed)
    return StopReason(strongestOf: reasons)
  }

  /// The strongest reason that the run has heard of, or may still hear of: what its end is judged by.
  var heededReason: StopReason? {
    StopReason(
      strongestOf: stop.load(ordering: .relaxed) | seen.load(ordering: .relaxed))
  }

  /// How often the run has looked.
  var lookCount: UInt64 { looks.load(ordering: .relaxed) }

  /// Asks the run to stop.
  ///
  /// Of several reasons the strongest counts; see ``StopReason``.
  package func requestStop(_ reason: StopReason) {
    stop.bitwiseOr(reason.rawValue, ordering: .relaxed)
  }

  /// Takes a request to pause back, if the run has not heard of it yet; else it is released and runs
  /// again.
  func withdrawPause() {
    stop.bitwiseAnd(~StopReason.pause.rawValue, ordering: .relaxed)
  }

  /// Tells how far the run is, and what happened; it is stored some 100 ms later or at the end.
  ///
  /// - Parameters:
  ///   - progress: Replaces the progress reported before, and is what clients see from now on; nil
  ///     leaves it.
  ///   - events: New events, oldest first. The types `status` and `done` belong to the manager.
  package func report(progress: [UInt8]? = nil, events: [(type: String, data: [UInt8])] = []) {
    let drafts = events.map { JobEventDraft(type: $0.type, data: $0.data) }
    if buffer.withLock({ $0.add(progress: progress, events: drafts) }) { onReport() }
  }

  /// Gives a place that the next run can go on from; a newer one replaces one that is not stored yet.
  ///
  /// It is stored on another thread, with all that was reported before.
  package func report(_ checkpoint: CheckpointDraft) {
    if buffer.withLock({ $0.add(checkpoint) }) { onReport() }
  }

  /// How long the newest checkpoint took to be stored; nil before the first.
  package var checkpointTime: Duration? { buffer.withLock(\.checkpointTime) }

  /// Whether the newest checkpoint is not stored yet; a second one would take memory for little use.
  package var isCheckpointWaiting: Bool { buffer.withLock(\.isCheckpointWaiting) }

  /// Notes how long a checkpoint took to be stored, or nil if it is lost.
  func checkpointStored(in time: Duration?) {
    buffer.withLock { buffer in
      buffer.isCheckpointWaiting = false
      buffer.checkpointTime = time ?? buffer.checkpointTime
    }
  }

  /// The newest progress reported, stored or not.
  package var newestProgress: [UInt8]? { buffer.withLock(\.newestProgress) }

  /// Takes what was reported since the last time, and the checkpoint that waits to be stored.
  package func take() -> (report: JobReport, checkpoint: CheckpointDraft?) {
    buffer.withLock { $0.take() }
  }

  /// Puts back what was taken but could not be stored, before what was reported since.
  func putBack(_ report: JobReport) {
    buffer.withLock { $0.putBack(report) }
  }

  /// What was reported and not taken yet.
  private struct Buffer {
    var newestProgress: [UInt8]?
    var waiting = JobReport()
    var checkpoint: CheckpointDraft?
    var checkpointTime: Duration?
    var isCheckpointWaiting = false
    var isAnnounced = false

    /// Returns whether this is the first report since the last was taken.
    mutating func add(progress: [UInt8]?, events: [JobEventDraft]) -> Bool {
      newestProgress = progress ?? newestProgress
      waiting.progress = progress ?? waiting.progress
      waiting.events += events
      dropOldest()
      defer { isAnnounced = true }
      return !isAnnounced
    }

    mutating func add(_ checkpoint: CheckpointDraft) -> Bool {
      self.checkpoint = checkpoint
      isCheckpointWaiting = true
      defer { isAnnounced = true }
      return !isAnnounced
    }

    mutating func take() -> (JobReport, CheckpointDraft?) {
      defer { (waiting, checkpoint, isAnnounced) = (JobReport(), nil, false) }
      return (waiting, checkpoint)
    }

    mutating func putBack(_ report: JobReport) {
      waiting.progress = waiting.progress ?? report.progress
      waiting.events = report.events + waiting.events
      waiting.checkpoint = waiting.checkpoint ?? report.checkpoint
      waiting.used += report.used
      dropOldest()
      isAnnounced = true
    }

    private mutating func dropOldest() {
      let surplus = waiting.events.count - JobControl.waitingEventsMax
      if surplus > 0 { waiting.events.removeFirst(surplus) }
    }
  }
}
