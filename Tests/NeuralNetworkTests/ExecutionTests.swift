import Kernels
import NeuralNetwork
import TestSupport
import Testing

/// What an executor does besides gradients: modes, statistics, shared parameters, copies.
@Suite("Execution")
struct ExecutionTests {
  private func training(
    _ model: Model, rows: [Int], optimizer written: JSONValue = .string("sgd"), seed: UInt64 = 0,
    team: Team = .alone, set: KernelSet = .best
  ) throws -> GraphExecutor {
    let loss = WeightedLoss(try meanSquaredError())
    return GraphExecutor(
      model, batchSizes: rows,
      purpose: .training(
        losses: model.graph.outputs.map { _ in loss }, rule: StepRule(try optimizer(written)),
        seed: seed), team: team, set: set)
  }

  private static func zeros(_ rows: Int, _ columns: Int) -> Tensor {
    Tensor(shape: [rows, columns], elements: Array(repeating: 0, count: rows * columns))
  }

  @Test("dropout passes everything when predicting", arguments: [0, 0.3, 0.9])
  func dropoutPredicts(rate: Double) throws {
    let graph = try graph(
      chain([written("dropout", ["rate": .number(rate)])]), features: ["x": 5])
    var executor = GraphExecutor(
      Model(graph: graph, seed: 1), batchSizes: [2], purpose: .prediction())
    let input = Tensor(shape: [2, 5], elements: (0..<10).map(Float.init))
    executor.gather([0, 1], inputs: [input], targets: [])
    executor.forward(rows: 2, .prediction)
    let outputs = executor.outputs(rows: 2)
    #expect(outputs == [input])
  }

  @Test(
    "dropout keeps the mean in training, drawing anew at each step and the same for one seed",
    arguments: [0.1, 0.5, 0.9])
  func dropoutTrains(rate: Double) throws {
    let graph = try graph(
      chain([linear(100, from: 100), written("dropout", ["rate": .number(rate)])]))
    var identity = Array(repeating: Float(0), count: 10_000)
    for index in 0..<100 { identity[101 * index] = 1 }
    let model = Model(
      graph: graph,
      parameters: [
        Tensor(shape: [100, 100], elements: identity),
        Tensor(shape: [100], elements: Array(repeating: 0, count: 100)),
      ])
    let ones = Tensor(shape: [100, 100], elements: Array(repeating: 1, count: 10_000))
    func outputs(seed: UInt64) throws -> [[Float]] {
      var executor = try training(model, rows: [100], seed: seed)
      return (1...3).map { step in
        executor.gather(
          Array(0..<100)[...], inputs: [ones], targets: [Self.zeros(100, 100)])
        executor.forward(rows: 100, .training)
        let output = executor.outputs(rows: 100)[0].elements
        executor.update(rows: 100, rate: 0, step: step)
        return output
      }
    }
    let first = try outputs(seed: 1)
    #expect(try outputs(seed: 1) == first)
    #expect(try outputs(seed: 1 << 40)[0] != first[0])
    #expect(Set(first).count == 3)
    for output in first {
      let kept = output.filter { $0 != 0 }
      #expect(Set(kept) == [1 / (1 - Float(rate))])
      // 10000 draws: a deviation of at most 50.
      #expect((Double(kept.count) - 10_000 * (1 - rate)).magnitude < 200)
    }
  }

  @Test("batch_norm moves its running statistics in training and uses them when predicting")
  func batchNormStatistics() throws {
    let graph = try graph(
      chain([
        written(
          "batch_norm",
          [
            "momentum": .number(0.25), "epsilon": .number(1e-12),
            "running_mean": .tensor(Tensor(shape: [1], elements: [4])),
            "running_variance": .tensor(Tensor(shape: [1], elements: [8])),
          ])
      ]))
    var executor = try training(Model(graph: graph, seed: 1), rows: [4])
    let input = Tensor(shape: [4, 1], elements: [1, 3, 5, 7])
    executor.gather([0, 1, 2, 3], inputs: [input], targets: [Self.zeros(4, 1)])
    executor.forward(rows: 4, .training)
    // Mean 4, variance 5 of the batch, 20/3 without bias.
    let normal = executor.outputs(rows: 4)[0].elements
    let expected = [-3, -1, 1, 3].map { Float($0) / Float(5.0.squareRoot()) }
    for (value, wanted) in zip(normal, expected) { #expect((value - wanted).magnitude < 1e-6) }
    let parameters = executor.parameters.map(\.elements)
    #expect(parameters[2] == [4])
    // 3/4 of 8 and 1/4 of 20/3.
    #expect((parameters[3][0] - (6 + 5.0 / 3)).magnitude < 1e-6)
    executor.forward(rows: 4, .prediction)
    let predictions = executor.outputs(rows: 4)[0].elements
    for (prediction, distance) in zip(predictions, [-3, -1, 1, 3] as [Float]) {
      #expect((prediction - distance / parameters[3][0].squareRoot()).magnitude < 1e-6)
    }
    // Predicting leaves them.
    #expect(executor.parameters.map(\.elements) == parameters)
  }

  @Test("a batch of one row keeps its variance, which has no other")
  func batchNormOfOneRow() throws {
    let graph = try graph(
      chain([written("batch_norm", ["momentum": .integer(1)])]), features: ["x": 2])
    var executor = try training(Model(graph: graph, seed: 1), rows: [1])
    executor.gather(
      [0], inputs: [Tensor(shape: [1, 2], elements: [3, -5])], targets: [Self.zeros(1, 2)])
    executor.forward(rows: 1, .training)
    #expect(executor.outputs(rows: 1)[0].elements == [0, 0])
    #expect(executor.parameters.map(\.elements) == [[1, 1], [0, 0], [3, -5], [0, 0]])
  }

  @Test("shared parameters are stored once, and their gradients are added")
  func sharedParameters() throws {
    let document = network(
      operators: [
        ("1", linear(2, from: 2)), ("2", written("linear", ["shares": .integer(1)])),
        ("3", written("linear", ["shares": .integer(1)])),
      ],
      connectivity: [("1", [2]), ("2", []), ("3", [])], inputs: [("x", [1, 3])])
    let graph = try graph(document)
    #expect(graph.parameters.map(\.declaration.name) == ["weight", "bias"])
    #expect(graph.storedCount == 6)
    #expect(graph.nodes.map(\.sharedNode) == [nil, 0, 0])
    #expect(graph.document() == (try TestSupport.graph(graph.document())).document())
    // Three operators of their own with the same numbers have the parts of the gradient.
    let apart = try TestSupport.graph(
      network(
        operators: [("1", linear(2, from: 2)), ("2", linear(2)), ("3", linear(2))],
        connectivity: [("1", [2]), ("2", []), ("3", [])], inputs: [("x", [1, 3])]))
    let model = Model(graph: graph, seed: 3)
    func gradients(_ model: Model) throws -> [[Float]] {
      var executor = try training(model, rows: [2], optimizer: .string("adam"))
      executor.gather(
        [0, 1], inputs: [Tensor(shape: [2, 2], elements: [1, 2, -3, 0.5])],
        targets: [Self.zeros(2, 2), Self.zeros(2, 2)])
      executor.forward(rows: 2, .training)
      executor.update(rows: 2, rate: 0, step: 1)
      return executor.gradients.map(\.elements)
    }
    let parts = try gradients(
      Model(graph: apart, parameters: (0..<3).flatMap { _ in model.parameters }))
    for (index, gradient) in try gradients(model).enumerated() {
      for (place, number) in gradient.enumerated() {
        let sum = parts[index][place] + parts[2 + index][place] + parts[4 + index][place]
        #expect((number - sum).magnitude <= 1e-6 * max(sum.magnitude, 1))
      }
    }
  }

  @Test("values that were kept come back, whatever was trained since", arguments: 1...10)
  func keepAndRestore(seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let written = RandomNetwork(&random)
    let graph = try graph(written.document, features: written.features)
    let check = try #require(
      GradientCheck(graph, rows: 4, loss: try meanSquaredError(), random: &random))
    var executor = try training(check.model, rows: [4])
    func step(_ executor: inout GraphExecutor, _ step: Int) -> [Tensor] {
      executor.gather([0, 1, 2, 3], inputs: check.inputs, targets: check.targets)
      executor.forward(rows: 4, .training)
      executor.update(rows: 4, rate: 0.01, step: step)
      executor.forward(rows: 4, .prediction)
      return executor.outputs(rows: 4)
    }
    _ = step(&executor, 1)
    let parameters = executor.parameters
    executor.keep(.best)
    _ = step(&executor, 2)
    executor.keep(.finite)
    let second = executor.parameters
    #expect(second != parameters)
    _ = step(&executor, 3)
    let third = executor.parameters
    #expect(executor.parameters(kept: .best) == parameters)
    #expect(executor.parameters(kept: .finite) == second)
    // Looking at them changes nothing.
    #expect(executor.parameters == third)
  }

  @Test("every set and number of threads trains the same bits", arguments: 1...10)
  func setsAgree(seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let written = RandomNetwork(&random)
    let graph = try graph(written.document, features: written.features)
    let check = try #require(
      GradientCheck(graph, rows: 5, loss: try meanSquaredError(), random: &random))
    let optimizer = random.pick(["sgd", "adam", "rmsprop", "adagrad"])
    try expectSameBits(
      check.model, rows: [5, 2], optimizer, inputs: check.inputs, targets: check.targets)
  }

  @Test(
    "every set and number of threads trains the same bits of what is shared",
    arguments: ["sgd", "adam"])
  func setsAgreeOnLargeNetworks(optimizer: String) throws {
    var random = SeededRandom(seed: 1)
    let types: [JSONValue] = [
      linear(301, from: 203), .string("relu"), .string("dropout"), .string("batch_norm"),
      linear(11), .string("softmax"),
    ]
    let model = Model(graph: try graph(chain(types)), seed: 1)
    try expectSameBits(
      model, rows: [165, 33], optimizer,
      inputs: [Tensor(shape: [165, 203], elements: random.floats(165 * 203))],
      targets: [Tensor(shape: [165, 11], elements: random.floats(165 * 11))])
  }

  /// Trains on each set and on one to three threads, whose parameters must have the same bits.
  private func expectSameBits(
    _ model: Model, rows sizes: [Int], _ optimizer: String, inputs: [Tensor], targets: [Tensor],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var results: Set<[UInt32]> = []
    for set in KernelSet.available {
      for team in [Team.alone] + [2, 3].map({ ThreadPool(threads: $0).team() }) {
        var executor = try training(
          model, rows: sizes, optimizer: .string(optimizer), team: team, set: set)
        for step in 1...6 {
          let rows = sizes[step % 3 == 0 ? 1 : 0]
          executor.gather(Array(0..<rows)[...], inputs: inputs, targets: targets)
          executor.forward(rows: rows, .training)
          executor.update(rows: rows, rate: 0.01, step: step)
        }
        results.insert(executor.parameters.flatMap { $0.elements.map(\.bitPattern) })
      }
    }
    #expect(results.count == 1, sourceLocation: sourceLocation)
  }
}
