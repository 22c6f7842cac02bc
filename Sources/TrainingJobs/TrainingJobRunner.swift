internal import Interchange
package import Jobs
package import Kernels
package import NeuralNetwork
package import Training

/// Runs a training job: reads what was stored, trains, reports, gives back the result.
package struct TrainingJobRunner: JobRunner {
  private let live: LiveTrainings
  private let threads: ThreadPool
  private let clock = ContinuousClock()

  /// Makes a runner.
  ///
  /// - Parameters:
  ///   - live: Where its trainings can be watched.
  ///   - threads: What its trainings share; by default each has one.
  package init(live: LiveTrainings, threads: ThreadPool = ThreadPool(threads: 1)) {
    self.live = live
    self.threads = threads
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
        ? Model(
          graph: stored.graph, seed: stored.options.hyperparameters.seed,
          fittedTo: dataset.train.inputs)
        : try stored.model(try job.blob(StoredTraining.initialRole))
      defer { live.end(job.job.id) }
      return train(job.job.id, consume model, dataset, stored.options, control)
    } catch let error as StoredTrainingError {
      return .failed(JobFailure(code: error.code, message: error.description), nil)
    } catch let error as BlobStoreError {
      return .failed(JobFailure(code: error.code, message: error.description), nil)
    } catch {
      return .failed(JobFailure(code: "internal_error", message: "\(error)"), nil)
    }
  }

  /// What a training leaves, once its memory is free again.
  private struct Ending {
    let model: Model
    let history: History
    let bestEpoch: Int?
    let isFinished: Bool
    let failure: JobFailure?
  }

  private func train(
    _ id: JobID, _ model: consuming Model, _ dataset: Dataset, _ options: TrainingOptions,
    _ control: JobControl
  ) -> JobOutcome {
    var reporter = EpochReporter(options.hyperparameters.epochs, rows: dataset.train.rows)
    let ending = fit(id, model, dataset, options, control, &reporter)
    // A cancelled job is judged too; a process that ends does not wait for it.
    let metrics = metrics(of: ending.model, dataset, options) { control.stopReason == .shutdown }
    guard let metrics else { return .released }
    reporter.end(ending.history, isFinished: ending.isFinished, to: control)
    let result = result(ending, metrics)
    if let failure = ending.failure { return .failed(failure, result) }
    return ending.isFinished ? .succeeded(result) : .cancelled(result)
  }

  /// Trains to the end, or until it is stopped; nothing but the result is in memory afterwards.
  private func fit(
    _ id: JobID, _ model: consuming Model, _ dataset: Dataset, _ options: TrainingOptions,
    _ control: JobControl, _ reporter: inout EpochReporter
  ) -> Ending {
    let start = clock.now
    let elapsed = { (clock.now - start) / .seconds(1) }
    let losses = options.losses(of: model.graph)
    var trainer = Trainer(
      copy model, on: dataset, options.hyperparameters, team: threads.team(),
      elapsedSeconds: elapsed)
    live.update(id, LiveTrainings.Snapshot(model: model, history: trainer.history))
    var failure: JobFailure?
    training: while !trainer.isFinished {
      switch trainer.runEpoch(unless: { control.stopReason != nil }) {
      case .finished:
        if reporter.isDue(trainer.history) {
          live.update(
            id, LiveTrainings.Snapshot(model: trainer.model(), history: trainer.history))
          reporter.report(trainer.history, to: control)
          reporter.reported(after: elapsed())
        }
      case .stopped:
        break training
      case .diverged(let step):
        failure = diverged(epoch: trainer.epoch + 1, step: step, losses)
        break training
      }
    }
    let ending = Ending(
      model: trainer.result(), history: trainer.history, bestEpoch: trainer.bestEpoch,
      isFinished: trainer.isFinished, failure: failure)
    live.update(id, LiveTrainings.Snapshot(model: ending.model, history: ending.history))
    return ending
  }

  private func diverged(epoch: Int, step: Int, _ losses: [WeightedLoss]) -> JobFailure {
    let isOfProbabilities = losses.contains { $0.loss is BinaryCrossEntropy }
    return JobFailure(
      code: "diverged",
      message: "The loss was not finite in epoch \(epoch), step \(step); a smaller "
        + "learning_rate may help"
        + (isOfProbabilities
          ? ", and bce needs outputs from 0 to 1, such as those of sigmoid, where bce_with_logits needs none"
          : "")
        + ". The last finite parameters are kept",
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

  private func result(_ ending: Ending, _ metrics: JSONValue) -> JobResult {
    let weights = ending.model.bytes
    let summary = JSONValue.object([
      JSONValue.Member("metrics", metrics),
      JSONValue.Member(
        "result",
        .object([
          JSONValue.Member("weights_sha256", .string(sha256(weights))),
          JSONValue.Member("epochs", .integer(ending.history.epoch.count)),
          JSONValue.Member("best_epoch", ending.bestEpoch.map { .integer($0) } ?? .null),
        ])),
    ])
    return JobResult(
      summary: JSONWriter.write(summary), details: JSONWriter.write(ending.history.document),
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
    let isTold = (isEnd || isEvent(epoch)) && epoch != toldEventEpoch
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
