package import NeuralNetwork
package import Testing

// Networks and choices written by hand in the shape of a request, for tests.

/// A network whose ids are numbers.
package func network(
  operators: [(String, JSONValue)], connectivity: [(String, [Int])],
  inputs: [(String, [Int])]? = nil
) -> JSONValue {
  func lists(_ lists: [(String, [Int])]) -> JSONValue {
    .object(lists.map { .init($0.0, .array($0.1.map { .integer($0) })) })
  }
  var members: [JSONValue.Member] = [
    .init("operators", .object(operators.map { .init($0.0, $0.1) })),
    .init("connectivity", lists(connectivity)),
  ]
  if let inputs { members.append(.init("inputs", lists(inputs))) }
  return .object(members)
}

/// Operators one after another, numbered from 1.
package func chain(_ operators: [JSONValue]) -> JSONValue {
  network(
    operators: operators.enumerated().map { ("\($0.offset + 1)", $0.element) },
    connectivity: operators.indices.map {
      ("\($0 + 1)", $0 + 1 < operators.count ? [$0 + 2] : [])
    })
}

/// A linear operator as a client writes it.
package func linear(
  _ outFeatures: Int, from inFeatures: Int? = nil, weight: Tensor? = nil, bias: Tensor? = nil
) -> JSONValue {
  var members: [JSONValue.Member] = [.init("type", .string("linear"))]
  if let inFeatures { members.append(.init("in_features", .integer(inFeatures))) }
  members.append(.init("out_features", .integer(outFeatures)))
  if let weight { members.append(.init("weight", .tensor(weight))) }
  if let bias { members.append(.init("bias", .tensor(bias))) }
  return .object(members)
}

/// Reads and checks a network that stands at `#/network`.
package func check(_ value: JSONValue, features: [String: Int] = [:]) -> (
  graph: Graph?, issues: [ConfigurationIssue]
) {
  var issues: [ConfigurationIssue] = []
  let network = Network.read(value, at: .root.member("network"), issues: &issues)
  let check = GraphCheck(network, features: features)
  return (issues.isEmpty ? check.graph : nil, issues + check.issues)
}

/// The graph of a network that has no fault.
package func graph(
  _ value: JSONValue, features: [String: Int] = [:],
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> Graph {
  let (graph, issues) = check(value, features: features)
  #expect(issues == [], sourceLocation: sourceLocation)
  return try #require(graph, sourceLocation: sourceLocation)
}

/// Reads an object named `test` that stands at the root.
package func reader(_ members: [JSONValue.Member] = []) -> ConfigurationReader {
  ConfigurationReader(.object(members), subject: "test", pointer: .root)
}

/// An operator, a loss or another kind as a client writes it.
package func written(_ type: String, _ options: KeyValuePairs<String, JSONValue>) -> JSONValue {
  .object([.init("type", .string(type))] + options.map { .init($0.key, $0.value) })
}

/// A kind of a catalogue, read from what a client writes, without a fault.
package func kind(
  _ written: JSONValue, of kinds: [any Kind.Type],
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> any Kind {
  var reader = reader([.init("kind", written)])
  let kind = reader.kind("kind", of: kinds, default: "")
  #expect(reader.finish() == [], sourceLocation: sourceLocation)
  return try #require(kind, sourceLocation: sourceLocation)
}

/// A loss read from what a client writes.
package func loss(
  _ written: JSONValue, sourceLocation: SourceLocation = #_sourceLocation
) throws -> any Loss {
  let kind = try kind(written, of: LossCatalogue.kinds, sourceLocation: sourceLocation)
  return try #require(kind as? any Loss, sourceLocation: sourceLocation)
}

/// An optimizer read from what a client writes.
package func optimizer(
  _ written: JSONValue, sourceLocation: SourceLocation = #_sourceLocation
) throws -> any Optimizer {
  let kind = try kind(written, of: OptimizerCatalogue.kinds, sourceLocation: sourceLocation)
  return try #require(kind as? any Optimizer, sourceLocation: sourceLocation)
}

/// Mean squared error.
package func meanSquaredError() throws -> any Loss {
  var reader = reader()
  return try #require(MeanSquaredError(reading: &reader))
}

/// Plain gradient descent.
package func gradientDescent(rate: Double) throws -> any Optimizer {
  var reader = reader([.init("learning_rate", .number(rate))])
  return try #require(SGD(reading: &reader))
}
