import Kernels
import NeuralNetwork
import TestSupport
import Testing
import Training

// Small trainings for tests.

/// A choice of hyperparameters with defaults that fit a test.
func hyperparameters(
  epochs: Int = 1, batchSize: Int = 10, rate: Double = 0.05, seed: UInt64 = 1,
  shuffles: Bool = true, losses: LossChoice? = nil, rule: StepRule? = nil,
  course: LearningRateCourse? = nil, earlyStopping: EarlyStopping? = nil
) throws -> Hyperparameters {
  Hyperparameters(
    epochs: epochs, batchSize: batchSize,
    losses: try losses ?? .same(WeightedLoss(meanSquaredError())),
    rule: try rule ?? StepRule(gradientDescent(rate: rate)),
    course: try course ?? LearningRateCourse(kind(ConstantSchedule.self)),
    earlyStopping: earlyStopping, seed: seed, shuffles: shuffles)
}

/// A kind with the options that a client writes.
func kind<Choice: Kind>(
  _ type: Choice.Type, _ options: [(String, JSONValue)] = [],
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> Choice {
  var reader = reader(options.map { JSONValue.Member($0.0, $0.1) })
  let choice = Choice(reading: &reader)
  #expect(reader.finish() == [], sourceLocation: sourceLocation)
  return try #require(choice, sourceLocation: sourceLocation)
}

/// A training whose clock counts the epochs.
func trainer(
  _ model: Model, train: Samples, validation: Samples? = nil, _ hyperparameters: Hyperparameters,
  team: Team = .alone, set: KernelSet = .best
) -> Trainer {
  var ticks = 0.0
  return Trainer(
    model, on: Dataset(train: train, validation: validation), hyperparameters, team: team, set: set,
    elapsedSeconds: {
      ticks += 1
      return ticks
    })
}

extension Trainer {
  /// Trains to the end.
  ///
  /// - Returns: How each epoch ended, up to the first that did not finish.
  mutating func runAll() -> [EpochEnd] {
    var ends: [EpochEnd] = []
    while !isFinished {
      let end = runEpoch { false }
      ends.append(end)
      if end != .finished { break }
    }
    return ends
  }
}

/// Points of a smooth function of two numbers, `y = x0 * x1 + x0`.
func regressionSamples(rows: Int, seed: Int) -> Samples {
  var random = SeededRandom(seed: seed)
  let inputs = random.floats(2 * rows, in: -1...1)
  return Samples(
    inputs: [Tensor(shape: [rows, 2], elements: inputs)],
    targets: [
      Tensor(
        shape: [rows, 1],
        elements: (0..<rows).map { inputs[2 * $0] * inputs[2 * $0 + 1] + inputs[2 * $0] })
    ])
}

/// A problem's samples.
func samples(_ problem: ProblemGenerator, rows: Int, seed: UInt64, _ split: SplitName) -> Samples {
  let (inputs, targets) = problem.samples(rows: rows, seed: seed, split: split)
  return Samples(inputs: [inputs], targets: [targets])
}

/// Fully connected operators with ReLU between them.
func perceptron(_ hidden: [Int], outputs: Int = 1) -> JSONValue {
  chain(hidden.flatMap { [linear($0), .string("relu")] } + [linear(outputs)])
}
