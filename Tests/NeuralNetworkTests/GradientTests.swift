import NeuralNetwork
import TestSupport
import Testing

/// The engine's gradients against central differences of an independent forward pass in double.
@Suite("Gradients")
struct GradientTests {
  private func expectRight(
    _ graph: Graph, rows: Int, rowsMax: Int? = nil, losses: [WeightedLoss]? = nil,
    isWeighted: Bool = false, random: inout SeededRandom,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let squared = WeightedLoss(try meanSquaredError())
    let check = try #require(
      GradientCheck(
        graph, rows: rows, losses: losses ?? graph.outputs.map { _ in squared },
        isWeighted: isWeighted, random: &random), sourceLocation: sourceLocation)
    let computed = check.computed(rowsMax: rowsMax)
    let faults = check.faults(in: computed.gradients)
    #expect(faults.isEmpty, "\(faults)", sourceLocation: sourceLocation)
    expectClose(computed.outputs, check.referenceOutputs(.training), sourceLocation)
    expectClose(check.predictions(), check.referenceOutputs(.prediction), sourceLocation)
    let loss = check.referenceLoss
    #expect(
      (computed.loss - loss).magnitude < 1e-5 * max(loss.magnitude, 1),
      sourceLocation: sourceLocation)
  }

  /// Expects each number within 1e-5 of its size, or of the greatest's of its row.
  private func expectClose(
    _ outputs: [Tensor], _ expected: [Rows], _ sourceLocation: SourceLocation
  ) {
    for (output, rows) in zip(outputs, expected) {
      let differences = zip(output.inDouble, rows).map { computed, wanted in
        let size = max(wanted.map(\.magnitude).max() ?? 0, 1)
        return zip(computed, wanted).map { ($0 - $1).magnitude / size }.max() ?? 0
      }
      let worst = differences.max() ?? 0
      #expect(worst < 1e-5, sourceLocation: sourceLocation)
    }
  }

  @Test("the reference has a formula for every kind of operator and loss")
  func referenceIsComplete() {
    let operators = OperatorCatalogue.kinds.map { $0.type }
    #expect(Set(operators) == Set(ReferenceNetwork.formulas.keys))
    let losses = LossCatalogue.kinds.map { $0.type }
    #expect(Set(losses) == Set(ReferenceLosses.formulas.keys))
  }

  @Test(
    "of each operator alone, on batches of 1 and of odd sizes",
    arguments: OperatorCatalogue.kinds.map { $0.type }, 1...6)
  func operatorAlone(type: String, seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let graph = try graph(OperatorSetting.network(type, &random))
    // Two rows are normally 1 and -1 whatever they are, so that nothing but rounding is left.
    let rows = [1, type == "batch_norm" ? 4 : 2, 3, 5, 7, 9][seed - 1]
    try expectRight(graph, rows: rows, random: &random)
  }

  /// A loss of every kind that predictions may have any value for, with an option or not.
  static let losses: [JSONValue] = [
    .string("mse"), .string("mae"), .string("huber"), written("huber", ["delta": .number(0.3)]),
    .string("bce_with_logits"), .string("cross_entropy"),
  ]

  @Test("of each loss, on batches of 1 and of odd sizes, with weights or not", arguments: 1...12)
  func lossAlone(seed: Int) throws {
    for loss in Self.losses {
      var random = SeededRandom(seed: seed)
      let graph = try graph(
        chain([linear(random.int(1...20), from: random.int(1...20)), .string("tanh")]))
      let losses = [WeightedLoss(try TestSupport.loss(loss), weight: [1, 0.3, 2.5][seed % 3])]
      try expectRight(
        graph, rows: [1, 2, 3, 5, 7, 9][seed % 6], losses: losses, isWeighted: seed > 6,
        random: &random)
    }
  }

  @Test("of bce, whose predictions are probabilities, with weights or not", arguments: 1...12)
  func binaryCrossEntropy(seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let graph = try graph(
      chain([linear(random.int(1...4), from: random.int(1...4)), .string("sigmoid")]))
    try expectRight(
      graph, rows: random.int(1...5), losses: [WeightedLoss(try loss(.string("bce")))],
      isWeighted: seed > 6, random: &random)
  }

  @Test("the tests of losses have every kind")
  func lossesAreComplete() throws {
    let types = Self.losses.compactMap(\.typeName) + ["bce"]
    #expect(Set(types) == Set(LossCatalogue.kinds.map { $0.type }))
  }

  @Test(
    "in random graphs with fan-in, fan-out, several inputs and outputs, each with its loss",
    arguments: 1...200)
  func randomGraph(seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let written = RandomNetwork(&random)
    let graph = try graph(written.document, features: written.features)
    let losses = try graph.outputs.map { _ in
      WeightedLoss(
        try loss(random.pick(Self.losses)), weight: Double.random(in: 0.1...2, using: &random))
    }
    try expectRight(
      graph, rows: random.int(3...7), losses: losses, isWeighted: random.oneIn(2), random: &random)
  }

  @Test("of a smaller last batch, laid out for a larger one", arguments: 1...20)
  func smallerBatch(seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let written = RandomNetwork(&random)
    let graph = try graph(written.document, features: written.features)
    let rows = random.int(3...5)
    try expectRight(graph, rows: rows, rowsMax: rows + random.int(1...9), random: &random)
  }

  @Test("the random graphs have what the tests are for")
  func randomGraphsAreRich() throws {
    var counts: [String: Int] = [:]
    for seed in 1...200 {
      var random = SeededRandom(seed: seed)
      let written = RandomNetwork(&random)
      let graph = try graph(written.document, features: written.features)
      let sources = graph.nodes.map(\.sources)
      let consumers = Dictionary(grouping: sources.flatMap { Set($0) }) { $0 }
      let traits = [
        "inputs": graph.inputs.count > 1, "outputs": graph.outputs.count > 1,
        "fan-in": sources.contains { $0.count > 1 },
        "twice": sources.contains { Set($0).count < $0.count },
        "fan-out": consumers.values.contains { $0.count > 1 },
        "reordered": graph.nodesByID != Array(graph.nodes.indices),
        "shared": graph.nodes.contains { $0.sharedNode != nil },
        "ordered": graph.nodes.contains { $0.operation.inputOrder != nil },
      ]
      for (trait, isPresent) in traits { counts[trait, default: 0] += isPresent ? 1 : 0 }
      for type in Set(graph.nodes.map(\.operation.type)) { counts[type, default: 0] += 1 }
    }
    #expect(Set(OperatorCatalogue.kinds.map { $0.type }).isSubset(of: counts.keys))
    #expect(counts.values.allSatisfy { $0 >= 10 }, "\(counts)")
  }

  @Test("of the squared error by hand")
  func squaredErrorByHand() throws {
    let graph = try graph(
      chain([
        linear(
          2, weight: Tensor(shape: [2, 1], elements: [3, -1]),
          bias: Tensor(shape: [2], elements: [0, 1]))
      ]))
    var executor = GraphExecutor(
      Model(graph: graph, seed: 1), batchSizes: [2],
      purpose: .training(
        losses: [WeightedLoss(try meanSquaredError())],
        rule: StepRule(try optimizer(.string("adam"))), seed: 0))
    executor.gather(
      [0, 1], inputs: [Tensor(shape: [2, 1], elements: [1, 2])],
      targets: [Tensor(shape: [2, 2], elements: [1, 2, 6, 1])])
    executor.forward(rows: 2, .training)
    // predictions (3, 0) and (6, -1); differences (2, -2) and (0, -2); squares 4 + 4 + 0 + 4
    let value = executor.loss(rows: 2)
    #expect(value == 3)
    let rowValues = executor.rowLosses(rows: 2, output: 0)
    #expect(rowValues == [4, 2])
    executor.update(rows: 2, rate: 0, step: 1)
    // the gradient with respect to a prediction is 2 * difference / 4: (1, -1) and (0, -1)
    // weight: 1 * 1 + 0 * 2, -1 * 1 - 1 * 2    bias: 1 + 0, -1 - 1
    let gradients = executor.gradients
    #expect(gradients.map(\.elements) == [[1, -3], [1, -2]])
  }
}
