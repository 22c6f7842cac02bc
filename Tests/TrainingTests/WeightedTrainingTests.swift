import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite("Weights of rows, classes and outputs")
struct WeightedTrainingTests {
  private func column(_ elements: [Float]) -> Tensor {
    Tensor(shape: [elements.count, 1], elements: elements)
  }

  /// One number in and out, `y = a x + b`, both 0 at first.
  private func line() throws -> Model {
    Model(graph: try graph(chain([zeros(1)])), seed: 1)
  }

  private func zeros(_ outputs: Int) -> JSONValue {
    linear(
      outputs, weight: Tensor(shape: [outputs, 1], elements: Array(repeating: 0, count: outputs)),
      bias: Tensor(shape: [outputs], elements: Array(repeating: 0, count: outputs)))
  }

  /// The parameters after some epochs of one batch each, and the losses.
  private func trained(
    _ model: Model, _ train: Samples, validation: Samples? = nil, _ losses: LossChoice? = nil,
    epochs: Int = 3, rate: Double = 0.125
  ) throws -> (parameters: [[Float]], history: History) {
    var trainer = trainer(
      model, train: train, validation: validation,
      try hyperparameters(
        epochs: epochs, batchSize: 100, rate: rate, shuffles: false, losses: losses))
    #expect(trainer.runAll().count == epochs)
    return (trainer.model.parameters.map(\.elements), trainer.history)
  }

  @Test("a sample of weight 2 is the sample twice, one of weight 0 is none")
  func weightsAreCounts() throws {
    // Powers of two, so that nothing is rounded.
    let weighted = Samples(
      inputs: [column([1, 2, -1, 0.5])], targets: [column([1, 2, 8, -1])],
      weights: column([2, 1, 0, 1]))
    let repeated = Samples(
      inputs: [column([1, 1, 2, 0.5])], targets: [column([1, 1, 2, -1])])
    let (first, second) = try (trained(line(), weighted), trained(line(), repeated))
    #expect(first.parameters == second.parameters)
    #expect(first.history.trainLoss == second.history.trainLoss)
  }

  @Test("one step with weights is as worked by hand")
  func byHand() throws {
    let samples = Samples(
      inputs: [column([1, 2])], targets: [column([1, 4])], weights: column([3, 1]))
    let (parameters, history) = try trained(line(), samples, epochs: 1, rate: 0.25)
    // Predictions 0 and 0, differences -1 and -4, loss (3 * 1 + 1 * 16) / 4.
    #expect(history.trainLoss == [4.75])
    // Gradients of the predictions 2 * 3 / 4 * -1 = -1.5 and 2 * 1 / 4 * -4 = -2:
    // a: -1.5 - 4 = -5.5, b: -3.5, each times -0.25.
    #expect(parameters == [[1.375], [0.875]])
  }

  @Test("an epoch's loss weighs its batches by the weights of their rows")
  func epochLoss() throws {
    let samples = Samples(
      inputs: [column([1, 1, 1])], targets: [column([1, 2, 3])], weights: column([1, 3, 4]))
    var trainer = trainer(
      try line(), train: samples, try hyperparameters(batchSize: 2, rate: 0, shuffles: false))
    _ = trainer.runAll()
    // (1 * 1 + 3 * 4 + 4 * 9) / 8
    let losses = trainer.history.trainLoss
    #expect(losses == [49.0 / 8])
  }

  @Test("the validation loss is weighted by the split's own weights, whether training has some")
  func validation() throws {
    let plain = Samples(inputs: [column([1, 1])], targets: [column([1, 2])])
    let weighted = Samples(
      inputs: [column([1, 1])], targets: [column([1, 3])], weights: column([3, 1]))
    func loss(_ train: Samples, _ validation: Samples) throws -> [Double] {
      try trained(line(), train, validation: validation, epochs: 1, rate: 0).history.validationLoss
    }
    // (3 * 1 + 1 * 9) / 4 with weights, (1 + 4) / 2 without.
    #expect(try loss(plain, weighted) == [3])
    #expect(try loss(weighted, weighted) == [3])
    #expect(try loss(weighted, plain) == [2.5])
  }

  @Test("weights of the validation split alone leave the training as it is")
  func validationWeightsAlone() throws {
    let train = Samples(inputs: [column([1, 2, 3])], targets: [column([1, 2, 5])])
    func parameters(_ weights: Tensor?) throws -> [Tensor] {
      let validation = Samples(
        inputs: [column([1, 1])], targets: [column([1, 3])], weights: weights)
      var trainer = trainer(
        try line(), train: train, validation: validation,
        try hyperparameters(epochs: 3, batchSize: 2, rate: 0.01))
      _ = trainer.runAll()
      return trainer.model.parameters
    }
    #expect(try parameters(column([3, 1])) == parameters(nil))
  }

  @Test("predictions are judged by the mean with weights, each row by its own loss")
  func judged() throws {
    let weighted = Samples(
      inputs: [column([1, 1])], targets: [column([1, 3])], weights: column([3, 1]))
    let prediction = Predictor(try line()).predict(
      weighted, losses: [WeightedLoss(try meanSquaredError(), weight: 2)])
    #expect(prediction.rowLosses == [2, 18])
    #expect(prediction.meanLoss == 6)
  }

  @Test("a batch whose rows all count nothing changes nothing")
  func weightless() throws {
    let samples = Samples(
      inputs: [column([1, 1])], targets: [column([1, 2])], weights: column([1, 0]))
    var trainer = trainer(
      try line(), train: samples, try hyperparameters(batchSize: 1, rate: 0.25, shuffles: false))
    #expect(trainer.runAll() == [.finished])
    let parameters = trainer.model.parameters.map(\.elements)
    // Only the first row's step: 0.25 * 2 * 1 for both.
    #expect(parameters == [[0.5], [0.5]])
    let losses = trainer.history.trainLoss
    #expect(losses == [1])
  }

  @Test("class weights are weights of the rows of the class, shared for soft targets")
  func classWeights() throws {
    let twice = JSONValue.array([.number(1), .number(2)])
    let loss = WeightedLoss(
      try kind(BinaryCrossEntropyOfLogits.self, [("class_weights", twice)]))
    let plain = WeightedLoss(try kind(BinaryCrossEntropyOfLogits.self))
    let inputs = column([1, 2, -1])
    let targets = column([0, 1, 0.5])
    let first = try trained(
      line(), Samples(inputs: [inputs], targets: [targets]), .same(loss))
    let second = try trained(
      line(),
      Samples(inputs: [inputs], targets: [targets], weights: column([1, 2, 1.5])),
      .same(plain))
    #expect(first.parameters == second.parameters)
    #expect(first.history.trainLoss == second.history.trainLoss)
  }

  @Test("class weights of several classes multiply the samples' own")
  func classWeightsOfSeveral() throws {
    let weights = JSONValue.array([.number(1), .number(2), .number(4)])
    let loss = WeightedLoss(try kind(CrossEntropy.self, [("class_weights", weights)]))
    let plain = WeightedLoss(try kind(CrossEntropy.self))
    let model = Model(graph: try graph(chain([zeros(3)])), seed: 1)
    let targets = Tensor(shape: [3, 3], elements: [1, 0, 0, 0, 0, 1, 0, 0.5, 0.5])
    func samples(_ weights: [Float]) -> Samples {
      Samples(inputs: [column([1, 2, 3])], targets: [targets], weights: column(weights))
    }
    let first = try trained(model, samples([1, 2, 3]), .same(loss))
    // 1 * 1, 2 * 4, 3 * (2 + 4) / 2
    let second = try trained(model, samples([1, 8, 9]), .same(plain))
    #expect(first.parameters == second.parameters)
    #expect(first.history.trainLoss == second.history.trainLoss)
  }

  @Test("several outputs add up as much as each counts; one that counts nothing learns nothing")
  func severalOutputs() throws {
    let network = network(
      operators: [("1", zeros(1)), ("2", zeros(1)), ("3", zeros(1))],
      connectivity: [("1", []), ("2", []), ("3", [])])
    let model = Model(graph: try graph(network), seed: 1)
    let samples = Samples(
      inputs: [column([1])], targets: [column([1]), column([2]), column([3])])
    let ids = try ["1", "2", "3"].map { try #require(OperatorID($0)) }
    let losses = LossChoice.each([
      ids[0]: WeightedLoss(try meanSquaredError(), weight: 2),
      ids[1]: WeightedLoss(try kind(MeanAbsoluteError.self), weight: 0.5),
      ids[2]: WeightedLoss(try meanSquaredError(), weight: 0),
    ])
    let (parameters, history) = try trained(
      model, samples, validation: samples, losses, epochs: 1, rate: 0.125)
    // 2 * 1 + 0.5 * 2 + 0 * 9
    #expect(history.trainLoss == [3])
    // Gradients 2 * 2 * -1 and 0.5 * -1, so that parameters become 0.5 and 0.0625.
    #expect(parameters == [[0.5], [0.5], [0.0625], [0.0625], [0], [0]])
    // 2 * (1 - 1)^2 + 0.5 * (2 - 0.125)
    #expect(history.validationLoss == [0.9375])
  }
}
