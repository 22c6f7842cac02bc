internal import Interchange
internal import Jobs
package import NeuralNetwork
package import Training

/// Decides which epochs are told, and how far the training is.
///
/// Of a run's epochs at most a hundred become events: evenly spread, and the last that is finished.
/// Progress is told at these and otherwise twenty times a second, or less often where telling takes
/// long, so that it costs a twentieth of the time at most.
struct EpochReporter {
  private static let eventsMax = 100
  private static let secondsBetween = 0.05

  private let epochs: Int
  private let rows: Int
  private let stride: Int
  private var dueSeconds = 0.0
  private var beganSeconds = 0.0
  private var toldEventEpoch = 0
  /// What clients have seen of earlier runs; it does not go back while epochs are repeated, so it also
  /// tells the next run which of them were told.
  private var shownEpoch = 0

  /// - Parameters:
  ///   - epochs: How many there will be.
  ///   - rows: Samples of an epoch.
  ///   - progress: What earlier runs of the job have told; their epochs are not told again.
  init(_ epochs: Int, rows: Int, after progress: [UInt8]?) {
    self.epochs = epochs
    self.rows = rows
    // A run that told nothing, or nothing that can be read, is as if there had been none.
    if let progress, let told = try? JSONValue(stored: progress),
      case .integer(let epoch)? = told["epoch"]
    {
      toldEventEpoch = epoch
      shownEpoch = epoch
    }
    stride = (epochs + EpochReporter.eventsMax - 1) / EpochReporter.eventsMax
  }

  private func isEvent(_ epoch: Int) -> Bool { epoch % stride == 0 || epoch == epochs }

  func isDue(_ history: History) -> Bool {
    guard let epoch = history.epoch.last, let seconds = history.seconds.last else { return false }
    return isEvent(epoch) || seconds >= dueSeconds
  }

  /// Tells the end: the last finished epoch, if it has not been told, and that none will follow.
  mutating func end(_ history: History, isFinished: Bool, to control: JobControl) {
    guard let epoch = history.epoch.last else { return }
    // What is told of the last of all epochs says so already.
    if epoch != toldEventEpoch || epoch < epochs {
      report(history, to: control, isEnd: true, isFinished: isFinished)
    }
  }

  mutating func report(
    _ history: History, to control: JobControl, isEnd: Bool = false, isFinished: Bool = false
  ) {
    guard let epoch = history.epoch.last, let seconds = history.seconds.last else { return }
    beganSeconds = seconds
    guard isEnd || epoch >= shownEpoch else { return }
    // A clock's nanosecond at least, so that the speed is finite and fits an integer.
    let speed = Double(epoch) / max(seconds, 1e-9)
    let progress = JSONValue.object([
      JSONValue.Member("epoch", .integer(epoch)),
      JSONValue.Member("epochs", .integer(epochs)),
      JSONValue.Member("fraction", .number(isFinished ? 1 : Double(epoch) / Double(epochs))),
      JSONValue.Member("samples_per_second", .integer(Int(speed * Double(rows)))),
      JSONValue.Member(
        "eta_seconds",
        isFinished ? .number(0) : isEnd ? .null : .number(Double(epochs - epoch) / speed)),
    ])
    let isTold = (isEnd || isEvent(epoch)) && epoch > toldEventEpoch
    if isTold { toldEventEpoch = epoch }
    control.report(
      progress: JSONWriter.write(progress),
      events: isTold
        ? [(type: "epoch", data: JSONWriter.write(history.lastEntry))] : [])
  }

  /// Notes that telling the newest epoch took until now.
  mutating func reported(after seconds: Double) {
    dueSeconds = seconds + max(EpochReporter.secondsBetween, 20 * (seconds - beganSeconds))
  }
}

extension History {
  /// The columns as `GET /jobs/{id}/metrics` answers them.
  package var document: JSONValue {
    document(epoch: { .array($0.map { .integer($0) }) }, column: { .array($0.map { .number($0) }) })
  }

  /// The data of an `epoch` event: the last entry of each column.
  var lastEntry: JSONValue {
    document(
      epoch: { $0.last.map { .integer($0) } ?? .null },
      column: { $0.last.map { .number($0) } ?? .null })
  }

  private func document(
    epoch write: ([Int]) -> JSONValue, column: ([Double]) -> JSONValue
  ) -> JSONValue {
    var members = [
      JSONValue.Member("epoch", write(epoch)),
      JSONValue.Member("train_loss", column(trainLoss)),
    ]
    if !validationLoss.isEmpty {
      members.append(JSONValue.Member("validation_loss", column(validationLoss)))
    }
    members.append(JSONValue.Member("learning_rate", column(learningRate)))
    members.append(JSONValue.Member("seconds", column(seconds)))
    return .object(members)
  }
}
