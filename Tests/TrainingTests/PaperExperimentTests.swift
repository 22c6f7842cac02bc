import NeuralNetwork
import TestSupport
import Testing
import Training

/// The paper's three experiments: 1000 training points, 200 test points, learning rate 0.05.
///
/// Fewer seeds and epochs than the published figures have, and looser bounds.
@Suite("The paper's experiments")
struct PaperExperimentTests {
  /// The share of misclassified test points for each of three seeds, in ascending order.
  private func errorRates(
    _ problem: ProblemGenerator, hidden: [Int], batchSize: Int, epochs: Int
  ) throws -> [Double] {
    try (UInt64(1)...3).map { seed in
      let train = samples(problem, rows: 1_000, seed: seed, .train)
      let test = samples(problem, rows: 200, seed: seed, .test)
      let graph = try graph(perceptron(hidden), features: ["x": 2])
      var trainer = trainer(
        Model(graph: graph, seed: seed), train: train,
        try hyperparameters(epochs: epochs, batchSize: batchSize, seed: seed))
      let ends = trainer.runAll()
      #expect(ends.count == epochs)
      let metrics = Metrics(
        Predictor(trainer.model).predict(test.inputs)[0], against: test.targets[0],
        task: try PredictionTask.inferred(from: train.targets[0], loss: meanSquaredError()))
      guard case .classification(let classification) = metrics else {
        Issue.record("Both problems have two classes")
        return 1
      }
      return classification.errorRate
    }.sorted()
  }

  @Test("a linear network separates the line")
  func line() throws {
    let rates = try errorRates(.line, hidden: [], batchSize: 50, epochs: 100)
    #expect(rates[1] <= 0.025)
    #expect(rates[2] <= 0.08)
  }

  @Test("a linear network cannot separate the disc")
  func discLinear() throws {
    let rates = try errorRates(.disc, hidden: [], batchSize: 50, epochs: 100)
    #expect((0.06...0.14).contains(rates[1]))
  }

  @Test("three hidden layers of 25 separate the disc")
  func discDeep() throws {
    let rates = try errorRates(.disc, hidden: [25, 25, 25], batchSize: 10, epochs: 200)
    #expect(rates[1] <= 0.015)
    #expect(rates[2] <= 0.03)
  }
}
