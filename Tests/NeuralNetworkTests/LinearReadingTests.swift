import NeuralNetwork
import TestSupport
import Testing

@Suite("Linear with explicit parameters")
struct LinearReadingTests {
  static let weight = Tensor(shape: [2, 3], elements: [1, 2, 3, 4, 5, 6])
  static let bias = Tensor(shape: [2], elements: [7, 8])

  private func written(_ members: [(String, JSONValue)]) -> JSONValue {
    chain([
      .object([.init("type", .string("linear"))] + members.map { .init($0.0, $0.1) })
    ])
  }

  private func expectFault(
    _ members: [(String, JSONValue)], _ member: String, _ detail: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let issues = check(written(members), features: ["x": 3]).issues
    let wanted = ConfigurationIssue(
      pointer: "#/network/operators/1/\(member)", code: "shape_mismatch", detail: detail)
    #expect(issues == [wanted], sourceLocation: sourceLocation)
  }

  @Test("begin with the given values whatever the seed, the sizes following from the weight")
  func explicitValues() throws {
    let graph = try graph(
      written([("weight", .tensor(Self.weight)), ("bias", .tensor(Self.bias))]))
    #expect(graph.inputs.map(\.features) == [3])
    #expect(graph.nodes[0].outputFeatures == 2)
    #expect(Model(graph: graph, seed: 1).parameters == [Self.weight, Self.bias])
    #expect(Model(graph: graph, seed: 2).parameters == [Self.weight, Self.bias])
  }

  @Test("draw the parameter that was not given")
  func onlyWeight() throws {
    let graph = try graph(written([("weight", .tensor(Self.weight))]))
    let (first, second) = (Model(graph: graph, seed: 1), Model(graph: graph, seed: 2))
    #expect(first.parameters[0] == Self.weight)
    #expect(first.parameters[1] != second.parameters[1])
  }

  @Test(
    "refuse a weight that is no matrix of allowed size",
    arguments: [[6], [1, 2, 3], [0, 3], [65_537, 1]])
  func weightIsNoMatrix(shape: [Int]) {
    let tensor = Tensor(
      shape: shape, elements: Array(repeating: 0, count: shape.reduce(1, *)))
    expectFault(
      [("weight", .tensor(tensor))], "weight",
      "weight of operator 1 (linear) must have the shape [out_features, in_features], each from 1 "
        + "to 65536, but has \(shape)")
  }

  @Test("refuse a weight that contradicts the sizes")
  func weightContradicts() {
    expectFault(
      [
        ("in_features", .integer(3)), ("out_features", .integer(4)),
        ("weight", .tensor(Self.weight)),
      ],
      "weight",
      "weight of operator 1 (linear) has the shape [2, 3], "
        + "but [out_features, in_features] is [4, 3]")
  }

  @Test("refuse a bias that contradicts the outputs", arguments: [[3], [2, 1], [1]])
  func biasContradicts(shape: [Int]) {
    let tensor = Tensor(
      shape: shape, elements: Array(repeating: 0, count: shape.reduce(1, *)))
    expectFault(
      [("out_features", .integer(2)), ("bias", .tensor(tensor))], "bias",
      "bias of operator 1 (linear) has the shape \(shape), but [out_features] is [2]")
  }

  @Test(
    "a weight that does not fit what feeds it is a mismatch, at in_features if they are written",
    arguments: [false, true])
  func weightDoesNotFitInput(hasInFeatures: Bool) {
    let sizes = hasInFeatures ? [("in_features", JSONValue.integer(3))] : []
    let issues = check(
      written(sizes + [("weight", .tensor(Self.weight))]), features: ["x": 4]
    ).issues
    #expect(
      issues == [
        ConfigurationIssue(
          pointer: "#/network/operators/1/\(hasInFeatures ? "in_features" : "weight")",
          code: "shape_mismatch",
          detail: "operator 1 (linear) expects 3 features but input x gives 4")
      ])
  }
}
