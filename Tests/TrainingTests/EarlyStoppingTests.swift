import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite("Early stopping")
struct EarlyStoppingTests {
  /// One number in and out, `y = a x`, so that the loss of each epoch can be worked out.
  private func slope(_ weight: Float) throws -> Model {
    Model(
      graph: try graph(
        chain([
          .object([
            .init("type", .string("linear")), .init("bias", .bool(false)),
            .init("weight", .tensor(Tensor(shape: [1, 1], elements: [weight]))),
          ])
        ])), seed: 1)
  }

  private func sample(_ target: Float) -> Samples {
    Samples(
      inputs: [Tensor(shape: [1, 1], elements: [1])],
      targets: [Tensor(shape: [1, 1], elements: [target])])
  }

  /// Trains from 0 towards 4, half of the way in each epoch: 2, 3, 3.5, 3.75, ..., judged by 3.
  private func towardsFour(
    epochs: Int = 20, patience: Int, minimumChange: Double = 0
  ) throws -> Trainer {
    // d' = d - rate * 2 d = d / 2
    trainer(
      try slope(0), train: sample(4), validation: sample(3),
      try hyperparameters(
        epochs: epochs, rate: 0.25,
        earlyStopping: EarlyStopping(
          monitor: .validation, patience: patience, minimumChange: minimumChange)))
  }

  @Test(
    "ends after so many epochs in a row without a better loss, with the best epoch's parameters",
    arguments: [1, 2, 5])
  func patience(patience: Int) throws {
    var trainer = try towardsFour(patience: patience)
    let ends = trainer.runAll()
    // The validation losses are 1, 0, 0.25, 0.5625, ...: the second epoch is the best.
    #expect(ends.count == 2 + patience)
    let (best, isFinished) = (trainer.bestEpoch, trainer.isFinished)
    #expect(best == 2)
    #expect(isFinished)
    let parameters = trainer.model.parameters
    #expect(parameters.map(\.elements) == [[3]])
    let losses = trainer.history.validationLoss
    #expect(losses.prefix(3) == [1, 0, 0.25])
  }

  @Test("the best epoch's parameters are the result when all epochs are done, too")
  func allEpochs() throws {
    var trainer = try towardsFour(epochs: 6, patience: 10)
    #expect(trainer.runAll().count == 6)
    let best = trainer.bestEpoch
    #expect(best == 2)
    let parameters = trainer.model.parameters
    #expect(parameters.map(\.elements) == [[3]])
  }

  @Test("while it goes on the model is the present one; a training that ends now leaves the best")
  func cutShort() throws {
    var trainer = try towardsFour(epochs: 20, patience: 10)
    for _ in 0..<4 { _ = trainer.runEpoch { false } }
    let present = trainer.model.parameters
    #expect(present.map(\.elements) == [[3.75]])
    let result = trainer.result.parameters
    #expect(result.map(\.elements) == [[3]])
  }

  @Test("a loss counts as better only if it is below the best by more than the minimum change")
  func minimumChange() throws {
    // 1 is the first; 0 is not below 1 - 1, nor is any later one.
    var trainer = try towardsFour(patience: 3, minimumChange: 1)
    #expect(trainer.runAll().count == 4)
    let best = trainer.bestEpoch
    #expect(best == 1)
    let parameters = trainer.model.parameters
    #expect(parameters.map(\.elements) == [[2]])
  }

  @Test("an equal loss is no better one")
  func equalLoss() throws {
    // With a rate of 0 every epoch's loss is the first one's.
    var trainer = trainer(
      try slope(0), train: sample(1),
      try hyperparameters(
        epochs: 20, rate: 0,
        earlyStopping: EarlyStopping(monitor: .train, patience: 4, minimumChange: 0)))
    #expect(trainer.runAll().count == 5)
    let best = trainer.bestEpoch
    #expect(best == 1)
  }

  @Test("may look at the mean of the batch losses instead of the validation split")
  func monitorsTrain() throws {
    // The training loss falls in every epoch, whatever the validation loss does.
    var trainer = trainer(
      try slope(0), train: sample(4), validation: sample(3),
      try hyperparameters(
        epochs: 8, rate: 0.25,
        earlyStopping: EarlyStopping(monitor: .train, patience: 1, minimumChange: 0)))
    #expect(trainer.runAll().count == 8)
    let best = trainer.bestEpoch
    #expect(best == 8)
  }

  @Test("the result is bit for bit what the best epoch ended with, statistics included")
  func sameBits() throws {
    let network = chain([
      .string("standardize"), linear(8), .string("batch_norm"), .string("relu"), linear(1),
    ])
    let train = regressionSamples(rows: 30, seed: 1)
    let model = Model(
      graph: try graph(network, features: ["x": 2]), seed: 1, fittedTo: train.inputs)
    func training(epochs: Int, patience: Int) throws -> Trainer {
      try trainer(
        model, train: train, validation: regressionSamples(rows: 20, seed: 2),
        hyperparameters(
          epochs: epochs, rate: 0.3,
          earlyStopping: EarlyStopping(
            monitor: .validation, patience: patience, minimumChange: 0)))
    }
    var whole = try training(epochs: 60, patience: 4)
    let ended = whole.runAll().count
    let found = whole.bestEpoch
    let best = try #require(found)
    #expect(best + 4 == ended)
    #expect(ended < 60)
    // Epochs do not depend on how many follow them.
    var cut = try training(epochs: best, patience: 60)
    _ = cut.runAll()
    let (wholeBytes, cutBytes) = (whole.model.bytes, cut.model.bytes)
    #expect(wholeBytes == cutBytes)
  }

  @Test("a training that diverges leaves the best epoch's parameters")
  func diverges() throws {
    // The difference becomes -2e6 as large in each step: 1, 2e6, 4e12, 8e18, 1.6e25, whose square
    // is beyond single precision.
    var trainer = trainer(
      try slope(0), train: sample(1), validation: sample(1),
      try hyperparameters(
        epochs: 20, rate: 1e6,
        earlyStopping: EarlyStopping(monitor: .validation, patience: 10, minimumChange: 0)))
    let ends = trainer.runAll()
    #expect(ends == Array(repeating: .finished, count: 4) + [.diverged(step: 1)])
    let best = trainer.bestEpoch
    #expect(best == 1)
    let parameters = trainer.model.parameters
    #expect(parameters.map(\.elements) == [[2e6]])
  }

  @Test("without it nothing is chosen")
  func none() throws {
    var trainer = trainer(
      try slope(0), train: sample(4), validation: sample(3),
      try hyperparameters(epochs: 5, rate: 0.25))
    #expect(trainer.runAll().count == 5)
    let best = trainer.bestEpoch
    #expect(best == nil)
    let parameters = trainer.model.parameters
    // 4 - 4 / 2^5
    #expect(parameters.map(\.elements) == [[3.875]])
  }
}
