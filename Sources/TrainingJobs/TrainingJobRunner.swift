internal import Interchange
package import Jobs
package import Kernels
internal import NeuralNetwork
internal import Training

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
      return train(job, consume model, dataset, stored.options, control)
    } catch let error as StoredTrainingError {
      return .failed(JobFailure(code: error.code, message: error.description), nil)
    } catch let error as BlobStoreError {
      let failure = JobFailure(code: error.code, message: error.description)
      return error.mayPass ? .interrupted(failure) : .failed(failure, nil)
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
    /// Why it was stopped, if it was.
    let stopReason: StopReason?
    /// Where the training stood, if it took long enough to be worth going on from.
    let checkpoint: CheckpointDraft?
    let failure: JobFailure?
  }

  private func train(
    _ job: ClaimedJob, _ model: consuming Model, _ dataset: Dataset, _ options: TrainingOptions,
    _ control: JobControl
  ) -> JobOutcome {
    var reporter = EpochReporter(
      options.hyperparameters.epochs, rows: dataset.train.rows, after: job.job.progress)
    let ending = fit(job, model, dataset, options, control, &reporter)
    // A cancelled job is judged too; one that shall run again is not.
    let metrics =
      ending.stopReason?.isRelease == true
      ? nil
      : metrics(of: ending.model, dataset, options) { control.look()?.isRelease == true }
    guard let metrics else {
      if let checkpoint = ending.checkpoint { control.report(checkpoint) }
      return .released
    }
    reporter.end(ending.history, isFinished: ending.isFinished, to: control)
    let result = result(ending, metrics)
    if let failure = ending.failure { return .failed(failure, result) }
    return ending.isFinished ? .succeeded(result) : .cancelled(result)
  }

  /// Trains to the end, or until it is stopped; nothing but the result is in memory afterwards.
  private func fit(
    _ job: ClaimedJob, _ model: consuming Model, _ dataset: Dataset, _ options: TrainingOptions,
    _ control: JobControl, _ reporter: inout EpochReporter
  ) -> Ending {
    let (id, start) = (job.job.id, clock.now)
    var secondsBefore = 0.0
    let elapsed = { secondsBefore + (clock.now - start) / .seconds(1) }
    let losses = options.losses(of: model.graph)
    var trainer = Trainer(
      copy model, on: dataset, options.hyperparameters, team: threads.team(),
      elapsedSeconds: elapsed)
    Resumption(job).resume(&trainer, telling: control)
    secondsBefore = trainer.history.seconds.last ?? 0
    var pace = CheckpointPace(
      options.run, startingAt: elapsed(), position: trainer.position,
      wasInterrupted: job.job.restarts > 0 || !job.job.checkpoints.isEmpty)
    live.update(id, LiveTrainings.Snapshot(model: trainer.model, history: trainer.history))
    var failure: JobFailure?
    var stopReason: StopReason?
    training: while !trainer.isFinished {
      let end = trainer.runEpoch {
        stopReason = control.look()
        return stopReason != nil
          || pace.isDue(at: elapsed, storing: { control.checkpointTime })
            && !control.isCheckpointWaiting
      }
      switch end {
      case .finished:
        pace.finishedEpoch()
        if reporter.isDue(trainer.history) {
          live.update(
            id, LiveTrainings.Snapshot(model: trainer.model, history: trainer.history))
          reporter.report(trainer.history, to: control)
          reporter.reported(after: elapsed())
        }
      case .stopped where stopReason == nil:
        if pace.begins(at: trainer.position) {
          control.report(CheckpointDraft(trainer))
          pace.made(at: elapsed())
        }
      case .stopped:
        break training
      case .diverged(let step):
        failure = diverged(epoch: trainer.epoch + 1, step: step, losses)
        break training
      }
    }
    let isWorthKeeping =
      pace.isWorthKeeping(after: elapsed()) || stopReason?.isRelease == true
    let checkpoint = failure == nil && isWorthKeeping ? CheckpointDraft(trainer) : nil
    let ending = Ending(
      model: trainer.result, history: trainer.history, bestEpoch: trainer.bestEpoch,
      isFinished: trainer.isFinished, stopReason: stopReason, checkpoint: checkpoint,
      failure: failure)
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
    var blobs = [StoredTraining.weightsRole: weights]
    blobs[StoredTraining.stateRole] = ending.checkpoint?.bytes
    return JobResult(
      summary: JSONWriter.write(summary), details: JSONWriter.write(ending.history.document),
      blobs: blobs)
  }
}

extension StopReason {
  /// Whether the job shall run again.
  fileprivate var isRelease: Bool {
    switch self {
    case .shutdown, .pause: true
    case .cancel, .timeLimit, .stalled: false
    }
  }
}

extension BlobStoreError {
  /// Whether another try may find what this one did not.
  fileprivate var mayPass: Bool {
    switch self {
    case .unreadable, .unwritable: true
    case .missing, .damaged, .roleMissing: false
    }
  }
}
