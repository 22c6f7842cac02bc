internal import Interchange
internal import Jobs
internal import NeuralNetwork
internal import Training

/// Decides when a training puts down where it stands.
///
/// The first checkpoint is made after ``secondsBeforeFirst``, so that short jobs make none; of a job that
/// was interrupted before after ``secondsBetweenMin``, so that it gets on between two interruptions. The
/// next follow at the interval `sqrt(2 w M)` (Young 1974), with `w` what it takes to store one and `M` the
/// mean time between failures, taken as an hour; never more than a minute apart. A client may choose
/// the interval, and then it holds for the first one too.
struct CheckpointPace {
  static let secondsBeforeFirst = 30.0
  static let secondsBetweenMax = 60.0
  static let secondsBetweenMin = 1.0
  private static let secondsBetweenFailures = 3600.0

  /// A training that took less is repeated sooner than its state is stored.
  private static let secondsWorthKeeping = 1.0

  /// The clock is read so often at least, if steps are short enough.
  private static let secondsBetweenLooks = 0.02

  private let chosenSeconds: Double?
  /// When the wait for the next checkpoint began, and how long it is if none was made since.
  private var begunSeconds: Double
  private var firstSeconds: Double?
  /// Steps between two looks at the clock, and those left until the next.
  private var stride = 1
  private var stepsLeft = 1
  private var lookedAt: Double
  /// Where the training stood at the newest checkpoint.
  private var position: Int
  private var isWaitingForEpoch = false

  /// Begins to wait for the first checkpoint of a run.
  ///
  /// - Parameters:
  ///   - limits: What the client chose.
  ///   - seconds: Now.
  ///   - position: Where the training stands, and needs no checkpoint.
  ///   - wasInterrupted: Whether an earlier run of the job was.
  init(
    _ limits: RunLimits, startingAt seconds: Double, position: Int = 0, wasInterrupted: Bool
  ) {
    self.position = position
    chosenSeconds = limits.checkpointSeconds
    begunSeconds = seconds
    firstSeconds = wasInterrupted ? Self.secondsBetweenMin : Self.secondsBeforeFirst
    lookedAt = seconds
  }

  /// Whether the state that a training ends with is worth keeping, for those who extend it.
  func isWorthKeeping(after seconds: Double) -> Bool {
    chosenSeconds != nil || seconds >= Self.secondsWorthKeeping
  }

  /// Whether it is time; asked at each step, so the clock is read at some only.
  ///
  /// - Parameters:
  ///   - elapsed: Reads the clock.
  ///   - cost: What it took to store the newest checkpoint; nil before it is known.
  /// - Returns: True if a checkpoint should be made now.
  mutating func isDue(at elapsed: () -> Double, storing cost: () -> Duration?) -> Bool {
    stepsLeft -= 1
    guard stepsLeft <= 0 else { return false }
    let now = elapsed()
    let isShort = now - lookedAt < Self.secondsBetweenLooks
    stride = isShort ? min(2 * stride, 1 << 20) : max(1, stride / 2)
    (stepsLeft, lookedAt) = (stride, now)
    return !isWaitingForEpoch && now >= begunSeconds + interval(storing: cost())
  }

  private func interval(storing cost: Duration?) -> Double {
    if let chosenSeconds { return chosenSeconds }
    if let firstSeconds { return firstSeconds }
    guard let cost else { return Self.secondsBetweenMax }
    let best = (2 * (cost / .seconds(1)) * Self.secondsBetweenFailures).squareRoot()
    return min(max(best, Self.secondsBetweenMin), Self.secondsBetweenMax)
  }

  /// A training stopped for a checkpoint; returns whether to make it.
  ///
  /// A validation that is cut begins again, so it is cut once: without this one that takes longer
  /// than the interval would never end.
  mutating func begins(at position: Int) -> Bool {
    isWaitingForEpoch = position == self.position
    self.position = position
    return !isWaitingForEpoch
  }

  mutating func finishedEpoch() { isWaitingForEpoch = false }

  /// A checkpoint was made now.
  mutating func made(at seconds: Double) {
    begunSeconds = seconds
    firstSeconds = nil
  }
}

extension CheckpointDraft {
  /// Where a training stands.
  init(_ trainer: borrowing Trainer) {
    let event = JSONValue.object([
      JSONValue.Member("epoch", .integer(trainer.epoch)),
      JSONValue.Member("step", .integer(trainer.stepsOfEpoch)),
    ])
    self.init(
      step: trainer.position, bytes: trainer.checkpoint,
      event: JobEventDraft(type: "checkpoint", data: JSONWriter.write(event)))
  }
}

/// What a training can go on from.
struct Resumption {
  private let job: ClaimedJob

  init(_ job: ClaimedJob) { self.job = job }

  /// Goes on from the newest checkpoint that can be read, or from the state that the job was given;
  /// without either the training is at its beginning, from where it comes to the same end.
  func resume(_ trainer: inout Trainer, telling control: JobControl) {
    for checkpoint in job.job.checkpoints {
      if resume(
        &trainer, "checkpoint \(checkpoint.step)", control,
        { () throws(BlobStoreError) in
          try job.bytes(of: checkpoint)
        })
      {
        return
      }
    }
    guard job.job.blobs[StoredTraining.stateRole] != nil else { return }
    _ = resume(&trainer, "state of the job that it goes on from", control) {
      () throws(BlobStoreError) in try job.blob(StoredTraining.stateRole)
    }
  }

  private func resume(
    _ trainer: inout Trainer, _ name: String, _ control: JobControl,
    _ read: () throws(BlobStoreError) -> [UInt8]
  ) -> Bool {
    do {
      if let checkpoint = Checkpoint(bytes: try read()), trainer.resume(from: checkpoint) {
        return true
      }
      warn("The \(name) is not of this training, so it is skipped", control)
    } catch {
      warn("The \(name) is skipped: \(error.description)", control)
    }
    return false
  }

  private func warn(_ message: String, _ control: JobControl) {
    let data = JSONValue.object([JSONValue.Member("message", .string(message))])
    control.report(events: [(type: "warning", data: JSONWriter.write(data))])
  }
}
