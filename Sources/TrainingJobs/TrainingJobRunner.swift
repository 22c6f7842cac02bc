internal import Interchange
package import Jobs
package import NeuralNetwork
package import Training

/// Runs a training job: reads what was stored, trains, reports, gives back the result.
package struct TrainingJobRunner: JobRunner {
  private let live: LiveTrainings
  private let clock = ContinuousClock()

  /// Makes a runner whose trainings can be watched.
  package init(live: LiveTrainings) {
    self.live = live
  }

  package func run(_ job: ClaimedJob, control: JobControl) -> JobOutcome {
    do {
      let stored = try StoredTraining(job.job)
      let dataset = try stored.dataset(try job.blob(StoredTraining.datasetRole))
      let memory = MemoryEstimate(stored.graph, stored.options.hyperparameters, dataset)
      if let refusal = memory.refusal {
        return .failed(JobFailure(code: "over_limit", message: refusal), nil)
      }
      let model =
        job.job.blobs[StoredTraining.initialRole] == nil
        ? Model(graph: stored.graph, seed: stored.options.hyperparameters.seed)
        : try stored.model(try job.blob(StoredTraining.initialRole))
      defer { live.end(job.job.id) }
      return train(job.job.id, model, dataset, stored.options, control)
    } catch let error as StoredTrainingError {
      return .failed(JobFailure(code: error.code, message: error.description), nil)
    } catch let error as BlobStoreError {
      return .failed(JobFailure(code: error.code, message: error.description), nil)
    } catch {
      return .failed(JobFailure(code: "internal_error", message: "\(error)"), nil)
    }
  }

  private func train(
    _ id: JobID, _ model: Model, _ dataset: Dataset, _ options: TrainingOptions,
    _ control: JobControl
  ) -> JobOutcome {
    let start = clock.now
    let elapsed = { (clock.now - start) / .seconds(1) }
    var reporter = EpochReporter(options.hyperparameters.epochs, rows: dataset.train.rows)
    var trainer = Trainer(
      model, on: dataset, options.hyperparameters, elapsedSeconds: elapsed)
    live.update(id, LiveTrainings.Snapshot(model: model, history: trainer.history))
    var failure: JobFailure?
    training: while !trainer.isFinished {
      switch trainer.runEpoch(unless: { control.stopReason != nil }) {
      case .finished:
        if reporter.isDue(trainer.history) {
          live.update(
            id, LiveTrainings.Snapshot(model: trainer.model, history: trainer.history))
          reporter.report(trainer.history, to: control)
          reporter.reported(after: elapsed())
        }
      case .stopped:
        break training
      case .diverged(let step):
        failure = diverged(epoch: trainer.epoch + 1, step: step)
        break training
      }
    }
    // A cancelled job is judged too; a process that ends does not wait for it.
    let metrics = metrics(of: trainer.model, dataset, options) { control.stopReason == .shutdown }
    guard let metrics else { return .released }
    reporter.end(trainer.history, to: control)
    let result = result(trainer.model, trainer.history, metrics)
    if let failure { return .failed(failure, result) }
    return trainer.isFinished ? .succeeded(result) : .cancelled(result)
  }

  private func diverged(epoch: Int, step: Int) -> JobFailure {
    JobFailure(
      code: "diverged",
      message: "The loss was not finite in epoch \(epoch), step \(step); a smaller "
        + "learning_rate may help. The last finite parameters are kept",
      pointer: "#/training/optimizer/learning_rate")
  }

  /// The metrics of each split; nil if somebody stopped their computing.
  private func metrics(
    of model: Model, _ dataset: Dataset, _ options: TrainingOptions, unless shouldStop: () -> Bool
  ) -> JSONValue? {
    var members: [JSONValue.Member] = []
    for split in SplitName.allCases {
      guard let samples = dataset[split: split] else { continue }
      guard let evaluation = Evaluation(model, on: samples, options, unless: shouldStop) else {
        return nil
      }
      members.append(JSONValue.Member(split.rawValue, evaluation.document(model.graph)))
    }
    return .object(members)
  }

  private func result(_ model: Model, _ history: History, _ metrics: JSONValue) -> JobResult {
    let weights = model.bytes
    let summary = JSONValue.object([
      JSONValue.Member("metrics", metrics),
      JSONValue.Member(
        "result", .object([JSONValue.Member("weights_sha256", .string(sha256(weights)))])),
    ])
    return JobResult(
      summary: JSONWriter.write(summary), details: JSONWriter.write(history.document),
      blobs: [StoredTraining.weightsRole: weights])
  }
}

/// Decides which epochs are told, and how far the training is.
///
/// Of a run's epochs at most a hundred become events: evenly spread, and the last that is finished.
/// Progress is told at these and otherwise twenty times a second, or less often where telling takes
/// long, so that it costs a twentieth of the time at most.
private struct EpochReporter {
  private static let eventsMax = 100
  private static let secondsBetween = 0.05

  private let epochs: Int
  private let rows: Int
  private let stride: Int
  private var dueSeconds = 0.0
  private var beganSeconds = 0.0
  private var toldEventEpoch = 0

  init(_ epochs: Int, rows: Int) {
    self.epochs = epochs
    self.rows = rows
    stride = (epochs + EpochReporter.eventsMax - 1) / EpochReporter.eventsMax
  }

  private func isEvent(_ epoch: Int) -> Bool { epoch % stride == 0 || epoch == epochs }

  func isDue(_ history: History) -> Bool {
    guard let epoch = history.epoch.last, let seconds = history.seconds.last else { return false }
    return isEvent(epoch) || seconds >= dueSeconds
  }

  /// Tells the last finished epoch of a training that ends before all are done, or failed.
  mutating func end(_ history: History, to control: JobControl) {
    if let epoch = history.epoch.last, epoch != toldEventEpoch {
      report(history, to: control, isEnd: true)
    }
  }

  mutating func report(_ history: History, to control: JobControl, isEnd: Bool = false) {
    guard let epoch = history.epoch.last, let seconds = history.seconds.last else { return }
    beganSeconds = seconds
    // A clock's nanosecond at least, so that the speed is finite and fits an integer.
    let speed = Double(epoch) / max(seconds, 1e-9)
    let progress = JSONValue.object([
      JSONValue.Member("epoch", .integer(epoch)),
      JSONValue.Member("epochs", .integer(epochs)),
      JSONValue.Member("fraction", .number(Double(epoch) / Double(epochs))),
      JSONValue.Member("samples_per_second", .integer(Int(speed * Double(rows)))),
      JSONValue.Member(
        "eta_seconds", isEnd ? .null : .number(Double(epochs - epoch) / speed)),
    ])
    let isTold = isEnd || isEvent(epoch)
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
  fileprivate var lastEntry: JSONValue {
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
