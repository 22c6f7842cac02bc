import NeuralNetwork
import TestSupport
import Testing

/// Every kind of every catalogue with its defaults and each of its options, as it is read and as it
/// is written again.
@Suite("Options of kinds")
struct KindOptionTests {
  /// A kind as a client writes it, and all options that it then has.
  struct Entry: CustomTestStringConvertible {
    let type: String
    let written: [JSONValue.Member]
    let resolved: [JSONValue.Member]

    var testDescription: String { "\(type) \(written.map(\.name))" }

    init(
      _ type: String, _ written: KeyValuePairs<String, JSONValue> = [:],
      gives resolved: KeyValuePairs<String, JSONValue> = [:]
    ) {
      self.type = type
      self.written = written.map { .init($0.key, $0.value) }
      self.resolved = resolved.map { .init($0.key, $0.value) }
    }

    var document: JSONValue { .object([.init("type", .string(type))] + written) }
    var resolvedDocument: JSONValue { .object([.init("type", .string(type))] + resolved) }
  }

  /// Expects the options, and the same once more of what is written with them.
  private func expect(
    _ entry: Entry, of kinds: [any Kind.Type], _ options: (any Kind) throws -> [JSONValue.Member]
  ) throws {
    #expect(try options(kind(entry.document, of: kinds)) == entry.resolved)
    #expect(try options(kind(entry.resolvedDocument, of: kinds)) == entry.resolved)
  }

  private static let ids = JSONValue.array([.string("1"), .string("b")])

  static let operators: [Entry] = [
    Entry("batch_norm", gives: ["epsilon": .number(1e-5), "momentum": .number(0.1)]),
    Entry(
      "batch_norm", ["epsilon": .number(0.5), "momentum": .integer(1), "shares": .integer(7)],
      gives: ["epsilon": .number(0.5), "momentum": .number(1), "shares": .string("7")]),
    Entry("concat"),
    Entry(
      "concat", ["inputs": .array([.integer(1), .string("b")])], gives: ["inputs": ids]),
    Entry("dropout", gives: ["rate": .number(0.5)]),
    Entry("dropout", ["rate": .integer(0)], gives: ["rate": .number(0)]),
    Entry("elu", gives: ["alpha": .number(1)]),
    Entry("elu", ["alpha": .number(-2)], gives: ["alpha": .number(-2)]),
    Entry("gelu", gives: ["approximate": .string("none")]),
    Entry("gelu", ["approximate": .string("tanh")], gives: ["approximate": .string("tanh")]),
    Entry("identity"),
    Entry("layer_norm", gives: ["epsilon": .number(1e-5)]),
    Entry(
      "layer_norm", ["epsilon": .number(0.1), "shares": .string("a")],
      gives: ["epsilon": .number(0.1), "shares": .string("a")]),
    Entry("leaky_relu", gives: ["negative_slope": .number(0.01)]),
    Entry(
      "leaky_relu", ["negative_slope": .number(0.3)], gives: ["negative_slope": .number(0.3)]),
    Entry(
      "linear", ["out_features": .integer(4)],
      gives: ["in_features": .integer(3), "out_features": .integer(4)]),
    Entry(
      "linear",
      [
        "in_features": .integer(3), "out_features": .integer(4), "bias": .bool(false),
        "initializer": .string("zeros"),
      ],
      gives: [
        "in_features": .integer(3), "out_features": .integer(4), "bias": .bool(false),
        "initializer": .object([.init("type", .string("zeros"))]),
      ]),
    Entry("multiply"),
    Entry("relu"),
    Entry("sigmoid"),
    Entry("silu"),
    Entry("softmax"),
    Entry("softplus", gives: ["beta": .number(1), "threshold": .number(20)]),
    Entry(
      "softplus", ["beta": .number(2), "threshold": .integer(9)],
      gives: ["beta": .number(2), "threshold": .number(9)]),
    Entry("standardize"),
    Entry("subtract"),
    Entry("subtract", ["inputs": ids], gives: ["inputs": ids]),
    Entry("sum"),
    Entry("tanh"),
  ]

  @Test("operators", arguments: operators)
  func operatorOptions(entry: Entry) throws {
    try expect(entry, of: OperatorCatalogue.kinds) { kind in
      try #require(kind as? any Operator).options(inputs: [3])
    }
  }

  private static let two = JSONValue.array([.number(1), .number(2.5)])
  private static let three = JSONValue.array([.number(0), .number(2), .number(1)])

  static let losses: [Entry] = [
    Entry("bce"),
    Entry("bce", ["class_weights": two], gives: ["class_weights": two]),
    Entry("bce_with_logits"),
    Entry(
      "bce_with_logits", ["class_weights": .array([.integer(1), .number(2.5)])],
      gives: ["class_weights": two]),
    Entry("cross_entropy"),
    Entry(
      "cross_entropy", ["class_weights": .tensor(Tensor(shape: [3], elements: [0, 2, 1]))],
      gives: ["class_weights": three]),
    Entry("huber", gives: ["delta": .number(1)]),
    Entry("huber", ["delta": .number(0.25)], gives: ["delta": .number(0.25)]),
    Entry("mae"),
    Entry("mse"),
  ]

  @Test("losses", arguments: losses)
  func lossOptions(entry: Entry) throws {
    try expect(entry, of: LossCatalogue.kinds) { try #require($0 as? any Loss).options }
  }

  static let optimizers: [Entry] = [
    Entry("adagrad", gives: ["learning_rate": .number(0.01), "epsilon": .number(1e-10)]),
    Entry(
      "adagrad", ["learning_rate": .number(1), "epsilon": .number(0.1)],
      gives: ["learning_rate": .number(1), "epsilon": .number(0.1)]),
    Entry(
      "adam",
      gives: [
        "learning_rate": .number(0.001), "beta1": .number(0.9), "beta2": .number(0.999),
        "epsilon": .number(1e-8),
      ]),
    Entry(
      "adam",
      ["beta1": .number(0), "beta2": .number(0.5), "epsilon": .number(1e-3)],
      gives: [
        "learning_rate": .number(0.001), "beta1": .number(0), "beta2": .number(0.5),
        "epsilon": .number(1e-3),
      ]),
    Entry(
      "adamw",
      gives: [
        "learning_rate": .number(0.001), "beta1": .number(0.9), "beta2": .number(0.999),
        "epsilon": .number(1e-8), "weight_decay": .number(0.01),
      ]),
    Entry(
      "adamw", ["weight_decay": .integer(0), "learning_rate": .number(0.5)],
      gives: [
        "learning_rate": .number(0.5), "beta1": .number(0.9), "beta2": .number(0.999),
        "epsilon": .number(1e-8), "weight_decay": .number(0),
      ]),
    Entry(
      "rmsprop",
      gives: [
        "learning_rate": .number(0.01), "alpha": .number(0.99), "epsilon": .number(1e-8),
        "momentum": .number(0),
      ]),
    Entry(
      "rmsprop",
      ["alpha": .number(0.5), "epsilon": .number(1e-4), "momentum": .number(0.9)],
      gives: [
        "learning_rate": .number(0.01), "alpha": .number(0.5), "epsilon": .number(1e-4),
        "momentum": .number(0.9),
      ]),
    Entry(
      "sgd",
      gives: [
        "learning_rate": .number(0.05), "momentum": .number(0), "nesterov": .bool(false),
      ]),
    Entry(
      "sgd", ["learning_rate": .number(2), "momentum": .number(0.9), "nesterov": .bool(true)],
      gives: [
        "learning_rate": .number(2), "momentum": .number(0.9), "nesterov": .bool(true),
      ]),
  ]

  @Test("optimizers", arguments: optimizers)
  func optimizerOptions(entry: Entry) throws {
    try expect(entry, of: OptimizerCatalogue.kinds) { try #require($0 as? any Optimizer).options }
  }

  static let schedules: [Entry] = [
    Entry("constant"),
    Entry("cosine", gives: ["minimum": .number(0), "period": .null]),
    Entry(
      "cosine", ["minimum": .number(0.1), "period": .integer(9)],
      gives: ["minimum": .number(0.1), "period": .integer(9)]),
    Entry("exponential", ["gamma": .number(0.9)], gives: ["gamma": .number(0.9)]),
    Entry(
      "reduce_on_plateau",
      gives: [
        "factor": .number(0.1), "patience": .integer(10), "threshold": .number(1e-4),
        "minimum": .number(0),
      ]),
    Entry(
      "reduce_on_plateau",
      [
        "factor": .number(0.5), "patience": .integer(0), "threshold": .number(0),
        "minimum": .number(0.01),
      ],
      gives: [
        "factor": .number(0.5), "patience": .integer(0), "threshold": .number(0),
        "minimum": .number(0.01),
      ]),
    Entry(
      "step", ["step_size": .integer(3)], gives: ["step_size": .integer(3), "gamma": .number(0.1)]),
    Entry(
      "step", ["step_size": .integer(1), "gamma": .number(0.5)],
      gives: ["step_size": .integer(1), "gamma": .number(0.5)]),
  ]

  @Test("schedules", arguments: schedules)
  func scheduleOptions(entry: Entry) throws {
    try expect(entry, of: ScheduleCatalogue.kinds) { try #require($0 as? any Schedule).options }
  }

  @Test("every kind of every catalogue is read")
  func tablesAreComplete() {
    let initializers = InitializerTests.table.map(\.type)
    for (entries, kinds): ([String], [any Kind.Type]) in [
      (Self.operators.map(\.type), OperatorCatalogue.kinds),
      (Self.losses.map(\.type), LossCatalogue.kinds),
      (Self.optimizers.map(\.type), OptimizerCatalogue.kinds),
      (Self.schedules.map(\.type), ScheduleCatalogue.kinds),
      (initializers, InitializerCatalogue.kinds),
    ] {
      #expect(Set(entries) == Set(kinds.map { $0.type }))
    }
  }
}
