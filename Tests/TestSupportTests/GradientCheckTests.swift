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

  static let wrongFormulas: [(String, ReferenceNetwork.Formula)] = [
    ("linear", { inputs, _ in inputs[0].map { [$0[0], $0[0], $0[0], $0[0]] } }),
    ("relu", { inputs, _ in inputs[0].map { $0.map { min($0, 0) } } }),
    ("sigmoid", { inputs, _ in inputs[0].map { $0.map { $0 / 4 } } }),
    ("tanh", { inputs, _ in inputs[0] }),
    ("sum", { inputs, _ in inputs[0] }),
  ]

  @Test("finds each kind of operator whose gradient belongs to another function")
  func findsWrongOperator() throws {
    #expect(Set(Self.wrongFormulas.map(\.0)) == Set(OperatorCatalogue.kinds.map { $0.type }))
    for (type, formula) in Self.wrongFormulas {
      let check = try check(
        formulas: ReferenceNetwork.formulas.merging([type: formula]) { $1 })
      #expect(!check.faults(in: check.computed().gradients).isEmpty, "\(type)")
    }
  }
}
