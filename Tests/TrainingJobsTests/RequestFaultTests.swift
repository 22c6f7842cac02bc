import NeuralNetwork
import Testing
import TrainingJobs

@Suite("Faults of a request")
struct RequestFaultTests {
  @Test(
    "top level: each fault with its place, code and sentence", arguments: RequestFaults.topLevel)
  func topLevel(of fault: FaultCase) throws {
    try check(fault)
  }

  @Test("data set: each fault with its place, code and sentence", arguments: RequestFaults.dataset)
  func dataset(of fault: FaultCase) throws {
    try check(fault)
  }

  @Test(
    "inputs and targets by name: each fault with its place and sentence",
    arguments: RequestFaults.names)
  func names(of fault: FaultCase) throws {
    try check(fault)
  }

  @Test(
    "generator: each fault with its place, code and sentence", arguments: RequestFaults.generator)
  func generator(of fault: FaultCase) throws {
    try check(fault)
  }

  @Test("training: each fault with its place, code and sentence", arguments: RequestFaults.training)
  func training(of fault: FaultCase) throws {
    try check(fault)
  }

  @Test("losses: each fault with its place, code and sentence", arguments: RequestFaults.losses)
  func losses(of fault: FaultCase) throws {
    try check(fault)
  }

  @Test(
    "targets that a loss cannot judge: each with its place, code and sentence",
    arguments: RequestFaults.targets)
  func targets(of fault: FaultCase) throws {
    try check(fault)
  }

  @Test(
    "weights of samples: each fault with its place, code and sentence",
    arguments: RequestFaults.weights)
  func weights(of fault: FaultCase) throws {
    try check(fault)
  }

  @Test(
    "optimizers, clipping and penalties: each fault with its place, code and sentence",
    arguments: RequestFaults.steps)
  func steps(of fault: FaultCase) throws {
    try check(fault)
  }

  @Test(
    "schedules and early stopping: each fault with its place, code and sentence",
    arguments: RequestFaults.epochs)
  func epochs(of fault: FaultCase) throws {
    try check(fault)
  }

  private func check(_ fault: FaultCase) throws {
    let reading = try reading(fault.text)
    #expect(reading.issues == fault.issues)
    #expect(reading.request == nil)
  }

  @Test("a network with four kinds of fault gets all four, and those of the other parts")
  func tellsAllFaultsAtOnce() throws {
    let network = """
      {"operators": {
         "1": {"type": "linear", "in_features": 2, "out_features": 25}, "2": "relu",
         "3": {"type": "linear", "in_features": 16, "out_features": 25},
         "4": "relu", "5": "relu", "6": {"type": "linear", "out_features": 1},
         "7": {"type": "linear", "out_features": 1}},
       "connectivity": {"1": [2, 9], "2": [3, 7], "3": [6], "4": [5], "5": [4], "6": []}}
      """
    let reading = try reading(
      requestText(
        network: network, dataset: #"{"train": {"inputs": [[1, 2], [3]], "targets": [[1], [0]]}}"#,
        training: #"{"epochs": 0}"#))
    #expect(
      reading.issues == [
        issue(
          "#/network/connectivity/1/1", "unknown_operator",
          "operator 1 (linear) feeds operator 9, which is not in operators"),
        issue(
          "#/network/operators/7", "dead_end",
          "operator 7 (linear) feeds nothing and is not in connectivity; "
            + "write \"7\": [] there to make it an output"),
        issue(
          "#/network/connectivity/4", "cycle",
          "the operators feed each other in a cycle: 4 -> 5 -> 4; a network must have none"),
        issue(
          "#/network/operators/3/in_features", "shape_mismatch",
          "operator 3 (linear) expects 16 features but operator 2 (relu) gives 25"),
        issue(
          "#/dataset/train/inputs/1", "ragged_rows",
          "inputs of dataset.train: row 1 has 1 entry but row 0 has 2"),
        issue(
          "#/training/epochs", "invalid_value",
          "epochs of training must be an integer from 1 to 1000000, but is 0"),
      ])
  }

  @Test("the network's outputs are held to the losses whatever else of training is at fault")
  func tellsLossFaultsBesideOthers() throws {
    let reading = try reading(
      requestText(training: #"{"epochs": 0, "loss": "cross_entropy", "task": "x"}"#))
    #expect(
      reading.issues.map(\.pointer) == ["#/training/epochs", "#/training/loss", "#/training/task"])
  }

  @Test("a loss at fault does not make class numbers one too")
  func lossFaultHidesClassNumbers() throws {
    let network =
      #"{"operators": {"1": {"type": "linear", "out_features": 3}}, "connectivity": {"1": []}}"#
    let reading = try reading(
      requestText(
        network: network,
        dataset: #"{"train": {"inputs": [[1, 2], [3, 4]], "targets": [[0], [2]]}}"#,
        training: #"{"loss": {"type": "cross_entropy", "class_weights": [1, 2]}}"#))
    #expect(reading.issues.map(\.pointer) == ["#/training/loss/class_weights"])
  }

  @Test("a faulty validation split is not missed a second time by early stopping")
  func datasetFaultHidesMissingSplit() throws {
    let reading = try reading(
      requestText(
        dataset: #"{"train": \#(smallSamples), "validation": {"inputs": [[1, 2]]}}"#,
        training: #"{"early_stopping": {"monitor": "validation"}}"#))
    #expect(reading.issues.map(\.pointer) == ["#/dataset/validation/targets"])
  }

  @Test("a table may have 65536 columns")
  func mostColumns() throws {
    let row = Array(repeating: "0", count: 65_536).joined(separator: ",")
    let reading = try reading(
      requestText(
        network: """
          {"operators": {"1": {"type": "linear", "out_features": 1}}, "connectivity": {"1": []}}
          """,
        dataset: "{\"train\": {\"inputs\": [[\(row)]], \"targets\": [[1]]}}"))
    #expect(reading.issues == [])
    #expect(reading.graph?.inputs.map(\.features) == [65_536])
  }

  @Test("faults of very many names are few, short and found at once", .timeLimit(.minutes(1)))
  func manyNames() throws {
    let inputs = (0..<9_000).map { "\"i\($0)\": [1]" }.joined(separator: ",")
    let tables = (0..<9_000).map { "\"t\($0)\": [[1]]" }.joined(separator: ",")
    let reading = try reading(
      requestText(
        network: """
          {"operators": {"1": {"type": "linear", "in_features": 1, "out_features": 1}, "2": "sum"},
           "connectivity": {"1": [], "2": []}, "inputs": {\(inputs.replacing("[1]", with: "[2]")),
           "x": [1]}}
          """,
        dataset: "{\"train\": {\"inputs\": {\(tables)}, \"targets\": [[1]]}}"))
    let names = reading.issues.filter { $0.code == "unknown_input" }
    #expect(
      names.first
        == issue(
          "#/dataset/train/inputs/t0", "unknown_input",
          "the network has no input t0; it has i0, i1, i10, i100, i1000, i1001, i1002, i1003, "
            + "i1004, i1005, …, and 8991 more"))
    #expect(names.count == 100)
    #expect(reading.issues.count <= 202)
    #expect(reading.issues.last?.code == "too_many_faults")
  }

  @Test("a faulty data set is not asked for a second time by the network's unknown shapes")
  func datasetFaultHidesUnknownShape() throws {
    let network = #"{"operators": {"1": "relu"}, "connectivity": {"1": []}}"#
    #expect(
      try reading(requestText(network: network, dataset: "{}")).issues.map(\.code)
        == ["missing_member"])
    #expect(
      try reading(requestText(network: network, dataset: nil), .network).issues.map(\.code)
        == ["unknown_shape"])
  }
}
