import NeuralNetwork
import TestSupport
import Testing

@Suite("Graph")
struct GraphTests {
  /// The paper's Figure 1: two inputs, a branch for each, added up, and a linear operator.
  static let figure = network(
    operators: [
      ("1", linear(4)), ("2", .string("relu")), ("3", linear(4)), ("4", .string("tanh")),
      ("5", .string("sum")), ("6", linear(1)),
    ],
    connectivity: [("1", [2]), ("2", [5]), ("3", [4]), ("4", [5]), ("5", [6]), ("6", [])],
    inputs: [("x1", [1]), ("x2", [3])])

  @Test("the paper's first figure is laid out with every shape")
  func paperFigure() throws {
    let graph = try graph(Self.figure, features: ["x1": 2, "x2": 3])
    #expect(graph.inputs.map(\.name) == ["x1", "x2"])
    #expect(graph.inputs.map(\.features) == [2, 3])
    #expect(graph.nodes.map(\.id.description) == ["1", "2", "3", "4", "5", "6"])
    #expect(graph.nodes.map(\.inputFeatures) == [[2], [4], [3], [4], [4, 4], [4]])
    #expect(graph.nodes.map(\.outputFeatures) == [4, 4, 4, 4, 4, 1])
    #expect(graph.nodes[4].sources == [.node(1), .node(3)])
    #expect(graph.outputs == [5])
    // 4 * 2 + 4    4 * 3 + 4    1 * 4 + 1
    #expect(graph.parameterCount == 12 + 16 + 5)
  }

  @Test("runs the smallest id that is ready, whatever the document's order")
  func executionOrder() throws {
    let graph = try graph(
      network(
        operators: [
          ("10", .string("sum")), ("9", .string("relu")), ("2", .string("relu")),
          ("1", .string("tanh")), ("30", linear(3, from: 3)),
        ],
        connectivity: [("30", [2, 9]), ("10", []), ("9", [10, 10]), ("2", [1]), ("1", [10])]))
    #expect(graph.nodes.map(\.id.description) == ["30", "2", "1", "9", "10"])
    #expect(graph.nodes[4].sources == [.node(2), .node(3), .node(3)])
    #expect(graph.nodesByID == [2, 1, 3, 4, 0])
    #expect(graph.outputs == [4])
  }

  @Test("inputs are sorted among the producers of an operator by their names")
  func inputsAmongProducers() throws {
    let graph = try graph(
      network(
        operators: [("2", linear(3)), ("b", .string("sum"))], connectivity: [("2", []), ("b", [])],
        inputs: [("c", [2]), ("1", [2])]
      )
      .replacingConsumers(["2": ["b"], "b": []], inputs: ["a": ["b"], "c": ["2"], "1": ["b"]]),
      features: ["a": 3, "1": 3, "c": 4])
    #expect(graph.inputs.map(\.name) == ["1", "a", "c"])
    #expect(graph.nodes[1].sources == [.input(0), .node(0), .input(1)])
  }

  @Test("parameters are stored by ascending id, not in execution order")
  func parameterOrder() throws {
    let graph = try graph(
      network(
        operators: [("1", linear(2)), ("2", linear(3, from: 5))],
        connectivity: [("2", [1]), ("1", [])]
      ))
    #expect(graph.nodes.map(\.id.description) == ["2", "1"])
    #expect(graph.parameters.map(\.node) == [1, 1, 0, 0])
    #expect(graph.parameters.map(\.declaration.shape) == [[2, 3], [2], [3, 5], [3]])
    #expect(graph.parameters.map(\.declaration.name) == ["weight", "bias", "weight", "bias"])
  }

  @Test("one input named x feeds what nothing else feeds, where inputs are left out")
  func defaultInput() throws {
    let graph = try graph(
      network(
        operators: [("1", linear(2, from: 4)), ("2", linear(2)), ("3", .string("sum"))],
        connectivity: [("1", [3]), ("2", [3]), ("3", [])]))
    #expect(graph.inputs.map(\.name) == ["x"])
    #expect(graph.inputs.map(\.features) == [4])
    #expect(graph.nodes.map(\.sources) == [[.input(0)], [.input(0)], [.node(0), .node(1)]])
  }

  @Test("an operator that feeds others is no output; one that feeds none is")
  func severalOutputs() throws {
    let graph = try graph(
      network(
        operators: [
          ("10", linear(1)), ("9", linear(2)), ("1", linear(3, from: 1)), ("2", .string("relu")),
        ],
        connectivity: [("1", [9, 10, 2]), ("9", []), ("10", []), ("2", [])]))
    #expect(graph.outputs.map { graph.nodes[$0].id.description } == ["2", "9", "10"])
  }

  @Test("the resolved document writes out what was inferred")
  func resolvedDocument() throws {
    let document = try graph(
      chain([linear(3), .string("relu"), linear(1)]), features: ["x": 2]
    ).document()
    #expect(
      document
        == network(
          operators: [
            ("1", linear(3, from: 2)), ("2", .object([.init("type", .string("relu"))])),
            ("3", linear(1, from: 3)),
          ],
          connectivity: [], inputs: []
        ).replacingConsumers(["1": ["2"], "2": ["3"], "3": []], inputs: ["x": ["1"]]))
  }

  @Test("the resolved document read again gives the same graph and model", arguments: 1...20)
  func documentRoundTrip(seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let written = RandomNetwork(&random)
    let first = try graph(written.document, features: written.features)
    let model = Model(graph: first, seed: 1)
    let document = first.document(parameters: model.parameters)
    let second = try graph(document)
    #expect(second.inputs == first.inputs)
    #expect(second.nodes.map(\.id) == first.nodes.map(\.id))
    #expect(second.nodes.map(\.sources) == first.nodes.map(\.sources))
    #expect(second.nodes.map(\.inputFeatures) == first.nodes.map(\.inputFeatures))
    #expect(second.outputs == first.outputs)
    #expect(second.document(parameters: model.parameters) == document)
    #expect(Model(graph: second, seed: 2).parameters == model.parameters)
  }
}

extension JSONValue {
  /// The network with other connections, whose ids are words.
  fileprivate func replacingConsumers(
    _ connectivity: KeyValuePairs<String, [String]>, inputs: KeyValuePairs<String, [String]>
  ) -> JSONValue {
    func lists(_ lists: KeyValuePairs<String, [String]>) -> JSONValue {
      .object(lists.map { .init($0.key, .array($0.value.map { .string($0) })) })
    }
    return .object([
      .init("operators", self["operators"] ?? .null), .init("connectivity", lists(connectivity)),
      .init("inputs", lists(inputs)),
    ])
  }
}
