import NeuralNetwork
import Testing
import Training
import TrainingJobs

@Suite("Judging a model")
struct EvaluationTests {
  /// The first feature as it is.
  private static let firstFeature = """
    {"operators": {"1": {"type": "linear", "weight": [[1, 0]], "bias": [0]}},
     "connectivity": {"1": []}}
    """

  private func document(_ network: String, _ train: String, task: String? = nil) throws -> String {
    let request = try request(
      requestText(
        network: network, dataset: "{\"train\": \(train)}",
        training: task.map { "{\"task\": \"\($0)\"}" }))
    let evaluation = Evaluation(request.model, on: request.dataset.train, request.options)
    return text(evaluation.document(request.model.graph))
  }

  @Test("of two classes: the counts worked by hand, actual by predicted")
  func binary() throws {
    // Outputs 0 1 1 0 1 against 0 1 0 1 1: of class 0 one right and one wrong, of class 1 two right
    // and one wrong. Loss 2/5; precision 2/3, recall 2/3, f1 = 4 / (4 + 1 + 1) = 2/3.
    let document = try document(
      Self.firstFeature,
      #"{"inputs": [[0, 9], [1, 9], [1, 9], [0, 9], [1, 9]], "targets": [[0], [1], [0], [1], [1]]}"#
    )
    #expect(
      document
        == #"{"loss":0.4,"error_rate":0.4,"accuracy":0.6,"precision":0.6666666666666666,"#
        + #""recall":0.6666666666666666,"f1":0.6666666666666666,"confusion_matrix":[[1,1],[1,2]]}"#)
  }

  @Test("of numbers: the distances worked by hand")
  func regression() throws {
    // Outputs 1 2 3 against 1 2 5: squared differences 0 0 4, absolute 0 0 2. The targets' mean is
    // 8/3 and their spread 26/3, so r2 = 1 - 4 / (26/3) = 7/13.
    let document = try json(
      try document(
        Self.firstFeature, #"{"inputs": [[1, 0], [2, 0], [3, 0]], "targets": [[1], [2], [5]]}"#))
    func number(_ name: String) throws -> Double {
      guard case .number(let number)? = document[name] else { throw CancellationError() }
      return number
    }
    #expect(abs(try number("loss") - 4.0 / 3) < 1e-12)
    #expect(abs(try number("mae") - 2.0 / 3) < 1e-12)
    #expect(abs(try number("rmse") - (4.0 / 3).squareRoot()) < 1e-12)
    #expect(abs(try number("r2") - 7.0 / 13) < 1e-12)
    #expect(document["error_rate"] == nil)
  }

  @Test("r2 of a constant target is null")
  func constantTarget() throws {
    let document = try json(
      try document(
        Self.firstFeature, #"{"inputs": [[1, 0], [2, 0]], "targets": [[1], [1]]}"#,
        task: "regression"))
    #expect(document["r2"] == .null)
  }

  @Test("several outputs stand under their ids, beside the loss of all")
  func severalOutputs() throws {
    let network = """
      {"operators": {"b": {"type": "linear", "weight": [[1, 0]], "bias": [0]},
                     "a": {"type": "linear", "weight": [[1, 0], [0, 1]], "bias": [0, 0]}},
       "connectivity": {"a": [], "b": []}}
      """
    let document = try json(
      try document(
        network,
        """
        {"inputs": [[1, 0], [0, 1]], "targets": {"a": [[1, 0], [0, 1]], "b": [[1], [0]]}}
        """))
    #expect(document["loss"] == .number(0))
    #expect(document["error_rate"] == nil)
    guard case .object(let outputs)? = document["outputs"] else {
      Issue.record("there are no outputs: \(text(document))")
      return
    }
    #expect(outputs.map(\.name) == ["a", "b"])
    #expect(outputs.allSatisfy { $0.value["error_rate"] == .number(0) })
  }

  @Test("of classes by their numbers: the counts worked by hand, averaged over the classes")
  func severalClasses() throws {
    // Outputs are the features themselves; predicted 0 1 1 2 against 0 1 2 2.
    let request = try request(
      requestText(
        network: """
          {"operators": {"1": "identity"}, "connectivity": {"1": []}}
          """,
        dataset: """
          {"train": {"inputs": [[9, 0, 0], [0, 9, 0], [0, 9, 0], [0, 0, 9]],
                     "targets": [[0], [1], [2], [2]]}}
          """, training: #"{"loss": "cross_entropy"}"#))
    let evaluation = Evaluation(request.model, on: request.dataset.train, request.options)
    let document = evaluation.document(request.graph)
    #expect(text(document["confusion_matrix"]) == "[[1,0,0],[0,1,0],[0,1,1]]")
    #expect(document["accuracy"] == .number(0.75))
    // Precision 1, 1/2, 1 and recall 1, 1, 1/2.
    let mean = 2.5 / 3
    #expect(document["precision"] == .number(mean))
    #expect(document["recall"] == .number(mean))
    // -log softmax is log(1 + 2 e^-9) where right, that and 9 where wrong.
    guard case .number(let loss)? = document["loss"] else { throw CancellationError() }
    #expect(abs(loss - (2.25 + 2.467_891e-4)) < 1e-5)
  }

  @Test("of logits: class 1 is above 0")
  func logits() throws {
    let request = try request(
      requestText(
        network: Self.firstFeature,
        dataset: """
          {"train": {"inputs": [[0.25, 0], [-0.25, 0], [0, 0]], "targets": [[1], [0], [1]]}}
          """, training: #"{"loss": "bce_with_logits"}"#))
    let document = Evaluation(
      request.model, on: request.dataset.train, request.options
    ).document(request.graph)
    #expect(text(document["confusion_matrix"]) == "[[1,0],[1,1]]")
  }

  @Test("weights of samples count in the loss, not in the rates")
  func weights() throws {
    let request = try request(
      requestText(
        network: Self.firstFeature,
        dataset: """
          {"train": {"inputs": [[0, 0], [1, 0]], "targets": [[1], [1]], "weights": [1, 3]}}
          """, training: #"{"task": "binary", "loss": {"type": "mse", "weight": 2}}"#))
    let document = Evaluation(
      request.model, on: request.dataset.train, request.options
    ).document(request.graph)
    #expect(document["loss"] == .number(0.5))
    #expect(document["error_rate"] == .number(0.5))
  }
}
