package import NeuralNetwork

/// A random acyclic network of every kind of operator: several inputs and outputs, fan-in, fan-out,
/// the same producer twice, shared parameters, written orders of inputs.
///
/// Ids are drawn at random, so that execution order is not the order of ids.
package struct RandomNetwork: Sendable {
  /// As a client would write it.
  package let document: JSONValue

  /// Features of each named input.
  package let features: [String: Int]

  /// Draws a network.
  ///
  /// - Parameters:
  ///   - random: Decides everything.
  ///   - operatorsMax: The number of operators, give or take those that stand behind inputs.
  package init(_ random: inout SeededRandom, operatorsMax: Int = 9) {
    var draft = NetworkDraft(&random)
    for _ in 0..<random.int(1...operatorsMax) { draft.addOperator(&random) }
    document = draft.document(&random)
    features = draft.inputFeatures
  }
}

/// A network that grows operator by operator.
private struct NetworkDraft {
  private struct Value {
    let name: String
    let features: Int
    var consumers: [String] = []
  }

  /// An operator whose parameters others may use.
  private struct Owner {
    let name: String
    let type: String
    let inputFeatures: Int
    let outputFeatures: Int
  }

  private var values: [Value]
  private let inputCount: Int
  private var operators: [(String, JSONValue)] = []
  private var owners: [Owner] = []
  private var names: [String]

  init(_ random: inout SeededRandom) {
    values = (1...random.int(1...3)).map { Value(name: "in\($0)", features: random.int(1...9)) }
    inputCount = values.count
    names = Array(1...99).map(String.init) + ["a", "b.c", "D_1"]
    names.shuffle(using: &random)
    // Parameters stand before everything else, so that every operator's gradient is seen in one.
    for input in 0..<inputCount {
      var source = input
      if random.oneIn(3) {
        add("standardize", from: [input], features: values[input].features)
        source = values.count - 1
      }
      addLinear(from: source, &random)
    }
  }

  var inputFeatures: [String: Int] {
    Dictionary(uniqueKeysWithValues: values[..<inputCount].map { ($0.name, $0.features) })
  }

  func document(_ random: inout SeededRandom) -> JSONValue {
    func lists(_ values: ArraySlice<Value>) -> JSONValue {
      .object(values.map { .init($0.name, .array($0.consumers.map { .string($0) })) })
    }
    return .object([
      .init("operators", .object(operators.shuffled(using: &random).map { .init($0.0, $0.1) })),
      .init("connectivity", lists(values[inputCount...])),
      .init("inputs", lists(values[..<inputCount])),
    ])
  }

  private mutating func add(
    _ type: String, _ options: [JSONValue.Member] = [], from sources: [Int], features: Int
  ) {
    let name = names.removeLast()
    for source in sources { values[source].consumers.append(name) }
    operators.append((name, .object([.init("type", .string(type))] + options)))
    values.append(Value(name: name, features: features))
  }

  mutating func addOperator(_ random: inout SeededRandom) {
    // Statistics over a batch, and standardised inputs, stand where parameters come before.
    let behindParameters = values.indices.filter { index in
      index >= inputCount && !operators[index - inputCount].1.isStandardize
    }
    let source = random.pick(behindParameters)
    let features = values[source].features
    switch random.int(0...12) {
    case 0...2: addLinear(from: source, &random)
    case 3...6: addActivation(from: source, features, &random)
    case 7: add("dropout", Self.options("dropout", &random), from: [source], features: features)
    case 8: addNormalization(from: source, features, &random)
    case 9: addSharing(from: source, features, &random)
    case 10: addConcat(behindParameters, features, &random)
    default: addCombination(behindParameters.filter { values[$0].features == features }, &random)
    }
  }

  private mutating func addLinear(from source: Int, _ random: inout SeededRandom) {
    let features = random.int(1...9)
    var options: [JSONValue.Member] = [.init("out_features", .integer(features))]
    if random.oneIn(4) { options.append(.init("bias", .bool(false))) }
    own("linear", from: source, features)
    add("linear", options, from: [source], features: features)
  }

  private mutating func own(_ type: String, from source: Int, _ features: Int) {
    guard let name = names.last else { return }
    owners.append(
      Owner(
        name: name, type: type, inputFeatures: values[source].features, outputFeatures: features))
  }

  private mutating func addActivation(
    from source: Int, _ features: Int, _ random: inout SeededRandom
  ) {
    let type = random.pick([
      "relu", "sigmoid", "tanh", "identity", "leaky_relu", "elu", "gelu", "silu", "softplus",
      "softmax",
    ])
    add(type, Self.options(type, &random), from: [source], features: features)
  }

  private mutating func addNormalization(
    from source: Int, _ features: Int, _ random: inout SeededRandom
  ) {
    // Over one or two features a row's normal numbers hardly depend on it.
    let type = features > 2 && random.oneIn(2) ? "layer_norm" : "batch_norm"
    own(type, from: source, features)
    add(type, Self.options(type, &random), from: [source], features: features)
  }

  /// Uses the parameters of an operator that takes as many features, if there is one.
  private mutating func addSharing(
    from source: Int, _ features: Int, _ random: inout SeededRandom
  ) {
    let alike = owners.filter { $0.inputFeatures == features }
    guard !alike.isEmpty else { return addLinear(from: source, &random) }
    let owner = random.pick(alike)
    add(
      owner.type, [.init("shares", .string(owner.name))], from: [source],
      features: owner.outputFeatures)
  }

  private mutating func addConcat(
    _ producers: [Int], _ features: Int, _ random: inout SeededRandom
  ) {
    let sources = (0..<random.int(1...3)).map { _ in random.pick(producers) }
    add(
      "concat", order(sources, &random), from: sources,
      features: sources.reduce(0) { $0 + values[$1].features })
  }

  private mutating func addCombination(_ alike: [Int], _ random: inout SeededRandom) {
    let type = random.pick(["sum", "multiply", "subtract"])
    let count = type == "subtract" ? 2 : random.int(1...(type == "sum" ? 4 : 3))
    let sources = (0..<count).map { _ in random.pick(alike) }
    add(
      type, type == "subtract" ? order(sources, &random) : [], from: sources,
      features: values[alike[0]].features)
  }

  /// The order in which the sources are taken, not always written.
  private func order(_ sources: [Int], _ random: inout SeededRandom) -> [JSONValue.Member] {
    if random.oneIn(3) { return [] }
    let names = sources.map { values[$0].name }.shuffled(using: &random)
    return [.init("inputs", .array(names.map { .string($0) }))]
  }

  static func options(_ type: String, _ random: inout SeededRandom) -> [JSONValue.Member] {
    RandomOptions.of(type, &random)
  }
}

/// Options of operators by chance, defaults among them.
package enum RandomOptions {
  /// Options of a type; empty where it has none, and half of the time.
  package static func of(_ type: String, _ random: inout SeededRandom) -> [JSONValue.Member] {
    if random.oneIn(2) { return [] }
    func number(_ name: String, _ range: ClosedRange<Double>) -> JSONValue.Member {
      .init(name, .number(Double.random(in: range, using: &random)))
    }
    return switch type {
    case "leaky_relu": [number("negative_slope", -0.5...0.5)]
    case "elu": [number("alpha", -0.5...2)]
    case "gelu": [.init("approximate", .string(random.pick(["none", "tanh"])))]
    case "softplus": [number("beta", 0.5...3), number("threshold", 1...3)]
    case "dropout": [.init("rate", .number(random.oneIn(4) ? 0 : 0.3))]
    case "batch_norm": [number("epsilon", 1e-5...1e-2), number("momentum", 0...1)]
    case "layer_norm": [number("epsilon", 1e-5...1e-2)]
    default: []
    }
  }
}

extension JSONValue {
  fileprivate var isStandardize: Bool { self["type"] == .string("standardize") }
}
