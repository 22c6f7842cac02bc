import NeuralNetwork
import TestSupport
import Testing

/// Outputs that lie where inputs did must not change a bit of anything.
@Suite("Planning")
struct PlanningTests {
  /// What one step of training and a prediction give.
  private struct Result: Equatable {
    var outputs: [Tensor]
    var predictions: [Tensor]
    var parameters: [Tensor]
  }

  /// What the first output gives, the only one that counts in the loss.
  private func result(_ model: Model, _ input: Tensor, _ target: Tensor) throws -> Result {
    let columns = model.graph.outputs.map { model.graph.nodes[$0].outputFeatures }
    let loss = try meanSquaredError()
    let losses = columns.indices.map { WeightedLoss(loss, weight: $0 == 0 ? 1 : 0) }
    let targets = columns.enumerated().map { index, columns in
      index == 0
        ? target
        : Tensor(shape: [4, columns], elements: Array(repeating: 0, count: 4 * columns))
    }
    var executor = GraphExecutor(
      model, batchSizes: [4],
      purpose: .training(
        losses: losses, rule: StepRule(try optimizer(.string("adagrad"))), seed: 7))
    executor.gather([0, 1, 2, 3], inputs: [input], targets: targets)
    executor.forward(rows: 4, .training)
    let outputs = executor.outputs(rows: 4)[0]
    executor.update(rows: 4, rate: 0.1, step: 1)
    executor.forward(rows: 4, .prediction)
    let predictions = executor.outputs(rows: 4)[0]
    // A model laid out for predictions replaces more.
    var predictor = GraphExecutor(
      Model(graph: model.graph, parameters: executor.parameters), batchSizes: [4],
      purpose: .prediction())
    predictor.gather([0, 1, 2, 3], inputs: [input], targets: [])
    predictor.forward(rows: 4, .prediction)
    return Result(
      outputs: [outputs], predictions: [predictions, predictor.outputs(rows: 4)[0]],
      parameters: executor.parameters)
  }

  /// A chain of operators, perhaps each feeding an identity besides, so that nothing is replaced.
  private func document(_ types: [JSONValue], isForked: Bool) -> JSONValue {
    var operators = [("1", linear(6, from: 5))]
    var connectivity: [(String, [Int])] = []
    for (index, type) in types.enumerated() {
      operators.append(("\(index + 2)", type))
      connectivity.append(("\(index + 1)", [index + 2] + (isForked ? [101 + index] : [])))
      if isForked {
        operators.append(("\(101 + index)", .string("identity")))
        connectivity.append(("\(101 + index)", []))
      }
    }
    connectivity.append(("\(types.count + 1)", []))
    return network(operators: operators, connectivity: connectivity, inputs: [("x", [1])])
  }

  @Test("a chain gives the bits of one in which every output is taken twice", arguments: 1...100)
  func replacedOutputs(seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let types = (0..<random.int(1...6)).map { _ -> JSONValue in
      let type = random.pick([
        "relu", "sigmoid", "tanh", "identity", "leaky_relu", "elu", "gelu", "silu", "softplus",
        "softmax", "dropout", "dropout", "batch_norm", "layer_norm", "linear",
      ])
      return type == "linear"
        ? linear(6) : .object([.init("type", .string(type))] + RandomOptions.of(type, &random))
    }
    let plain = try graph(document(types, isForked: false))
    let forked = try graph(document(types, isForked: true))
    let input = Tensor(shape: [4, 5], elements: random.floats(20))
    let target = Tensor(shape: [4, 6], elements: random.floats(24))
    let model = Model(graph: plain, seed: UInt64(seed))
    // Streams of dropout are told apart by their places in the order.
    #expect(forked.nodes.prefix(plain.nodes.count).map(\.id) == plain.nodes.map(\.id))
    #expect(forked.outputs.first == plain.outputs.first)
    let first = try result(model, input, target)
    #expect(
      try result(Model(graph: forked, parameters: model.parameters), input, target) == first)
  }

  @Test("a chain of replaceable operators takes the memory of one output")
  func memory() throws {
    func bytes(_ types: [JSONValue], rule: StepRule?) throws -> Int {
      try GraphExecutor.bytes(
        graph: graph(document(types, isForked: false)), rows: 100, rule: rule)
    }
    let one = 4 * 16 * 100
    let rule = StepRule(try optimizer(.string("sgd")))
    let none = try bytes([], rule: nil)
    // Predicting, all lie in linear's place; training, relu keeps its output from dropout.
    let chain: [JSONValue] = [.string("dropout"), .string("relu"), .string("dropout")]
    #expect(try bytes(chain, rule: nil) == none)
    #expect(try bytes(chain, rule: rule) == bytes([], rule: rule) + 2 * one)
    #expect(try bytes([.string("gelu")], rule: nil) == none + one)
  }
}
