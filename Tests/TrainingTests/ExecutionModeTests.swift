import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite("Training and prediction differ")
struct ExecutionModeTests {
  private func model(_ operators: [JSONValue], seed: UInt64 = 1) throws -> Model {
    Model(graph: try graph(chain(operators), features: ["x": 2]), seed: seed)
  }

  private static let modal: [JSONValue] = [
    .object([.init("type", .string("dropout")), .init("rate", .number(0.5))]),
    .string("batch_norm"),
  ]

  @Test("the validation loss is the finished model's, nothing dropped", arguments: modal)
  func validationPredicts(modal: JSONValue) throws {
    let validation = regressionSamples(rows: 25, seed: 2)
    var trainer = trainer(
      try model([linear(16), modal, .string("relu"), linear(1)]),
      train: regressionSamples(rows: 40, seed: 1), validation: validation,
      try hyperparameters(epochs: 3))
    _ = trainer.runAll()
    let model = trainer.model
    let mean = Predictor(model).predict(
      validation, losses: [WeightedLoss(try meanSquaredError())]
    ).meanLoss
    let written = try #require(trainer.history.validationLoss.last)
    #expect((written - mean).magnitude <= 1e-12 * mean)
  }

  @Test("a validation split changes no bit of the training", arguments: modal)
  func validationIsHarmless(modal: JSONValue) throws {
    let model = try model([linear(16), modal, .string("relu"), linear(1)])
    let train = regressionSamples(rows: 40, seed: 1)
    var alone = trainer(model, train: train, try hyperparameters(epochs: 3))
    var watched = trainer(
      model, train: train, validation: regressionSamples(rows: 25, seed: 2),
      try hyperparameters(epochs: 3))
    #expect(alone.runAll() == watched.runAll())
    let (first, second) = (alone.model.bytes, watched.model.bytes)
    #expect(first == second)
    let (firstLoss, secondLoss) = (alone.history.trainLoss, watched.history.trainLoss)
    #expect(firstLoss == secondLoss)
  }

  @Test("what is dropped is decided by the seed and changes from step to step")
  func dropoutDraws() throws {
    // One row, all ones: the first step's loss tells how many numbers were kept.
    let ones = Tensor(shape: [1, 64], elements: Array(repeating: 1, count: 64))
    let samples = Samples(
      inputs: [Tensor(shape: [1, 64], elements: Array(repeating: 1, count: 64))],
      targets: [Tensor(shape: [1, 1], elements: [0])])
    let network = chain([
      Self.modal[0], linear(1, weight: ones, bias: Tensor(shape: [1], elements: [0])),
    ])
    let model = Model(graph: try graph(network, features: ["x": 64]), seed: 1)
    func losses(seed: UInt64) throws -> [Double] {
      var trainer = trainer(
        model, train: samples, try hyperparameters(epochs: 8, rate: 0, seed: seed))
      _ = trainer.runAll()
      return trainer.history.trainLoss
    }
    let first = try losses(seed: 1)
    #expect(try first == losses(seed: 1))
    #expect(try first != losses(seed: 2))
    #expect(Set(first).count > 3)
    // Each is the square of twice the number kept, of which there are 32 +- 4.
    #expect(first.allSatisfy { (Double(2 * 12) * 24...Double(2 * 52) * 104).contains($0) })
  }

  @Test("running statistics move by the momentum towards the batch's, without bias")
  func runningStatistics() throws {
    let samples = Samples(
      inputs: [Tensor(shape: [4, 1], elements: [1, 2, 3, 6])],
      targets: [Tensor(shape: [4, 1], elements: [0, 0, 0, 0])])
    let norm = JSONValue.object([
      .init("type", .string("batch_norm")), .init("momentum", .number(0.5)),
    ])
    let model = Model(graph: try graph(chain([norm]), features: ["x": 1]), seed: 1)
    var trainer = trainer(model, train: samples, try hyperparameters(rate: 0))
    _ = trainer.runAll()
    // Mean 3, variance (4 + 1 + 0 + 9) / 3 = 14 / 3 without bias; halfway from 0 and from 1.
    let parameters = trainer.model.parameters.map(\.elements)
    #expect(parameters[2] == [1.5])
    #expect(abs(parameters[3][0] - (0.5 + 7.0 / 3)) < 1e-6)
  }
}
