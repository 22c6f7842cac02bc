import Interchange
import Jobs
import NeuralNetwork
import Synchronization
import TestSupport
import Testing
import Training
import TrainingJobs

@Suite("Running a training job")
struct TrainingJobRunnerTests {
  private let live = LiveTrainings(workers: 1)

  private func run(_ text: String, _ control: JobControl = JobControl()) async throws -> JobOutcome
  {
    let kept = try await KeptJob(try request(text))
    return TrainingJobRunner(live: live).run(kept.claimed, control: control)
  }

  private static func disc(
    epochs: Int, batchSize: Int = 10, rate: Double = 0.05, validation: Bool = false
  ) -> String {
    requestText(
      network: """
        {"operators": {"1": {"type": "linear", "out_features": 4}, "2": "relu",
                       "3": {"type": "linear", "out_features": 1}},
         "connectivity": {"1": [2], "2": [3], "3": []}}
        """,
      dataset: #"{"generator": "disc", "train": 40, "test": 8"#
        + (validation ? #", "validation": 8}"# : "}"),
      training: """
        {"epochs": \(epochs), "batch_size": \(batchSize),
         "optimizer": {"type": "sgd", "learning_rate": \(rate)}, "seed": 5}
        """)
  }

  @Test("the parameters are the trainer's, bit for bit, and the hash is theirs")
  func sameBitsAsTrainer() async throws {
    let request = try request(Self.disc(epochs: 3))
    var trainer = Trainer(
      request.model, on: request.dataset, request.options.hyperparameters, elapsedSeconds: { 0 })
    while !trainer.isFinished { #expect(trainer.runEpoch(unless: { false }) == .finished) }
    let bytes = trainer.model.bytes
    let result = try succeeded(try await run(Self.disc(epochs: 3)))
    #expect(result.blobs == [StoredTraining.weightsRole: bytes])
    let summary = try json(String(decoding: result.summary, as: UTF8.self))
    #expect(
      summary["result"]?["weights_sha256"] == .string(sha256(bytes)))
    let details = try json(String(decoding: result.details, as: UTF8.self))
    #expect(details["train_loss"] == .array(trainer.history.trainLoss.map { .number($0) }))
  }

  @Test("parameters that the client wrote are those that training begins with")
  func warmStart() async throws {
    let network = """
      {"operators": {"1": {"type": "linear", "weight": [[1, 0]], "bias": [0]}},
       "connectivity": {"1": []}}
      """
    let outcome = try await run(
      requestText(
        network: network,
        training: #"{"epochs": 1, "optimizer": {"type": "sgd", "learning_rate": 0}}"#))
    let weights = try succeeded(outcome).blobs[StoredTraining.weightsRole]
    // 1, 0 and 0 as little-endian 32-bit floats: with a rate of zero they stay.
    #expect(weights == [0, 0, 0x80, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test("the metrics are those of the splits that there are")
  func metricsOfSplits() async throws {
    func splits(_ outcome: JobOutcome) throws -> [String] {
      let summary = try json(String(decoding: try succeeded(outcome).summary, as: UTF8.self))
      guard case .object(let members)? = summary["metrics"] else { return [] }
      return members.map(\.name)
    }
    #expect(try splits(try await run(Self.disc(epochs: 1))) == ["train", "test"])
    #expect(
      try splits(try await run(Self.disc(epochs: 1, validation: true)))
        == ["train", "validation", "test"])
  }

  @Test("the history has a column of validation losses only if there is such a split")
  func historyColumns() async throws {
    func columns(_ outcome: JobOutcome) throws -> [String] {
      let details = try json(String(decoding: try succeeded(outcome).details, as: UTF8.self))
      guard case .object(let members) = details else { return [] }
      return members.map(\.name)
    }
    #expect(
      try columns(try await run(Self.disc(epochs: 2)))
        == ["epoch", "train_loss", "learning_rate", "seconds"])
    #expect(
      try columns(try await run(Self.disc(epochs: 2, validation: true)))
        == ["epoch", "train_loss", "validation_loss", "learning_rate", "seconds"])
  }

  @Test("a job cancelled before it begins takes no step and keeps what it began with")
  func cancelledAtOnce() async throws {
    let control = JobControl()
    control.requestStop(.cancel)
    let outcome = try await run(Self.disc(epochs: 1_000_000), control)
    guard case .cancelled(let result?) = outcome else {
      Issue.record("the outcome is \(outcome)")
      return
    }
    let request = try request(Self.disc(epochs: 1))
    #expect(result.blobs[StoredTraining.weightsRole] == request.model.bytes)
    #expect(try json(String(decoding: result.details, as: UTF8.self))["epoch"] == .array([]))
  }

  @Test("a job cancelled after an epoch takes no further one and keeps its history")
  func cancelledAfterAnEpoch() async throws {
    let control = SelfStopping(.cancel)
    let outcome = try await run(Self.disc(epochs: 1_000_000), control.control)
    guard case .cancelled(let result?) = outcome else {
      Issue.record("the outcome is \(outcome)")
      return
    }
    let details = try json(String(decoding: result.details, as: UTF8.self))
    guard case .array(let epochs)? = details["epoch"] else {
      Issue.record("there is no history")
      return
    }
    // The first report comes after the first epoch, and the stop before the second one's first step.
    #expect(epochs == [.integer(1)])
    let one = try succeeded(try await run(Self.disc(epochs: 1)))
    #expect(result.blobs == one.blobs)
    let report = control.control.take().report
    #expect(report.events.map(\.type) == ["epoch"])
    let progress = try json(String(decoding: report.progress ?? [], as: UTF8.self))
    #expect(progress["epoch"] == .integer(1))
    #expect(progress["eta_seconds"] == .null)
  }

  @Test("a job is released when the process ends, without a result")
  func releasedOnShutdown() async throws {
    let outcome = try await run(Self.disc(epochs: 1_000_000), SelfStopping(.shutdown).control)
    #expect(outcome == .released)
  }

  @Test("a cancel that comes after the last step comes too late")
  func cancelledAfterTheEnd() async throws {
    _ = try succeeded(try await run(Self.disc(epochs: 1), SelfStopping(.cancel).control))
  }

  @Test("a shutdown that comes before the metrics releases the job")
  func releasedBeforeMetrics() async throws {
    let outcome = try await run(Self.disc(epochs: 1), SelfStopping(.shutdown).control)
    #expect(outcome == .released)
  }

  @Test("a diverged job fails, says where, and keeps finite parameters and its history")
  func diverged() async throws {
    let outcome = try await run(Self.disc(epochs: 100, rate: 1_000))
    guard case .failed(let failure, let result?) = outcome else {
      Issue.record("the outcome is \(outcome)")
      return
    }
    #expect(failure.code == "diverged")
    #expect(failure.pointer == "#/training/optimizer/learning_rate")
    #expect(
      failure.message.wholeMatch(of: #/The loss was not finite in epoch \d+, step \d+; .*/#) != nil)
    let stored = try StoredTraining(try await KeptJob(try request(Self.disc(epochs: 1))).job)
    let model = try stored.model(try #require(result.blobs[StoredTraining.weightsRole]))
    #expect(model.parameters.allSatisfy { $0.elements.allSatisfy(\.isFinite) })
    let details = try json(String(decoding: result.details, as: UTF8.self))
    #expect(details["epoch"] != nil)
  }

  @Test(
    "at most a hundred epochs are events, evenly spread, and the last one",
    arguments: [1, 2, 99, 100, 101, 199, 250, 1_000])
  func epochEvents(epochs: Int) async throws {
    let control = JobControl()
    _ = try succeeded(try await run(Self.disc(epochs: epochs, batchSize: 40), control))
    let events = control.take().report.events
    #expect(events.allSatisfy { $0.type == "epoch" })
    let told = try events.map { event -> Int in
      guard
        case .integer(let epoch)? = try json(String(decoding: event.data, as: UTF8.self))["epoch"]
      else { return 0 }
      return epoch
    }
    let stride = (epochs + 99) / 100
    #expect(told == (1...epochs).filter { $0 % stride == 0 || $0 == epochs })
    #expect(told.count <= 101)
  }

  @Test("an event tells the epoch's entry of each column")
  func eventData() async throws {
    let control = JobControl()
    _ = try succeeded(try await run(Self.disc(epochs: 2, validation: true), control))
    let event = try #require(control.take().report.events.last)
    let data = try json(String(decoding: event.data, as: UTF8.self))
    guard case .object(let members) = data else {
      Issue.record("an event is an object")
      return
    }
    #expect(
      members.map(\.name) == ["epoch", "train_loss", "validation_loss", "learning_rate", "seconds"])
    #expect(data["epoch"] == .integer(2))
    #expect(data["learning_rate"] == .number(0.05))
  }

  @Test("progress tells whole samples per second, and ends at 1")
  func progress() async throws {
    let control = JobControl()
    _ = try succeeded(try await run(Self.disc(epochs: 4), control))
    let progress = try json(
      String(decoding: try #require(control.newestProgress), as: UTF8.self))
    #expect(progress["epoch"] == .integer(4))
    #expect(progress["epochs"] == .integer(4))
    #expect(progress["fraction"] == .number(1))
    #expect(progress["eta_seconds"] == .number(0))
    guard case .integer(let speed)? = progress["samples_per_second"] else {
      Issue.record("samples_per_second is \(text(progress["samples_per_second"]))")
      return
    }
    #expect(speed > 0)
  }

  @Test("those who look on see the newest model while the job runs, and a while after")
  func liveModel() async throws {
    let kept = try await KeptJob(try request(Self.disc(epochs: 2)))
    #expect(live[kept.job.id] == nil)
    let seen = Mutex<[Int]>([])
    let control = JobControl { [live] in
      seen.withLock { $0.append(live[kept.job.id]?.history.epoch.last ?? 0) }
    }
    let outcome = TrainingJobRunner(live: live).run(kept.claimed, control: control)
    #expect(seen.withLock { $0 } == [1])
    let result = try succeeded(outcome)
    let snapshot = try #require(live[kept.job.id])
    #expect(snapshot.history.epoch == [1, 2])
    #expect(snapshot.model.bytes == result.blobs[StoredTraining.weightsRole])
  }

  /// From 0 towards 4, half of the way in each epoch, judged by 3: the second epoch is the best.
  private static func towardsFour(epochs: Int, patience: Int) -> String {
    requestText(
      network: """
        {"operators": {"1": {"type": "linear", "weight": [[0]], "bias": false}},
         "connectivity": {"1": []}}
        """,
      dataset: """
        {"train": {"inputs": [[1]], "targets": [[4]]},
         "validation": {"inputs": [[1]], "targets": [[3]]}}
        """,
      training: """
        {"epochs": \(epochs), "optimizer": {"type": "sgd", "learning_rate": 0.25},
         "early_stopping": {"patience": \(patience)}}
        """)
  }

  /// 3 as a little-endian 32-bit float.
  private static let three: [UInt8] = [0, 0, 0x40, 0x40]

  @Test("a job that stops early ends with the best epoch's parameters, and says which it was")
  func stopsEarly() async throws {
    let control = JobControl()
    let kept = try await KeptJob(try request(Self.towardsFour(epochs: 1_000, patience: 5)))
    let outcome = TrainingJobRunner(live: live).run(kept.claimed, control: control)
    let result = try succeeded(outcome)
    #expect(result.blobs[StoredTraining.weightsRole] == Self.three)
    let summary = try json(String(decoding: result.summary, as: UTF8.self))
    #expect(
      text(summary["result"])
        == #"{"weights_sha256":"\#(sha256(Self.three))","epochs":7,"best_epoch":2}"#)
    // The metrics are those of the result, not of the last epoch.
    #expect(summary["metrics"]?["validation"]?["loss"] == .number(0))
    #expect(summary["metrics"]?["train"]?["loss"] == .number(1))
    let details = try json(String(decoding: result.details, as: UTF8.self))
    #expect(text(details["epoch"]) == "[1,2,3,4,5,6,7]")
    #expect(live[kept.job.id]?.model.bytes == Self.three)
    #expect(live[kept.job.id]?.history.epoch.count == 7)
  }

  @Test("the progress of a job that stopped early ends at 1, with its last epoch as an event")
  func progressOfEarlyStop() async throws {
    let control = JobControl()
    _ = try succeeded(try await run(Self.towardsFour(epochs: 1_000, patience: 5), control))
    let report = control.take().report
    let progress = try json(String(decoding: try #require(report.progress), as: UTF8.self))
    #expect(progress["epoch"] == .integer(7))
    #expect(progress["epochs"] == .integer(1_000))
    #expect(progress["fraction"] == .number(1))
    #expect(progress["eta_seconds"] == .number(0))
    let last = try #require(report.events.last)
    #expect(try json(String(decoding: last.data, as: UTF8.self))["epoch"] == .integer(7))
    // Stopped just where an epoch is told anyway, the progress ends at 1 too.
    let control10 = JobControl()
    _ = try succeeded(try await run(Self.towardsFour(epochs: 700, patience: 5), control10))
    let told = control10.take().report
    let end = try json(String(decoding: try #require(told.progress), as: UTF8.self))
    #expect(end["fraction"] == .number(1))
    #expect(end["eta_seconds"] == .number(0))
    #expect(told.events.count == 1)
  }

  @Test("a job that could have stopped early ends with the best epoch's parameters anyway")
  func bestAfterAllEpochs() async throws {
    let result = try succeeded(try await run(Self.towardsFour(epochs: 4, patience: 10)))
    #expect(result.blobs[StoredTraining.weightsRole] == Self.three)
    let summary = try json(String(decoding: result.summary, as: UTF8.self))
    #expect(summary["result"]?["epochs"] == .integer(4))
    #expect(summary["result"]?["best_epoch"] == .integer(2))
  }

  @Test("a cancelled job with early stopping keeps the best epoch's parameters")
  func cancelledWithEarlyStopping() async throws {
    let control = SelfStopping(.cancel, afterReports: 4)
    let outcome = try await run(
      Self.towardsFour(epochs: 100, patience: 100), control.control)
    guard case .cancelled(let result?) = outcome else {
      Issue.record("the outcome is \(outcome)")
      return
    }
    #expect(result.blobs[StoredTraining.weightsRole] == Self.three)
    let summary = try json(String(decoding: result.summary, as: UTF8.self))
    #expect(summary["result"]?["epochs"] == .integer(4))
    #expect(summary["result"]?["best_epoch"] == .integer(2))
  }

  @Test("without early stopping there is no best epoch")
  func noBestEpoch() async throws {
    let result = try succeeded(try await run(Self.disc(epochs: 3)))
    let summary = try json(String(decoding: result.summary, as: UTF8.self))
    #expect(summary["result"]?["epochs"] == .integer(3))
    #expect(summary["result"]?["best_epoch"] == .null)
  }

  @Test("a job that cannot be read fails with the reason")
  func unreadable() async throws {
    let runner = TrainingJobRunner(live: live)
    let broken = try await KeptJob(JobSubmission(request: Array("{}".utf8)))
    guard case .failed(let failure, nil) = runner.run(broken.claimed, control: JobControl()) else {
      Issue.record("a broken job must fail")
      return
    }
    #expect(failure.code == "stored_job_unreadable")
    var submission = try request(Self.disc(epochs: 1)).submission()
    submission.blobs = [:]
    let bare = try await KeptJob(submission)
    #expect(
      runner.run(bare.claimed, control: JobControl())
        == .failed(
          JobFailure(
            code: "blob_role_missing",
            message: "The job has no blob in the role \"dataset\""), nil))
  }

  private func succeeded(
    _ outcome: JobOutcome, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> JobResult {
    guard case .succeeded(let result) = outcome else {
      Issue.record("the outcome is \(outcome)", sourceLocation: sourceLocation)
      throw CancellationError()
    }
    return result
  }
}

/// A control that stops its run at a report, by default the first.
private final class SelfStopping: Sendable {
  let control: JobControl

  init(_ reason: StopReason, afterReports reportsMax: Int = 1) {
    let box = Box()
    let reports = Mutex(0)
    control = JobControl {
      let count = reports.withLock { count in
        count += 1
        return count
      }
      let control = box.control.withLock { $0 }
      if count >= reportsMax {
        control?.requestStop(reason)
      } else {
        // The next report is announced only after this one was taken.
        _ = control?.take().report
      }
    }
    box.control.withLock { $0 = control }
  }

  private final class Box: Sendable {
    let control = Mutex<JobControl?>(nil)
  }
}
