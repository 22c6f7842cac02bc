import NeuralNetwork
import TestSupport
import Testing

/// The engine's gradients against central differences of an independent forward pass in double.
@Suite("Gradients")
struct GradientTests {
  private func expectRight(
    _ graph: Graph, rows: Int, rowsMax: Int? = nil, random: inout SeededRandom,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let check = try #require(
      GradientCheck(graph, rows: rows, loss: try meanSquaredError(), random: &random),
      sourceLocation: sourceLocation)
    let computed = check.computed(rowsMax: rowsMax)
    let faults = check.faults(in: computed.gradients)
    #expect(faults.isEmpty, "\(faults)", sourceLocation: sourceLocation)
    for (output, expected) in zip(computed.outputs, check.referenceOutputs) {
      for (value, wanted) in zip(output.elements, expected.joined()) {
        #expect(
          (Double(value) - wanted).magnitude < 1e-5 * max(wanted.magnitude, 1),
          sourceLocation: sourceLocation)
      }
    }
    let loss = check.referenceLoss
    #expect((computed.loss - loss).magnitude < 1e-5 * loss, sourceLocation: sourceLocation)
  }

  @Test("the reference has a formula for every kind of operator and loss")
  func referenceIsComplete() {
    let operators = OperatorCatalogue.kinds.map { $0.type }
    #expect(Set(operators) == Set(ReferenceNetwork.formulas.keys))
    let losses = LossCatalogue.kinds.map { $0.type }
    #expect(Set(losses) == Set(ReferenceNetwork.losses.keys))
  }

  /// The network in which an operator stands between parameters and the loss.
  private func alone(_ type: String, random: inout SeededRandom) -> JSONValue {
    let features = random.int(1...20)
    let inputs = random.int(1...20)
    switch type {
    case "linear": return chain([linear(features, from: inputs), linear(random.int(1...20))])
    case "sum":
      return network(
        operators: [
          ("1", linear(features, from: inputs)), ("2", linear(features, from: inputs)),
          ("3", .string("sum")),
        ],
        connectivity: [("1", [3]), ("2", [3, 3]), ("3", [])])
    default: return chain([linear(features, from: inputs), .string(type)])
    }
  }

  @Test(
    "of each operator alone, on batches of 1 and of odd sizes",
    arguments: OperatorCatalogue.kinds.map { $0.type }, 1...6)
  func operatorAlone(type: String, seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let graph = try graph(alone(type, random: &random))
    try expectRight(graph, rows: [1, 2, 3, 5, 7, 9][seed - 1], random: &random)
  }

  @Test("in random graphs with fan-in, fan-out, several inputs and outputs", arguments: 1...60)
  func randomGraph(seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let written = RandomNetwork(&random)
    let graph = try graph(written.document, features: written.features)
    try expectRight(graph, rows: random.int(1...6), random: &random)
  }

  @Test("of a smaller last batch, laid out for a larger one", arguments: 1...10)
  func smallerBatch(seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let written = RandomNetwork(&random)
    let graph = try graph(written.document, features: written.features)
    let rows = random.int(1...5)
    try expectRight(graph, rows: rows, rowsMax: rows + random.int(1...9), random: &random)
  }

  @Test("the random graphs have what the tests are for")
  func randomGraphsAreRich() throws {
    var (severalInputs, severalOutputs, fanIn, fanOut, twice, reordered) = (0, 0, 0, 0, 0, 0)
    for seed in 1...60 {
      var random = SeededRandom(seed: seed)
      let written = RandomNetwork(&random)
      let graph = try graph(written.document, features: written.features)
      let sources = graph.nodes.map(\.sources)
      severalInputs += graph.inputs.count > 1 ? 1 : 0
      severalOutputs += graph.outputs.count > 1 ? 1 : 0
      fanIn += sources.contains { $0.count > 1 } ? 1 : 0
      twice += sources.contains { Set($0).count < $0.count } ? 1 : 0
      let consumers = Dictionary(grouping: sources.flatMap { Set($0) }) { $0 }
      fanOut += consumers.values.contains { $0.count > 1 } ? 1 : 0
      reordered += graph.nodesByID != Array(graph.nodes.indices) ? 1 : 0
    }
    for count in [severalInputs, severalOutputs, fanIn, fanOut, twice, reordered] {
      #expect(count >= 10)
    }
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
      mode: .training(optimizer: try gradientDescent(rate: 1)))
    let loss = try meanSquaredError()
    executor.gather(
      [0, 1], inputs: [Tensor(shape: [2, 1], elements: [1, 2])],
      targets: [Tensor(shape: [2, 2], elements: [1, 2, 6, 1])])
    executor.forward(rows: 2)
    // predictions (3, 0) and (6, -1); differences (2, -2) and (0, -2); squares 4 + 4 + 0 + 4
    let value = executor.value(of: loss, rows: 2)
    #expect(value == 3)
    let rowValues = executor.rowValues(of: loss, rows: 2)
    #expect(rowValues == [4, 2])
    executor.backward(from: loss, rows: 2)
    // the gradient with respect to a prediction is 2 * difference / 4: (1, -1) and (0, -1)
    // weight: 1 * 1 + 0 * 2, -1 * 1 - 1 * 2    bias: 1 + 0, -1 - 1
    let gradients = executor.gradients
    #expect(gradients.map(\.elements) == [[1, -3], [1, -2]])
  }
}
