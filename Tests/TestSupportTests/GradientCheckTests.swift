import NeuralNetwork
import TestSupport
import Testing

/// The gradient check must see what it is there to see.
@Suite("Gradient check")
struct GradientCheckTests {
  private func check(
    formulas: [String: ReferenceNetwork.Formula] = ReferenceNetwork.formulas
  ) throws -> GradientCheck {
    var random = SeededRandom(seed: 1)
    let network = network(
      operators: [
        ("1", linear(4, from: 3)), ("2", .string("relu")), ("3", .string("tanh")),
        ("4", .string("sigmoid")), ("5", .string("sum")), ("6", linear(2)),
      ],
      connectivity: [("1", [2, 3, 4]), ("2", [5]), ("3", [5]), ("4", [5]), ("5", [6]), ("6", [])])
    return try #require(
      GradientCheck(
        graph(network), rows: 3, loss: try meanSquaredError(), random: &random,
        formulas: formulas))
  }

  @Test("accepts what the engine computes")
  func acceptsRightGradients() throws {
    let check = try check()
    #expect(check.faults(in: check.computed().gradients).isEmpty)
  }

  @Test("finds one wrong sign in one number of a parameter", arguments: 0..<4)
  func findsWrongSign(parameter: Int) throws {
    let check = try check()
    var gradients = check.computed().gradients
    var elements = gradients[parameter].elements
    let largest = elements.indices.max { elements[$0].magnitude < elements[$1].magnitude }
    let index = try #require(largest)
    elements[index] = -elements[index]
    gradients[parameter] = Tensor(shape: gradients[parameter].shape, elements: elements)
    let faults = check.faults(in: gradients)
    #expect(faults.count == 1)
    let name = parameter % 2 == 0 ? "weight" : "bias"
    #expect(faults.first?.parameter == "\(name) of operator \(parameter < 2 ? 1 : 6)")
  }

  @Test("finds a factor that is off by a thousandth, and NaN", arguments: [1.001, 0.999, .nan])
  func findsWrongFactor(factor: Float) throws {
    let check = try check()
    let gradients = check.computed().gradients.map { tensor in
      Tensor(shape: tensor.shape, elements: tensor.elements.map { $0 * factor })
    }
    #expect(check.faults(in: gradients).count == 4)
  }

  /// Each kind's formula with one sign turned, or as another function.
  static let wrongFormulas: [String: ReferenceNetwork.Formula] = [
    "batch_norm": right("batch_norm") { -$0 },
    "concat": { operands in
      operands.inputs[0].indices.map { row in operands.inputs.reversed().flatMap { $0[row] } }
    },
    "dropout": right("dropout") { -$0 },
    "elu": { $0.inputs[0].map { $0.map { $0 > 0 ? $0 : -$0 } } },
    "gelu": right("gelu") { -$0 },
    "identity": right("identity") { -$0 },
    "layer_norm": right("layer_norm") { -$0 },
    "leaky_relu": { $0.inputs[0].map { $0.map { $0 > 0 ? $0 : -0.01 * $0 } } },
    "linear": right("linear") { -$0 },
    "multiply": right("multiply") { -$0 },
    "relu": { $0.inputs[0].map { $0.map { min($0, 0) } } },
    "sigmoid": { $0.inputs[0].map { $0.map { $0 / 4 } } },
    "silu": { $0.inputs[0].map { $0.map { $0 / (1 + $0 * $0) } } },
    "softmax": right("softmax") { -$0 },
    "softplus": right("softplus") { -$0 },
    "standardize": right("standardize") { -$0 },
    "subtract": right("subtract") { -$0 },
    "sum": { $0.inputs[0] },
    "tanh": { $0.inputs[0] },
  ]

  private static func right(
    _ type: String, _ change: @escaping @Sendable (Double) -> Double
  ) -> ReferenceNetwork.Formula {
    { operands in
      guard let formula = ReferenceNetwork.formulas[type] else { return [] }
      return formula(operands).map { $0.map(change) }
    }
  }

  @Test("knows a wrong formula for every kind of operator")
  func wrongFormulasAreComplete() {
    #expect(Set(Self.wrongFormulas.keys) == Set(OperatorCatalogue.kinds.map { $0.type }))
  }

  @Test(
    "finds each kind of operator whose gradient belongs to another function",
    arguments: OperatorCatalogue.kinds.map { $0.type })
  func findsWrongOperator(type: String) throws {
    let right = ReferenceNetwork.formulas
    var wrong = right
    wrong[type] = Self.wrongFormulas[type]
    for (formulas, isRight) in [(right, true), (wrong, false)] {
      var random = SeededRandom(seed: 2)
      let graph = try graph(OperatorSetting.network(type, &random))
      let check = try #require(
        GradientCheck(
          graph, rows: 5, loss: try meanSquaredError(), random: &random, formulas: formulas))
      #expect(check.faults(in: check.computed().gradients).isEmpty == isRight)
    }
  }
}
