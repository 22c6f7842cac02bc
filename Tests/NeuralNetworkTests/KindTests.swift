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
  func written() {
    let short = read([.init("optimizer", .string("sgd"))])
    #expect((short.kind as? SGD)?.learningRate == 0.05)
    #expect(short.issues == [])
    let long = read([
      .init(
        "optimizer",
        .object([.init("type", .string("sgd")), .init("learning_rate", .number(0.5))]))
    ])
    #expect((long.kind as? SGD)?.learningRate == 0.5)
    #expect((long.kind as? SGD)?.options == [.init("learning_rate", .number(0.5))])
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
          detail: "optimizer sgd has no member \"rate\"; it takes learning_rate, type"),
      ])
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
      OptimizerCatalogue.kinds.map { $0.type },
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
