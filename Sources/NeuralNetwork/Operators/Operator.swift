package import KernelInstructions
package import Kernels

/// What a model is computed for.
package enum ExecutionMode: Hashable, Sendable {
  case training
  case prediction
}

/// A function on tensors with its gradient, perhaps with parameters; the paper's module.
///
/// It has three duties, ``forward(_:_:into:)``, ``backward(_:into:)`` and ``update(_:by:into:)``.
/// It does not compute but writes down what is to be computed, once, when a model is laid out: all
/// numbers lie in an arena, at its ``Site``, and it keeps nothing but its options.
///
/// To add one: a file in this folder and a line in ``OperatorCatalogue``.
package protocol Operator: Kind {
  /// How many inputs it takes.
  var inputCount: ClosedRange<Int> { get }

  /// The producers in the order in which they are taken, if the client wrote it.
  var inputOrder: [OperatorID]? { get }

  /// The operator whose parameters it uses, if the client wrote one.
  var parameterOwner: OperatorID? { get }

  /// Whether it takes inputs of the network only.
  var takesNetworkInputsOnly: Bool { get }

  /// The number of features that each input must have; nil where any will do.
  var inputFeatures: Int? { get }

  /// The member that decided ``inputFeatures``, of those that the client wrote; nil if none did.
  var inputFeaturesMember: String? { get }

  /// Takes what the client left out from the operator whose parameters it uses.
  ///
  /// - Parameter owner: An operator of the same kind.
  /// - Returns: Nil if the two differ in what they have in common.
  func sharing(with owner: any Operator) -> (any Operator)?

  /// The number of output features for inputs of these many features.
  ///
  /// - Parameter inputs: As many as ``inputCount`` allows, each as ``inputFeatures`` demands.
  /// - Returns: At least 1.
  /// - Throws: An ``OperandMismatch`` if they do not fit each other.
  func outputFeatures(of inputs: [Int]) throws(OperandMismatch) -> Int

  /// The parameters, in the order in which they are stored and hashed.
  func parameters(inputs: [Int]) -> [ParameterDeclaration]

  /// Shapes of the matrices that it needs for itself besides its parameters.
  ///
  /// - Parameters:
  ///   - inputs: Features of each input.
  ///   - rows: The largest batch.
  ///   - mode: What the model is laid out for.
  /// - Returns: Rows and columns of each.
  func scratch(inputs: [Int], rows: Int, _ mode: ExecutionMode) -> [(rows: Int, columns: Int)]

  /// The members that write it so that it can be read again, without `type` and parameters.
  func options(inputs: [Int]) -> [JSONValue.Member]

  /// Whether the output may lie where the input does, which backward then does not read.
  var mayReplaceInput: Bool { get }

  /// Whether backward reads the output.
  var needsOutput: Bool { get }

  /// Derives from the parameters what forward needs, whenever they have changed.
  func prepare(_ site: Site, into program: inout Program)

  /// Computes the output from the inputs, keeping what backward needs.
  func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program)

  /// Computes the gradients with respect to the inputs and the parameters from the one with respect
  /// to the output.
  func backward(_ site: Site, into program: inout Program)

  /// Takes one step of the optimizer on the parameters.
  func update(_ site: Site, by step: PlacedStepRule, into program: inout Program)
}

extension Operator {
  package var inputCount: ClosedRange<Int> { 1...1 }
  package var inputOrder: [OperatorID]? { nil }
  package var parameterOwner: OperatorID? { nil }
  package var takesNetworkInputsOnly: Bool { false }
  package var inputFeatures: Int? { nil }
  package var inputFeaturesMember: String? { nil }
  package func sharing(with owner: any Operator) -> (any Operator)? { nil }
  package func outputFeatures(of inputs: [Int]) throws(OperandMismatch) -> Int { inputs[0] }
  package func parameters(inputs: [Int]) -> [ParameterDeclaration] { [] }
  package func scratch(
    inputs: [Int], rows: Int, _ mode: ExecutionMode
  ) -> [(rows: Int, columns: Int)] { [] }
  package func options(inputs: [Int]) -> [JSONValue.Member] { [] }
  package var mayReplaceInput: Bool { false }
  package var needsOutput: Bool { false }
  package func prepare(_ site: Site, into program: inout Program) {}

  package func update(_ site: Site, by step: PlacedStepRule, into program: inout Program) {
    for parameter in site.parameters {
      step.update(parameter, into: &program)
    }
  }
}

/// Two inputs of one operator do not fit each other.
package struct OperandMismatch: Error, Hashable, Sendable {
  /// Indices of the two inputs.
  package let first: Int
  package let second: Int

  package init(first: Int, second: Int) {
    self.first = first
    self.second = second
  }

  /// Demands equal features of all inputs.
  ///
  /// - Returns: The features.
  /// - Throws: The first input and one that differs from it.
  static func equal(_ inputs: [Int]) throws(OperandMismatch) -> Int {
    for (index, features) in inputs.enumerated() where features != inputs[0] {
      throw OperandMismatch(first: 0, second: index)
    }
    return inputs[0]
  }
}

/// Where an operator's numbers lie, for one number of rows.
package struct Site: Sendable {
  /// Shape `[rows, features]` each, in the order in which the operator takes them.
  package let inputs: [Matrix]

  /// Shape `[rows, features]`.
  package let output: Matrix

  /// The gradient with respect to ``output``; nil when the network only predicts, or where no
  /// parameter depends on it.
  package let outputGradient: Matrix?

  /// Where the gradient with respect to each input goes; nil where nobody needs it.
  package let inputGradients: [GradientTarget?]

  package let parameters: [ParameterSite]

  /// The matrices asked for by ``Operator/scratch(inputs:rows:_:)``.
  package let scratch: [Matrix]

  /// Tells the operators of one network apart where they draw random numbers.
  package let stream: UInt32

  /// A row of bits: the seed's two halves and the step.
  package let randomState: Matrix
}

/// The place of a gradient that several may contribute to.
package struct GradientTarget: Sendable {
  package let matrix: Matrix
  /// The first in backward order replaces what is there, each later one adds to it.
  package let destination: Destination

  /// What the sums of a product that goes there begin with.
  var start: Product.Start { destination == .add ? .existing : .zero }
}
