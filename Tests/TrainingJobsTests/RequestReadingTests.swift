import NeuralNetwork
import Testing
import Training
import TrainingJobs

@Suite("Reading a request")
struct RequestReadingTests {
  @Test("what is left out takes its default")
  func defaults() throws {
    let request = try request(requestText())
    let hyperparameters = request.options.hyperparameters
    #expect(hyperparameters.epochs == 100)
    #expect(hyperparameters.batchSize == 32)
    guard case .same(let loss) = hyperparameters.losses else {
      Issue.record("One loss is of all outputs")
      return
    }
    #expect(loss.loss.type == "mse")
    #expect(loss.weight == 1)
    let rule = hyperparameters.rule
    #expect(rule.optimizer.type == "sgd")
    #expect(rule.optimizer.learningRate == 0.05)
    #expect((rule.l1, rule.l2) == (0, 0))
    #expect(rule.clipping == nil)
    #expect(hyperparameters.course.schedule.type == "constant")
    #expect(hyperparameters.course.warmupEpochs == 0)
    #expect(hyperparameters.earlyStopping == nil)
    #expect(hyperparameters.seed == 0)
    #expect(hyperparameters.shuffles)
    #expect(request.options.tasks == [.binary(targetThreshold: 0.5, outputThreshold: 0.5)])
    #expect(request.name == nil)
    #expect(request.metadata == nil)
    #expect(request.generator == [])
    #expect(!request.graph.hasExplicitParameters)
    #expect(request.dataset.validation == nil)
    #expect(request.dataset.test == nil)
  }

  @Test("null counts as left out")
  func nullIsAbsent() throws {
    let request = try request(
      requestText(
        dataset: "{\"generator\": null, \"test\": null, \"train\": \(smallSamples)}",
        training: "null", others: #""name": null, "metadata": null"#))
    #expect(request.name == nil)
    #expect(request.metadata == nil)
    #expect(request.options.hyperparameters.epochs == 100)
  }

  @Test("every choice is taken over")
  func choices() throws {
    let request = try request(
      requestText(
        training: """
          {"epochs": 7, "batch_size": 2, "loss": {"type": "mse"},
           "optimizer": {"type": "sgd", "learning_rate": 0.5},
           "seed": 9223372036854775807, "shuffle": false, "task": "regression"}
          """,
        others: #""name": "ä", "metadata": {"owner": "ci", "empty": ""}"#))
    let hyperparameters = request.options.hyperparameters
    #expect(hyperparameters.epochs == 7)
    #expect(hyperparameters.batchSize == 2)
    #expect(hyperparameters.rule.optimizer.learningRate == 0.5)
    #expect(hyperparameters.seed == UInt64(Int.max))
    #expect(!hyperparameters.shuffles)
    #expect(request.options.tasks == [.regression])
    #expect(request.name == "ä")
    #expect(text(request.metadata) == #"{"owner":"ci","empty":""}"#)
  }

  @Test("an optimizer may be named by its type alone")
  func optimizerByType() throws {
    let request = try request(requestText(training: #"{"optimizer": "sgd"}"#))
    #expect(request.options.hyperparameters.rule.optimizer.learningRate == 0.05)
  }

  @Test("tables keep their numbers, row by row")
  func tables() throws {
    let request = try request(
      requestText(
        dataset: """
          {"train": \(smallSamples),
           "validation": {"inputs": {"x": [[5, 6]]}, "targets": {"1": [[0.5]]}},
           "test": {"inputs": [[7, 8], [9, 10]], "targets": [[1], [0]]}}
          """))
    let dataset = request.dataset
    #expect(dataset.train.inputs == [Tensor(shape: [3, 2], elements: [0, 0, 0, 1, 1, 0])])
    #expect(dataset.train.targets == [Tensor(shape: [3, 1], elements: [0, 1, 1])])
    #expect(dataset.validation?.inputs == [Tensor(shape: [1, 2], elements: [5, 6])])
    #expect(dataset.validation?.targets == [Tensor(shape: [1, 1], elements: [0.5])])
    #expect(dataset.test?.rows == 2)
  }

  @Test("inputs by name go to the operators that take them, in whatever order they are written")
  func inputsByName() throws {
    let request = try request(
      requestText(
        network: figureOne,
        dataset: """
          {"train": {"inputs": {"x2": [[3], [6]], "x1": [[1, 2], [4, 5]]},
                     "targets": {"5": [[0], [1]]}}}
          """))
    #expect(request.model.graph.inputs.map(\.name) == ["x1", "x2"])
    #expect(
      request.dataset.train.inputs == [
        Tensor(shape: [2, 2], elements: [1, 2, 4, 5]), Tensor(shape: [2, 1], elements: [3, 6]),
      ])
  }

  @Test("several outputs have their targets by id and a task each")
  func severalOutputs() throws {
    let network = """
      {"operators": {"1": {"type": "linear", "out_features": 1},
                     "2": {"type": "linear", "out_features": 3}},
       "connectivity": {"1": [], "2": []}}
      """
    let request = try request(
      requestText(
        network: network,
        dataset: """
          {"train": {"inputs": [[1, 2], [3, 4], [5, 6]],
                     "targets": {"2": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
                                 "1": [[0.5], [0.25], [1]]}}}
          """))
    #expect(request.options.tasks == [.regression, .multiclass])
    #expect(request.dataset.train.targets.map(\.columns) == [1, 3])
  }

  @Test("the data set tells the number of features that no operator does")
  func featuresFromDataset() throws {
    let network = """
      {"operators": {"a": "relu", "b": {"type": "linear", "out_features": 1}},
       "connectivity": {"a": ["b"], "b": []}}
      """
    let request = try request(requestText(network: network))
    #expect(request.model.graph.nodes.map(\.inputFeatures) == [[2], [2]])
  }

  @Test("a generator makes the splits that are asked for", arguments: ["line", "disc"])
  func generator(name: String) throws {
    let request = try request(
      requestText(dataset: #"{"generator": "\#(name)", "train": 12, "test": 5, "seed": 3}"#))
    let problem = try #require(ProblemGenerator(rawValue: name))
    let expected = problem.samples(rows: 12, seed: 3, split: .train)
    #expect(request.dataset.train.inputs == [expected.inputs])
    #expect(request.dataset.train.targets == [expected.targets])
    #expect(request.dataset.validation == nil)
    #expect(request.dataset.test?.rows == 5)
    #expect(text(.object(request.generator)) == #"{"generator":"\#(name)","seed":3}"#)
  }

  @Test("the seed decides the first parameters")
  func seedDecidesParameters() throws {
    func model(seed: Int) throws -> Model {
      try request(requestText(training: "{\"seed\": \(seed)}")).model
    }
    #expect(try model(seed: 1).bytes == model(seed: 1).bytes)
    #expect(try model(seed: 1).bytes != model(seed: 2).bytes)
  }

  @Test("a client's own parameters are those to begin with")
  func explicitParameters() throws {
    let network = """
      {"operators": {"1": {"type": "linear", "weight": [[1.5, -2]], "bias": [0.25]}},
       "connectivity": {"1": []}}
      """
    let request = try request(requestText(network: network))
    #expect(request.graph.hasExplicitParameters)
    #expect(request.model.parameters.map(\.elements) == [[1.5, -2], [0.25]])
  }

  @Test("metadata holds up to 16 names of up to 64 and texts of up to 512 characters")
  func metadataLimits() throws {
    func codes(members: Int = 1, name: Int = 1, value: Int = 1) throws -> [String] {
      let names = (0..<members).map { index in
        String(repeating: "n", count: name - 1) + String(UnicodeScalar(UInt8(97 + index)))
      }
      let text = String(repeating: "ü", count: value)
      let metadata = names.map { "\"\($0)\": \"\(text)\"" }.joined(separator: ", ")
      return try reading(requestText(others: "\"metadata\": {\(metadata)}")).issues.map(\.code)
    }
    #expect(try codes(members: 15) == [])
    #expect(try codes(members: 16) == [])
    #expect(try codes(members: 17) == ["over_limit"])
    #expect(try codes(name: 63) == [])
    #expect(try codes(name: 64) == [])
    #expect(try codes(name: 65) == ["over_limit"])
    #expect(try codes(value: 511) == [])
    #expect(try codes(value: 512) == [])
    #expect(try codes(value: 513) == ["invalid_value"])
  }

  @Test("a name has up to 128 characters", arguments: [(127, true), (128, true), (129, false)])
  func nameLimit(count: Int, isAccepted: Bool) throws {
    let name = String(repeating: "é", count: count)
    let reading = try reading(requestText(others: "\"name\": \"\(name)\""))
    #expect((reading.request != nil) == isAccepted)
  }

  @Test("a network alone can be read to be validated, the rest as far as it is there")
  func validation() throws {
    let alone = try reading(requestText(dataset: nil), .network)
    #expect(alone.issues == [])
    #expect(alone.graph != nil)
    #expect(alone.trainingRows == nil)
    let whole = try reading(requestText(), .network)
    #expect(whole.trainingRows == 3)
    let faulty = try reading(requestText(training: #"{"epochs": 0}"#), .network)
    #expect(faulty.graph != nil)
    #expect(faulty.hyperparameters == nil)
    #expect(faulty.issues.map(\.pointer) == ["#/training/epochs"])
  }

  @Test("only arrays where tables and parameters stand are read as tensors")
  func tensorPlaces() {
    let isTensor = TensorPlaces.ofTrainingRequest
    #expect(isTensor(["dataset", "train", "inputs"]))
    #expect(isTensor(["dataset", "test", "targets", "5"]))
    #expect(isTensor(["network", "operators", "1", "weight"]))
    #expect(!isTensor(["network", "operators", "1", "inputs"]))
    #expect(!isTensor(["network", "connectivity", "1"]))
    #expect(!isTensor(["network", "inputs", "x"]))
    #expect(!isTensor(["metadata", "a", "inputs"]))
    #expect(TensorPlaces.ofPredictionRequest(["inputs"]))
    #expect(TensorPlaces.ofPredictionRequest(["targets", "5"]))
    #expect(!TensorPlaces.ofPredictionRequest(["other"]))
  }
}
