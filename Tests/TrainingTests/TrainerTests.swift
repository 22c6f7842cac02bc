import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite("Trainer")
struct TrainerTests {
  /// One number in, one out: `y = a x + b`.
  private func line(weight: Float, bias: Float) throws -> Model {
    let graph = try graph(
      chain([
        linear(
          1, weight: Tensor(shape: [1, 1], elements: [weight]),
          bias: Tensor(shape: [1], elements: [bias]))
      ]))
    return Model(graph: graph, seed: 1)
  }

  private func regressionModel(seed: UInt64 = 1) throws -> Model {
    Model(graph: try graph(perceptron([16, 16]), features: ["x": 2]), seed: seed)
  }

  @Test("two steps of gradient descent are as worked by hand")
  func twoStepsByHand() throws {
    let samples = Samples(
      inputs: [Tensor(shape: [3, 1], elements: [1, 2, 4])],
      targets: [Tensor(shape: [3, 1], elements: [3, 1, 2])])
    var trainer = trainer(
      try line(weight: 1, bias: 0), train: samples,
      try hyperparameters(batchSize: 2, rate: 0.25, shuffles: false))
    let end = trainer.runEpoch { false }
    #expect(end == .finished)
    // Step 1, samples 1 and 2: predictions 1, 2; differences -2, 1; loss (4 + 1) / 2 = 2.5
    //   gradients of the predictions 2 * difference / 2: -2, 1
    //   a: -2 * 1 + 1 * 2 = 0     b: -2 + 1 = -1     a = 1 - 0.25 * 0 = 1    b = 0 + 0.25 = 0.25
    // Step 2, sample 4 alone: prediction 4.25; difference 2.25; loss 5.0625
    //   gradient 2 * 2.25 / 1 = 4.5     a: 4.5 * 4 = 18     b: 4.5
    //   a = 1 - 4.5 = -3.5     b = 0.25 - 1.125 = -0.875
    let parameters = trainer.model.parameters
    #expect(parameters.map(\.elements) == [[-3.5], [-0.875]])
    // The mean over the samples: (2 * 2.5 + 1 * 5.0625) / 3
    let history = trainer.history
    #expect(history.trainLoss == [(2 * 2.5 + 5.0625) / 3])
  }

  @Test("fills a column for each quantity, an entry for each epoch")
  func historyColumns() throws {
    var trainer = trainer(
      try regressionModel(), train: regressionSamples(rows: 20, seed: 1),
      validation: regressionSamples(rows: 5, seed: 2), try hyperparameters(epochs: 4))
    #expect(trainer.runAll() == Array(repeating: .finished, count: 4))
    let history = trainer.history
    #expect(history.epoch == [1, 2, 3, 4])
    #expect(history.trainLoss.count == 4)
    #expect(history.validationLoss.count == 4)
    #expect(history.learningRate == [0.05, 0.05, 0.05, 0.05])
    #expect(history.seconds == [1, 2, 3, 4])
    let (epoch, isFinished) = (trainer.epoch, trainer.isFinished)
    #expect(epoch == 4)
    #expect(isFinished)
  }

  @Test("leaves the validation column empty without such a split")
  func noValidation() throws {
    var trainer = trainer(
      try regressionModel(), train: regressionSamples(rows: 20, seed: 1), try hyperparameters())
    _ = trainer.runAll()
    let history = trainer.history
    #expect(history.validationLoss == [])
    #expect(history.trainLoss.count == 1)
  }

  @Test("the validation loss is the mean over the split, after the epoch")
  func validationLoss() throws {
    let validation = regressionSamples(rows: 300, seed: 2)
    var trainer = trainer(
      try regressionModel(), train: regressionSamples(rows: 20, seed: 1), validation: validation,
      try hyperparameters())
    _ = trainer.runAll()
    let outputs = Predictor(trainer.model).predict(validation.inputs)[0].elements
    let squares = zip(outputs, validation.targets[0].elements).map { output, target in
      (Double(output) - Double(target)) * (Double(output) - Double(target))
    }
    let mean = squares.reduce(0, +) / 300
    let written = try #require(trainer.history.validationLoss.first)
    // Each square is of single precision, their sum of double.
    #expect((written - mean).magnitude <= 1e-7 * mean)
  }

  @Test("learns a smooth function")
  func learns() throws {
    var trainer = trainer(
      try regressionModel(), train: regressionSamples(rows: 200, seed: 1),
      validation: regressionSamples(rows: 100, seed: 2), try hyperparameters(epochs: 60))
    _ = trainer.runAll()
    let history = trainer.history
    let (first, last) = try (
      #require(history.trainLoss.first), #require(history.trainLoss.last)
    )
    #expect(last < first / 20)
    #expect(try #require(history.validationLoss.last) < 0.02)
  }

  @Test("takes all samples as one batch where the batch size is greater", arguments: [7, 8, 1_000])
  func largeBatch(batchSize: Int) throws {
    var reference = trainer(
      try regressionModel(), train: regressionSamples(rows: 7, seed: 1),
      try hyperparameters(epochs: 3, batchSize: 7))
    var large = trainer(
      try regressionModel(), train: regressionSamples(rows: 7, seed: 1),
      try hyperparameters(epochs: 3, batchSize: batchSize))
    #expect(reference.runAll() == large.runAll())
    let (referenceBytes, largeBytes) = (reference.model.bytes, large.model.bytes)
    #expect(referenceBytes == largeBytes)
    #expect(reference.history == large.history)
  }

  @Test(
    "uses every sample once an epoch, the last batch being smaller", arguments: [1, 2, 3, 6, 7])
  func everySampleOnce(batchSize: Int) throws {
    // With a rate of 0 nothing changes, so the epoch's loss is the mean over all samples.
    let train = regressionSamples(rows: 7, seed: 1)
    let model = try regressionModel()
    var trainer = trainer(
      model, train: train, try hyperparameters(batchSize: batchSize, rate: 0))
    _ = trainer.runAll()
    let mean = Predictor(model).predict(train, losses: [WeightedLoss(try meanSquaredError())])
      .meanLoss
    let written = try #require(trainer.history.trainLoss.first)
    #expect((written - mean).magnitude <= 1e-6 * mean)
    let bytes = trainer.model.bytes
    #expect(bytes == model.bytes)
  }

  @Test("two runs are the same bit by bit; another seed is another run")
  func determinism() throws {
    func run(seed: UInt64) throws -> (bytes: [UInt8], losses: [Double]) {
      var trainer = trainer(
        try regressionModel(), train: regressionSamples(rows: 33, seed: 1),
        try hyperparameters(epochs: 5, seed: seed))
      _ = trainer.runAll()
      return (trainer.model.bytes, trainer.history.trainLoss)
    }
    let (first, second, other) = try (run(seed: 1), run(seed: 1), run(seed: 2))
    #expect(first.bytes == second.bytes)
    #expect(first.losses == second.losses)
    #expect(first.bytes != other.bytes)
  }

  @Test("looking at the model between epochs changes nothing")
  func lookingIsHarmless() throws {
    let train = regressionSamples(rows: 33, seed: 1)
    var seen = trainer(try regressionModel(), train: train, try hyperparameters(epochs: 4))
    var unseen = trainer(try regressionModel(), train: train, try hyperparameters(epochs: 4))
    while !seen.isFinished {
      _ = seen.runEpoch { false }
      _ = Predictor(seen.model).predict(train.inputs)
    }
    _ = unseen.runAll()
    let (seenBytes, unseenBytes) = (seen.model.bytes, unseen.model.bytes)
    #expect(seenBytes == unseenBytes)
  }

  @Test("stops before the step at which it is told to", arguments: 0...4)
  func stops(step: Int) throws {
    var trainer = trainer(
      try regressionModel(), train: regressionSamples(rows: 40, seed: 1), try hyperparameters())
    var asked = 0
    let end = trainer.runEpoch {
      defer { asked += 1 }
      return asked == step
    }
    // There are four steps, so the fifth question is never asked.
    #expect(end == (step < 4 ? .stopped : .finished))
    #expect(asked == min(step + 1, 4))
    let epoch = trainer.epoch
    #expect(epoch == (step < 4 ? 0 : 1))
    let isUntouched = try trainer.model.bytes == regressionModel().bytes
    #expect(isUntouched == (step == 0))
  }

  @Test("goes on after a stop with the bits of an uninterrupted training", arguments: 1...3)
  func goesOnAfterStop(step: Int) throws {
    func begin() throws -> Trainer {
      try trainer(
        regressionModel(), train: regressionSamples(rows: 40, seed: 1), hyperparameters(epochs: 3))
    }
    var whole = try begin()
    var cut = try begin()
    _ = whole.runAll()
    while !cut.isFinished {
      var asked = 0
      _ = cut.runEpoch {
        asked += 1
        return asked > step
      }
    }
    let (wholeBytes, cutBytes) = (whole.model.bytes, cut.model.bytes)
    #expect(wholeBytes == cutBytes)
    let (wholeLosses, cutLosses) = (whole.history.trainLoss, cut.history.trainLoss)
    #expect(wholeLosses == cutLosses)
  }

  @Test("names the step at which the loss is no longer finite, and keeps a finite model")
  func diverges() throws {
    let samples = Samples(
      inputs: [Tensor(shape: [4, 1], elements: [1, 1, 1, 1])],
      targets: [Tensor(shape: [4, 1], elements: [1, 1, 1, 1])])
    let model = try line(weight: 0, bias: 0)
    var trainer = trainer(
      model, train: samples,
      try hyperparameters(epochs: 9, batchSize: 1, rate: 1e3, shuffles: false))
    // Each step multiplies the difference by 1 - 4e3: after an epoch it is 4e3^4 = 2.6e14, in the
    // second's third step 4e3^6 = 4e21, whose square is beyond single precision.
    let ends = trainer.runAll()
    #expect(ends == [.finished, .diverged(step: 3)])
    let last = trainer.model
    #expect(last.parameters.allSatisfy { $0.elements.allSatisfy(\.isFinite) })
    #expect(last.bytes != model.bytes)
    let epochs = trainer.history.epoch
    #expect(epochs == [1])
  }

  @Test("parameters that the last step of an epoch broke are a divergence too")
  func divergesAtLastStep() throws {
    let samples = Samples(
      inputs: [Tensor(shape: [1, 1], elements: [3e38])],
      targets: [Tensor(shape: [1, 1], elements: [1e30])])
    let model = try line(weight: 0, bias: 0)
    var trainer = trainer(model, train: samples, try hyperparameters(epochs: 2, rate: 1e6))
    let end = trainer.runEpoch { false }
    #expect(end == .diverged(step: 1))
    let bytes = trainer.model.bytes
    #expect(bytes == model.bytes)
  }
}
