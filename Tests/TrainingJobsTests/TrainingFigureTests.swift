import NeuralNetwork
import Testing
import Training
import TrainingJobs

@Suite("The figure of a training")
struct TrainingFigureTests {
  private func svg(_ text: String, splits: [SplitName]? = nil) throws -> String {
    let request = try request(text)
    return try TrainingFigure.svg(
      title: "points", request.model, request.dataset, splits: splits, request.options)
  }

  private func refusal(
    _ text: String, splits: [SplitName]? = nil
  ) throws -> TrainingFigure.Refusal? {
    #expect(throws: TrainingFigure.Refusal.self) { try svg(text, splits: splits) }
  }

  private static let disc = requestText(
    dataset: #"{"generator": "disc", "train": 30, "test": 10}"#)

  @Test("train and test stand side by side with their error rates, or the splits asked for")
  func panels() throws {
    let both = try svg(Self.disc)
    #expect(both.contains("<title>points</title>"))
    #expect(both.contains("train: 30 points"))
    #expect(both.contains("test: 10 points"))
    let one = try svg(Self.disc, splits: [.test])
    #expect(!one.contains("train: 30 points"))
    #expect(one.contains("test: 10 points"))
    #expect(both == (try svg(Self.disc)))
  }

  @Test("classes of several columns are drawn too, and points that all lie on one place")
  func severalClasses() throws {
    let network =
      #"{"operators": {"1": {"type": "linear", "out_features": 3}}, "connectivity": {"1": []}}"#
    let svg = try svg(
      requestText(
        network: network,
        dataset: """
          {"train": {"inputs": [[1, 1], [1, 1], [1, 1]],
                     "targets": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}}
          """))
    #expect(svg.contains("class 2"))
    #expect(svg.hasSuffix("</svg>\n") || svg.hasSuffix("</svg>"))
  }

  @Test("more points than fit are cut, and the caption says so, with the rate of all")
  func manyPoints() throws {
    let svg = try svg(requestText(dataset: #"{"generator": "disc", "train": 2001}"#))
    #expect(svg.contains("of 2001), the first 2000 shown"))
    #expect(
      !(try self.svg(requestText(dataset: #"{"generator": "disc", "train": 2000}"#)))
        .contains("shown"))
  }

  @Test("each refusal has its code and says what is needed")
  func refusals() throws {
    let wide =
      #"{"operators": {"1": {"type": "linear", "out_features": 1}}, "connectivity": {"1": []}}"#
    let threeFeatures = try refusal(
      requestText(
        network: wide, dataset: #"{"train": {"inputs": [[1, 2, 3]], "targets": [[1]]}}"#))
    #expect(threeFeatures == .inputFeatures(3))
    #expect(threeFeatures?.code == "figure_not_possible")
    #expect(
      threeFeatures?.description
        == "A figure needs a network with one input of two features, but this one's inputs have 3 "
        + "features")

    let twoInputs = try refusal(
      requestText(
        network: figureOne,
        dataset: #"{"train": {"inputs": {"x1": [[1, 2]], "x2": [[3]]}, "targets": [[1]]}}"#))
    #expect(twoInputs == .inputFeatures(3))

    let twoOutputs = try refusal(
      requestText(
        network: """
          {"operators": {"1": {"type": "linear", "out_features": 1}, "2": "relu"},
           "connectivity": {"1": [], "2": []}}
          """,
        dataset: #"{"train": {"inputs": [[1, 2]], "targets": {"1": [[1]], "2": [[1, 0]]}}}"#))
    #expect(twoOutputs == .outputs(2))
    #expect(twoOutputs?.code == "figure_not_possible")
    #expect(
      twoOutputs?.description
        == "A figure needs a network with one output, but this one has 2")

    let regression = try refusal(requestText(training: #"{"task": "regression"}"#))
    #expect(regression == .regression)
    #expect(regression?.code == "figure_not_possible")
    #expect(
      regression?.description
        == "A figure shows classes, but the task of this job is regression")

    let split = try refusal(Self.disc, splits: [.validation])
    #expect(split == .split(.validation, has: [.train, .test]))
    #expect(split?.code == "split_not_found")
    #expect(
      split?.description == "The data set has no samples in validation, only in train and test")
  }
}
