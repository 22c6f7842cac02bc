package import NeuralNetwork

/// A random acyclic network: several inputs and outputs, fan-in, fan-out, the same producer twice.
///
/// Ids are drawn at random, so that execution order is not the order of ids.
package struct RandomNetwork: Sendable {
  /// As a client would write it.
  package let document: JSONValue

  /// Features of each named input.
  package let features: [String: Int]

  private struct Value {
    let name: String
    let features: Int
    var consumers: [String] = []
  }

  /// Draws a network.
  ///
  /// - Parameters:
  ///   - random: Decides everything.
  ///   - operatorsMax: The number of operators, give or take those that consume unused inputs.
  package init(_ random: inout SeededRandom, operatorsMax: Int = 9) {
    var values = (1...random.int(1...3)).map {
      Value(name: "in\($0)", features: random.int(1...9))
    }
    let inputCount = values.count
    var operators: [(String, JSONValue)] = []
    var names = Array(1...99).map(String.init) + ["a", "b.c", "D_1"]
    names.shuffle(using: &random)

    func add(_ written: JSONValue, from sources: [Int], features: Int) {
      let name = names.removeLast()
      for source in sources { values[source].consumers.append(name) }
      operators.append((name, written))
      values.append(Value(name: name, features: features))
    }
    func addLinear(from source: Int) {
      let features = random.int(1...9)
      add(linear(features), from: [source], features: features)
    }

    // Parameters stand before everything else, so that every operator's gradient is seen in one.
    for input in 0..<inputCount { addLinear(from: input) }
    for _ in 0..<random.int(1...operatorsMax) {
      let source = random.int(inputCount...(values.count - 1))
      let features = values[source].features
      switch random.int(0...6) {
      case 0...1: addLinear(from: source)
      case 2...4:
        let type = random.pick(["relu", "sigmoid", "tanh"])
        add(.string(type), from: [source], features: features)
      default:
        let alike = values.indices.filter { $0 >= inputCount && values[$0].features == features }
        let sources = (0..<random.int(1...4)).map { _ in random.pick(alike) }
        add(.string("sum"), from: sources, features: features)
      }
    }
    operators.shuffle(using: &random)
    func lists(_ values: ArraySlice<Value>) -> JSONValue {
      .object(values.map { .init($0.name, .array($0.consumers.map { .string($0) })) })
    }
    document = .object([
      .init("operators", .object(operators.map { .init($0.0, $0.1) })),
      .init("connectivity", lists(values[inputCount...])),
      .init("inputs", lists(values[..<inputCount])),
    ])
    self.features = Dictionary(
      uniqueKeysWithValues: values[..<inputCount].map { ($0.name, $0.features) })
  }
}
