import NeuralNetwork
import TestSupport
import Testing

/// Every fault of the two dictionaries themselves, and every way to write them.
@Suite("Network reading")
struct NetworkReadingTests {
  private func expectFaults(
    _ network: JSONValue, _ expected: [(place: String, code: String, detail: String)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (graph, issues) = check(network)
    #expect(graph == nil, sourceLocation: sourceLocation)
    let wanted = expected.map {
      ConfigurationIssue(pointer: "#/network\($0.place)", code: $0.code, detail: $0.detail)
    }
    #expect(issues == wanted, sourceLocation: sourceLocation)
  }

  private func only(_ written: JSONValue) -> JSONValue {
    network(operators: [("4", written)], connectivity: [("4", [])])
  }

  private func document(_ members: [(String, JSONValue)]) -> JSONValue {
    .object(members.map { .init($0.0, $0.1) })
  }

  @Test("tells an unknown type, and which there are", arguments: [false, true])
  func unknownType(isShort: Bool) {
    let written: JSONValue =
      isShort
      ? .string("conv")
      : .object([.init("type", .string("conv")), .init("whatever", .integer(1))])
    expectFaults(
      only(written),
      [
        (
          isShort ? "/operators/4" : "/operators/4/type", "unknown_choice",
          "type of operator 4 (conv) must be one of "
            + OperatorCatalogue.kinds.map { "\"\($0.type)\"" }.joined(separator: ", ")
            + ", but is \"conv\""
        )
      ])
  }

  @Test("tells a missing type")
  func missingType() {
    expectFaults(
      only(.object([.init("out_features", .integer(1))])),
      [
        (
          "/operators/4/type", "missing_member",
          "operator 4 needs type, one of "
            + OperatorCatalogue.kinds.map { "\"\($0.type)\"" }.joined(separator: ", ")
        )
      ])
  }

  @Test("tells unknown members of an operator and of the network")
  func unknownMember() {
    expectFaults(
      document([
        (
          "operators",
          .object([
            .init(
              "1",
              .object([
                .init("type", .string("linear")), .init("in_features", .integer(1)),
                .init("out_features", .integer(1)), .init("units", .integer(3)),
              ])),
            .init("2", .object([.init("type", .string("relu")), .init("slope", .integer(1))])),
          ])
        ), ("connectivity", .object([.init("1", .array([.integer(2)])), .init("2", .array([]))])),
        ("layers", .array([])),
      ]),
      [
        (
          "/operators/1/units", "unknown_member",
          "operator 1 (linear) has no member \"units\"; "
            + "it takes bias, bias_initializer, in_features, initializer, out_features, shares, type, "
            + "weight"
        ),
        (
          "/operators/2/slope", "unknown_member",
          "operator 2 (relu) has no member \"slope\"; it takes type"
        ),
        (
          "/layers", "unknown_member",
          "network has no member \"layers\"; it takes connectivity, inputs, operators"
        ),
      ])
  }

  @Test(
    "tells a linear operator without out_features, a null weight or not", arguments: [false, true])
  func missingOutFeatures(hasNullWeight: Bool) {
    var members: [JSONValue.Member] = [
      .init("type", .string("linear")), .init("in_features", .integer(2)),
    ]
    if hasNullWeight { members.append(.init("weight", .null)) }
    expectFaults(
      only(.object(members)),
      [
        (
          "/operators/4/out_features", "missing_member",
          "operator 4 (linear) needs out_features, an integer from 1 to 65536"
        )
      ])
  }

  @Test("tells a network without its two dictionaries")
  func missingDictionaries() {
    expectFaults(
      .object([]),
      [
        (
          "/operators", "missing_member",
          "network needs operators, an object of operators by id"
        ),
        (
          "/connectivity", "missing_member",
          "network needs connectivity, an object from each operator's id to the ids of its "
            + "consumers"
        ),
      ])
  }

  @Test("tells dictionaries, lists and operators of the wrong type")
  func wrongTypes() {
    expectFaults(
      .integer(1),
      [
        ("", "wrong_type", "network must be an object, but is 1"),
        (
          "/operators", "missing_member",
          "network needs operators, an object of operators by id"
        ),
        (
          "/connectivity", "missing_member",
          "network needs connectivity, an object from each operator's id to the ids of its "
            + "consumers"
        ),
      ])
    expectFaults(
      document([
        ("operators", .object([.init("4", .integer(7)), .init("5", linear(1, from: 1))])),
        ("connectivity", .object([.init("4", .integer(5)), .init("5", .array([]))])),
        ("inputs", .array([])),
      ]),
      [
        ("/operators/4", "wrong_type", "operator 4 must be an object, but is 7"),
        (
          "/operators/4/type", "missing_member",
          "operator 4 needs type, one of "
            + OperatorCatalogue.kinds.map { "\"\($0.type)\"" }.joined(separator: ", ")
        ),
        (
          "/connectivity/4", "invalid_value",
          "the consumers of 4 must be an array of ids, but are 5"
        ),
        ("/inputs", "wrong_type", "inputs must be an object, but is an array"),
        ("/inputs", "missing_member", "inputs must name at least one input"),
        (
          "/operators/4", "unreachable",
          "operator 4 has no path from an input; feed it by an operator or name it in inputs"
        ),
        (
          "/operators/5", "unreachable",
          "operator 5 (linear) has no path from an input; "
            + "feed it by an operator or name it in inputs"
        ),
      ])
  }

  @Test("tells an empty network")
  func empty() {
    expectFaults(
      network(operators: [], connectivity: []),
      [("/operators", "empty_network", "operators must have at least one operator")])
  }

  @Test("tells ids that are none, wherever they stand")
  func badIDs() {
    expectFaults(
      document([
        ("operators", .object([.init("1", linear(1, from: 1)), .init("a/b", linear(1))])),
        (
          "connectivity",
          .object([
            .init("1", .array([.string("a b"), .number(1.5), .bool(true)])),
            .init("", .array([])),
          ])
        ),
        ("inputs", .object([.init("x", .array([.integer(1)])), .init("y z", .array([]))])),
      ]),
      [
        (
          "/operators/a~1b", "invalid_id",
          "\"a/b\" is no operator id: an id is 1 to 64 letters, digits, \"_\", \"-\" or \".\""
        ),
        (
          "/connectivity/1/0", "invalid_id",
          "\"a b\" is no id: an id is a string or an integer of "
            + "1 to 64 letters, digits, \"_\", \"-\" or \".\""
        ),
        (
          "/connectivity/1/1", "invalid_id",
          "1.5 is no id: an id is a string or an integer of "
            + "1 to 64 letters, digits, \"_\", \"-\" or \".\""
        ),
        (
          "/connectivity/1/2", "invalid_id",
          "true is no id: an id is a string or an integer of "
            + "1 to 64 letters, digits, \"_\", \"-\" or \".\""
        ),
        (
          "/connectivity/", "invalid_id",
          "\"\" is no id: an id is 1 to 64 letters, digits, \"_\", \"-\" or \".\""
        ),
        (
          "/inputs/y%20z", "invalid_id",
          "\"y z\" is no id: an id is 1 to 64 letters, digits, \"_\", \"-\" or \".\""
        ),
      ])
  }

  @Test("allows 1000 operators and not one more", arguments: [999, 1_000, 1_001])
  func operatorLimit(count: Int) {
    let (graph, issues) = check(
      chain([linear(1, from: 1)] + Array(repeating: .string("relu"), count: count - 1)))
    if count <= 1_000 {
      #expect(graph?.nodes.count == count)
      #expect(issues == [])
    } else {
      #expect(graph == nil)
      #expect(
        issues == [
          ConfigurationIssue(
            pointer: "#/network/operators", code: "over_limit",
            detail: "operators has 1001 operators, but at most 1000 are allowed")
        ])
    }
  }

  @Test("allows 10000 connections and not one more", arguments: [9_999, 10_000, 10_001])
  func connectionLimit(count: Int) {
    let (graph, issues) = check(
      network(
        operators: [("1", linear(1, from: 1)), ("2", .string("sum"))],
        connectivity: [("1", Array(repeating: 2, count: count)), ("2", [])]))
    if count <= 10_000 {
      #expect(graph?.nodes[1].sources.count == count)
    } else {
      #expect(graph == nil)
      #expect(
        issues == [
          ConfigurationIssue(
            pointer: "#/network/connectivity", code: "over_limit",
            detail: "connectivity has 10001 connections, but at most 10000 are allowed")
        ])
    }
  }

  @Test("counts connections before it reads any", arguments: ["connectivity", "inputs"])
  func connectionsAreCountedFirst(name: String) {
    let bad = JSONValue.object([
      .init("1", .array(Array(repeating: .bool(true), count: 6_000))),
      .init("no id", .array(Array(repeating: .null, count: 4_001))),
    ])
    let good = JSONValue.object([.init("1", .array([]))])
    expectFaults(
      document([
        ("operators", .object([.init("1", linear(1, from: 1))])),
        ("connectivity", name == "connectivity" ? bad : good),
        ("inputs", name == "inputs" ? bad : good),
      ]),
      [
        (
          "/\(name)", "over_limit",
          "\(name) has 10001 connections, but at most 10000 are allowed"
        )
      ])
  }

  @Test("tells at most 100 of a dictionary's faults, and at the end that there are more")
  func manyFaults() {
    let issues = check(
      document([
        ("operators", .object([.init("1", linear(1, from: 1))])),
        ("connectivity", .object([.init("1", .array(Array(repeating: .null, count: 10_000)))])),
      ])
    ).issues
    #expect(issues.count == 101)
    #expect(issues.prefix(100).allSatisfy { $0.code == "invalid_id" })
    #expect(issues.last?.code == "too_many_faults")
  }

  @Test(
    "a network of the most operators and connections is written out at once",
    .timeLimit(.minutes(1)))
  func largestDocument() throws {
    let relus = Array(repeating: JSONValue.string("relu"), count: 999)
    let large = try graph(chain([linear(1, from: 1)] + relus))
    for _ in 1...30 { #expect(large.document()["connectivity"] != nil) }
  }

  @Test("allows 65536 features and not one more", arguments: ["in_features", "out_features"])
  func featureLimit(name: String) {
    func written(_ features: Int) -> JSONValue {
      let other = name == "in_features" ? "out_features" : "in_features"
      return only(
        .object([
          .init("type", .string("linear")), .init(name, .integer(features)),
          .init(other, .integer(1)),
        ]))
    }
    for features in [1, 65_535, 65_536] { #expect(check(written(features)).issues == []) }
    for features in [0, 65_537] {
      expectFaults(
        written(features),
        [
          (
            "/operators/4/\(name)", "invalid_value",
            "\(name) of operator 4 (linear) must be an integer from 1 to 65536, but is \(features)"
          )
        ])
    }
  }

  @Test("ids may be written as integers or strings")
  func idsAsIntegersOrStrings() throws {
    let asIntegers = chain([linear(2, from: 2), .string("relu"), linear(1)])
    let asStrings = document([
      (
        "operators",
        .object([
          .init("3", linear(1)), .init("2", .object([.init("type", .string("relu"))])),
          .init("1", linear(2, from: 2)),
        ])
      ),
      (
        "connectivity",
        .object([
          .init("3", .array([])), .init("1", .array([.string("2")])),
          .init("2", .array([.string("3")])),
        ])
      ),
    ])
    #expect(try graph(asIntegers).document() == graph(asStrings).document())
  }
}
