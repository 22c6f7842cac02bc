import NeuralNetwork
import TestSupport
import Testing

/// Faults of the options that several kinds of operator have in common, with their exact text.
@Suite("Operator faults")
struct OperatorFaultTests {
  private func expectFaults(
    _ network: JSONValue, features: [String: Int] = [:],
    _ expected: [(place: String, code: String, detail: String)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let wanted = expected.map {
      ConfigurationIssue(
        pointer: "#/network/operators/\($0.place)", code: $0.code, detail: $0.detail)
    }
    let (graph, issues) = check(network, features: features)
    #expect(issues == wanted, sourceLocation: sourceLocation)
    #expect(graph == nil, sourceLocation: sourceLocation)
  }

  /// Operators 1 and 2 of three and four features feed operator 3.
  private func fork(_ third: JSONValue, equal: Bool = false) -> JSONValue {
    network(
      operators: [
        ("1", linear(equal ? 4 : 3, from: 2)), ("2", linear(4, from: 2)), ("3", third),
      ],
      connectivity: [("1", [3]), ("2", [3]), ("3", [])])
  }

  @Test("an order of inputs names each producer once for each time that it feeds")
  func inputOrder() throws {
    for (order, text) in [([2], "2"), ([2, 1, 1], "2, 1, 1"), ([2, 9], "2, 9"), ([], "")] {
      let written = written("concat", ["inputs": .array(order.map { .integer($0) })])
      expectFaults(
        fork(written),
        [
          (
            "3/inputs", "invalid_inputs",
            "inputs of operator 3 (concat) is \(text), but it is fed by 1, 2; name each of these "
              + "once for each time that it feeds it"
          )
        ])
    }
    let graph = try graph(
      fork(written("concat", ["inputs": .array([.integer(2), .string("1")])])))
    #expect(graph.nodes[2].sources == [.node(1), .node(0)])
    #expect(graph.nodes[2].inputFeatures == [4, 3])
    #expect(graph.nodes[2].outputFeatures == 7)
  }

  @Test(
    "an order of inputs is an array of ids", arguments: [JSONValue.string("1"), .array([.null])])
  func inputOrderIsNone(value: JSONValue) {
    expectFaults(
      fork(written("subtract", ["inputs": value]), equal: true),
      [
        (
          "3/inputs", "invalid_value",
          "inputs of operator 3 (subtract) must be an array of ids, the operators and inputs that "
            + "feed it, in the order in which it takes them"
        )
      ])
  }

  @Test("subtract takes two inputs, no more and no fewer")
  func inputCounts() {
    expectFaults(
      chain([linear(3, from: 2), .string("subtract")]),
      [
        (
          "2", "too_few_inputs",
          "operator 2 (subtract) takes at least 2 inputs but is fed by operator 1 (linear); "
            + "feed it by more"
        )
      ])
    expectFaults(
      network(
        operators: [("1", linear(3, from: 2)), ("2", .string("subtract"))],
        connectivity: [("1", [2, 2, 2]), ("2", [])]),
      [
        (
          "2", "too_many_inputs",
          "operator 2 (subtract) takes at most 2 inputs but is fed by operator 1 (linear) and "
            + "operator 1 (linear) and operator 1 (linear); add them by an operator such as sum"
        )
      ])
  }

  @Test(
    "those that combine number by number need equal shapes", arguments: ["multiply", "subtract"])
  func unequalShapes(type: String) {
    expectFaults(
      fork(.string(type)),
      [
        (
          "3", "shape_mismatch",
          "operator 3 (\(type)) needs inputs of equal shapes, but operator 1 (linear) gives 3 "
            + "features and operator 2 (linear) gives 4"
        )
      ])
  }

  @Test("concat gives at most 65536 features", arguments: [32_767, 32_768, 32_769])
  func concatLimit(features: Int) throws {
    let network = network(
      operators: [("1", linear(1, from: features)), ("2", .string("concat"))],
      connectivity: [("1", []), ("2", [])], inputs: [("x", [1, 2, 2])])
    if features <= 32_768 {
      #expect(try graph(network).nodes[1].outputFeatures == 2 * features)
    } else {
      expectFaults(
        network,
        [
          (
            "2", "over_limit",
            "operator 2 (concat) gives 65538 features, but at most 65536 are allowed"
          )
        ])
    }
  }

  @Test("standardize stands behind an input of the network only")
  func place() {
    expectFaults(
      chain([linear(3, from: 2), .string("standardize")]),
      [
        (
          "2", "invalid_place",
          "operator 2 (standardize) takes an input of the network only but is fed by operator 1 "
            + "(linear); put it before the first operator"
        )
      ])
  }

  @Test("shared parameters belong to an operator of the same type that has its own")
  func invalidShares() {
    func shares(_ id: Int, _ second: String = "linear") -> JSONValue {
      chain([
        linear(2, from: 2), written(second, ["shares": .integer(id)]), .string("relu"),
        written("linear", ["shares": .integer(1)]),
      ])
    }
    let mismatch =
      "both must be of one type, and what both say must be equal"
    expectFaults(
      shares(9),
      [
        (
          "2/shares", "invalid_share",
          "operator 2 (linear) shares the parameters of operator 9, which is not in operators"
        )
      ])
    expectFaults(
      shares(4),
      [
        (
          "2/shares", "invalid_share",
          "operator 2 (linear) shares the parameters of operator 4 (linear), which has none of its "
            + "own; name the operator that owns them"
        )
      ])
    expectFaults(
      shares(3),
      [
        (
          "2/shares", "invalid_share",
          "operator 2 (linear) cannot share the parameters of operator 3 (relu): \(mismatch)"
        )
      ])
    expectFaults(
      shares(1, "layer_norm"),
      [
        (
          "2/shares", "invalid_share",
          "operator 2 (layer_norm) cannot share the parameters of operator 1 (linear): \(mismatch)"
        )
      ])
  }

  @Test("an operator that shares a bias cannot refuse it, nor have another size")
  func contradictingShares() {
    for member in [
      JSONValue.Member("bias", .bool(false)), JSONValue.Member("out_features", .integer(3)),
    ] {
      expectFaults(
        chain([
          linear(2, from: 2),
          .object([.init("type", .string("linear")), .init("shares", .integer(1)), member]),
        ]),
        [
          (
            "2/shares", "invalid_share",
            "operator 2 (linear) cannot share the parameters of operator 1 (linear): both must be "
              + "of one type, and what both say must be equal"
          )
        ])
    }
  }

  @Test("shared parameters have the same shapes at both operators")
  func sharedShapes() {
    expectFaults(
      chain([
        written("layer_norm", ["weight": .tensor(Tensor(shape: [2], elements: [1, 2]))]),
        linear(3), written("layer_norm", ["shares": .integer(1)]),
      ]),
      [
        (
          "3/shares", "shape_mismatch",
          "operator 3 (layer_norm) needs parameters of the shapes [[3], [3]] but those of operator "
            + "1 (layer_norm) have [[2], [2]]"
        )
      ])
  }

  @Test(
    "an operator that shares takes no parameters of its own",
    arguments: [
      "weight", "bias", "initializer", "bias_initializer",
    ])
  func sharedAndOwn(member: String) {
    let value: JSONValue =
      switch member {
      case "weight": .tensor(Tensor(shape: [2, 2], elements: [1, 2, 3, 4]))
      case "bias": .tensor(Tensor(shape: [2], elements: [1, 2]))
      default: .string("zeros")
      }
    expectFaults(
      chain([linear(2, from: 2), written("linear", ["shares": .integer(1), member: value])]),
      [
        (
          "2/\(member)", "invalid_value",
          "operator 2 (linear) uses the parameters of operator 1, so it takes no \(member); leave "
            + "out one of shares and \(member)"
        )
      ])
  }

  @Test("shares is an id")
  func shareIsNone() {
    expectFaults(
      chain([
        linear(2, from: 2),
        written("linear", ["out_features": .integer(2), "shares": .bool(true)]),
      ]),
      [
        (
          "2/shares", "invalid_id",
          "shares of operator 2 (linear) must be the id of an operator, but is true"
        )
      ])
  }

  @Test("a linear operator without bias has no initializer for it")
  func noBias() throws {
    let graph = try graph(
      chain([
        written(
          "linear",
          ["in_features": .integer(3), "out_features": .integer(2), "bias": .bool(false)])
      ]))
    #expect(graph.parameters.map(\.declaration.name) == ["weight"])
    #expect(graph.parameterCount == 6)
    expectFaults(
      chain([
        written(
          "linear",
          [
            "in_features": .integer(3), "out_features": .integer(2), "bias": .bool(false),
            "bias_initializer": .string("zeros"),
          ])
      ]),
      [
        (
          "1/bias_initializer", "invalid_value",
          "operator 1 (linear) has no bias, so it takes no bias_initializer; leave one of the two out"
        )
      ])
  }

  /// Each kind with parameters of one number for each feature.
  static let featureParameters: [(type: String, names: [String])] = [
    ("batch_norm", ["weight", "bias", "running_mean", "running_variance"]),
    ("layer_norm", ["weight", "bias"]), ("standardize", ["mean", "standard_deviation"]),
  ]

  @Test("parameters of features have one dimension, one length, and the input's", arguments: 0..<3)
  func featureParameterShapes(index: Int) throws {
    let (type, names) = Self.featureParameters[index]
    func tensor(_ shape: [Int]) -> JSONValue {
      .tensor(Tensor(shape: shape, elements: Array(repeating: 1, count: shape.reduce(1, *))))
    }
    for name in names {
      expectFaults(
        chain([written(type, [name: tensor([2, 1])])]), features: ["x": 2],
        [
          (
            "1/\(name)", "shape_mismatch",
            "\(name) of operator 1 (\(type)) must have the shape [features], from 1 to 65536, but "
              + "has [2, 1]"
          )
        ])
      expectFaults(
        chain([written(type, [name: tensor([3])])]), features: ["x": 2],
        [
          (
            "1/\(name)", "shape_mismatch",
            "operator 1 (\(type)) expects 3 features but input x gives 2"
          )
        ])
      #expect(try graph(chain([written(type, [name: tensor([3])])])).inputs[0].features == 3)
    }
    expectFaults(
      chain([written(type, [names[0]: tensor([2]), names[1]: tensor([3])])]),
      features: ["x": 2],
      [
        (
          "1/\(names[1])", "shape_mismatch",
          "\(names[1]) of operator 1 (\(type)) has 3 features but \(names[0]) has 2"
        )
      ])
  }

  @Test("variances are at least 0 and deviations above")
  func leastNumbers() {
    expectFaults(
      chain([
        written(
          "batch_norm", ["running_variance": .tensor(Tensor(shape: [2], elements: [0, -1]))])
      ]),
      [
        (
          "1/running_variance/1", "invalid_value",
          "running_variance of operator 1 (batch_norm) must be at least 0.0 for each feature, but "
            + "is -1.0 for feature 1"
        )
      ])
    expectFaults(
      chain([
        written(
          "standardize", ["standard_deviation": .tensor(Tensor(shape: [2], elements: [0, 1]))])
      ]),
      [
        (
          "1/standard_deviation/0", "invalid_value",
          "standard_deviation of operator 1 (standardize) must be at least 1e-30 for each feature, "
            + "but is 0.0 for feature 0"
        )
      ])
  }

  /// Options with their ends: type, member, the least and greatest, how a message writes them.
  static let ranges: [(String, String, ClosedRange<Double>, String)] = [
    ("leaky_relu", "negative_slope", -1_000...1_000, "-1000 to 1000"),
    ("elu", "alpha", -1_000...1_000, "-1000 to 1000"),
    ("softplus", "beta", 0.001...1_000, "0.001 to 1000"),
    ("softplus", "threshold", 0...1_000, "0 to 1000"),
    ("dropout", "rate", 0...0.999_999_9, "0 to 0.9999999"),
    ("batch_norm", "epsilon", 1e-12...1, "1e-12 to 1"),
    ("batch_norm", "momentum", 0...1, "0 to 1"),
    ("layer_norm", "epsilon", 1e-12...1, "1e-12 to 1"),
  ]

  @Test("numbers have ranges, whose ends belong to them", arguments: 0..<8)
  func numberRanges(index: Int) throws {
    let (type, member, range, text) = Self.ranges[index]
    for number in [range.lowerBound, range.upperBound] {
      let network = chain([written(type, [member: .number(number)])])
      #expect(check(network, features: ["x": 2]).issues == [])
    }
    for number in [range.lowerBound.nextDown, range.upperBound.nextUp] {
      expectFaults(
        chain([written(type, [member: .number(number)])]), features: ["x": 2],
        [
          (
            "1/\(member)", "invalid_value",
            "\(member) of operator 1 (\(type)) must be a number from \(text), but is \(number)"
          )
        ])
    }
  }
}
