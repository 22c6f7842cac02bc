import NeuralNetwork
import Training

/// Carries out commands, and keeps each training between the rounds that measure it.
struct Workbench {
  private var trainings: [TrainingCase: PreparedTraining] = [:]
  private let peak = Peak()

  /// Measures what a command asks for.
  mutating func answer(_ command: JSONValue) throws -> JSONValue {
    if command["peak"] != nil {
      let threads = try command.count("threads")
      let rate = peak.operationsPerSecond(for: command.seconds, threads: threads)
      return .object([.init("operations_per_second", .number(rate))])
    }
    return try measure(try TrainingCase(command), for: command.seconds)
  }

  /// Trains whole epochs.
  private mutating func measure(
    _ trainingCase: TrainingCase, for seconds: Double
  ) throws -> JSONValue {
    let setup = Stopwatch()
    let training = try prepare(trainingCase)
    let setupSeconds = setup.seconds
    var epochs = 0
    let clock = Stopwatch()
    repeat {
      try training.runEpoch()
      epochs += 1
    } while clock.seconds < seconds
    return .object([
      .init("samples", .integer(epochs * trainingCase.rows)),
      .init("seconds", .number(clock.seconds)), .init("setup", .number(setupSeconds)),
    ])
  }

  /// A training that has run an epoch, so that its memory has been touched.
  private mutating func prepare(_ trainingCase: TrainingCase) throws -> PreparedTraining {
    if let training = trainings[trainingCase] { return training }
    let training = PreparedTraining(try trainingCase.makeTrainer())
    try training.runEpoch()
    trainings[trainingCase] = training
    return training
  }
}

/// A class, since a dictionary holds no value that cannot be copied.
private final class PreparedTraining {
  private var trainer: Trainer

  init(_ trainer: consuming Trainer) {
    self.trainer = trainer
  }

  func runEpoch() throws {
    guard trainer.runEpoch(unless: { false }) == .finished else {
      throw CommandError("the training diverged")
    }
  }
}
