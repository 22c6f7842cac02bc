import NeuralNetwork
import TestSupport
import Testing

/// Choices among several kinds, with the kinds that there are: losses, optimizers, operators.
@Suite("Kinds")
struct KindTests {
  private func read(
    _ members: [JSONValue.Member], of kinds: [any Kind.Type] = OptimizerCatalogue.kinds
  ) -> (kind: (any Kind)?, issues: [ConfigurationIssue]) {
    var reader = reader(members)
    let kind = reader.kind("optimizer", of: kinds, default: "sgd")
    return (kind, reader.finish())
  }

  @Test("stand for their default where they are absent or null", arguments: [false, true])
  func fallback(isNull: Bool) {
    let (kind, issues) = read(isNull ? [.init("optimizer", .null)] : [])
    #expect((kind as? SGD)?.learningRate == SGD.learningRateDefault)
    #expect(issues == [])
  }

  @Test("are written as a type alone or with options")
  func typeAloneOrWithOptions() {
    let short = read([.init("optimizer", .string("sgd"))])
    #expect((short.kind as? SGD)?.learningRate == 0.05)
    #expect(short.issues == [])
    let long = read([
      .init(
        "optimizer",
        .object([.init("type", .string("sgd")), .init("learning_rate", .number(0.5))]))
    ])
    #expect((long.kind as? SGD)?.learningRate == 0.5)
    #expect((long.kind as? SGD)?.options.first == .init("learning_rate", .number(0.5)))
    #expect(long.issues == [])
  }

  @Test("tell a type that is none, naming those that there are")
  func unknownType() {
    let (kind, issues) = read([.init("optimizer", .string("lion"))])
    #expect(kind == nil)
    let names = OptimizerCatalogue.kinds.map { "\"\($0.type)\"" }.joined(separator: ", ")
    #expect(
      issues == [
        ConfigurationIssue(
          pointer: "#/optimizer", code: "unknown_choice",
          detail: "type of optimizer lion must be one of \(names), but is \"lion\"")
      ])
  }

  @Test("written as a string, tell the missing options at the string")
  func bareString() {
    let (kind, issues) = read([.init("optimizer", .string("linear"))], of: OperatorCatalogue.kinds)
    #expect(kind == nil)
    #expect(
      issues == [
        ConfigurationIssue(
          pointer: "#/optimizer", code: "missing_member",
          detail: "optimizer linear needs out_features, an integer from 1 to 65536")
      ])
  }

  @Test("tell an option at fault and one that is unknown")
  func wrongOptions() {
    let (kind, issues) = read([
      .init(
        "optimizer",
        .object([
          .init("type", .string("sgd")), .init("learning_rate", .number(-1)),
          .init("rate", .integer(1)),
        ]))
    ])
    #expect(kind == nil)
    #expect(
      issues == [
        ConfigurationIssue(
          pointer: "#/optimizer/learning_rate", code: "invalid_value",
          detail: "learning_rate of optimizer sgd must be a number from 0 to 1000000, "
            + "but is -1.0"),
        ConfigurationIssue(
          pointer: "#/optimizer/rate", code: "unknown_member",
          detail: "optimizer sgd has no member \"rate\"; it takes learning_rate, momentum, "
            + "nesterov, type"),
      ])
  }

  private func expectFault(
    _ written: JSONValue, of kinds: [any Kind.Type], _ member: String, _ detail: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (kind, issues) = read([.init("optimizer", written)], of: kinds)
    #expect(kind == nil, sourceLocation: sourceLocation)
    let wanted = ConfigurationIssue(
      pointer: "#/optimizer/\(member)", code: "invalid_value", detail: detail)
    #expect(issues == [wanted], sourceLocation: sourceLocation)
  }

  @Test("Nesterov's step needs a momentum")
  func nesterovWithoutMomentum() {
    expectFault(
      written("sgd", ["nesterov": .bool(true)]), of: OptimizerCatalogue.kinds, "nesterov",
      "nesterov of optimizer sgd needs a momentum above 0, but momentum is 0")
  }

  @Test("a loss's class weights are a number for each class, and not all 0")
  func classWeights() {
    func numbers(_ numbers: [Double]) -> JSONValue { .array(numbers.map { .number($0) }) }
    let wrong: [(String, String, [(JSONValue, String)])] = [
      (
        "bce", "2",
        [
          (numbers([1]), "there is 1"), (numbers([1, 2, 3]), "there are 3"),
          (numbers([0, 0]), "all are 0"), (numbers([1, -1]), "one is -1.0"),
          (.integer(2), "it is 2"),
        ]
      ),
      (
        "bce_with_logits", "2",
        [
          (numbers([]), "there are 0"), (numbers([1, 1_000_001]), "one is 1000001.0"),
          (numbers([1, .nan]), "one is nan"),
        ]
      ),
      (
        "cross_entropy", "2 or more",
        [
          (numbers([1]), "there is 1"), (numbers([0, 0, 0]), "all are 0"),
          (.array([.null, .null]), "it is an array"),
        ]
      ),
    ]
    for (type, count, values) in wrong {
      for (value, fault) in values {
        expectFault(
          written(type, ["class_weights": value]), of: LossCatalogue.kinds, "class_weights",
          "class_weights of optimizer \(type) must be an array of \(count) numbers from 0 to "
            + "1000000, one for each class, but \(fault)")
      }
    }
  }

  @Test("tell what is neither a type nor an object")
  func neither() {
    let (kind, issues) = read([.init("optimizer", .integer(3))])
    #expect(kind == nil)
    #expect(
      issues.first
        == ConfigurationIssue(
          pointer: "#/optimizer", code: "wrong_type",
          detail: "optimizer must be an object, but is 3"))
  }

  @Test("have types of their own within each catalogue")
  func typesAreUnique() {
    let catalogues: [[String]] = [
      OperatorCatalogue.kinds.map { $0.type }, LossCatalogue.kinds.map { $0.type },
      OptimizerCatalogue.kinds.map { $0.type }, ScheduleCatalogue.kinds.map { $0.type },
      InitializerCatalogue.kinds.map { $0.type },
    ]
    for types in catalogues { #expect(Set(types).count == types.count) }
  }

  @Test("an operator's type alone is the operator", arguments: ["relu", "sigmoid", "sum", "tanh"])
  func shorthand(type: String) throws {
    let asType = try graph(chain([linear(2, from: 2), .string(type)]))
    let asObject = try graph(
      chain([linear(2, from: 2), .object([.init("type", .string(type))])]))
    #expect(asType.document() == asObject.document())
  }
}
