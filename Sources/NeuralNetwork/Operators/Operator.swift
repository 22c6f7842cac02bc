package import Kernels

/// A function on tensors with its gradient, perhaps with parameters; the paper's module.
///
/// It has three duties, ``forward(_:in:)``, ``backward(_:in:)`` and ``update(_:by:rate:in:)``, and
/// keeps nothing between them but its options: all numbers lie in the arena, at its ``Site``.
///
/// To add one: a file in this folder and a line in ``OperatorCatalogue``.
package protocol Operator: Kind {
  /// How many inputs it takes.
  var inputCount: ClosedRange<Int> { get }

  /// The number of features that each input must have; nil where any will do.
  var inputFeatures: Int? { get }

  /// The member that decided ``inputFeatures``, of those that the client wrote; nil if none did.
  var inputFeaturesMember: String? { get }

  /// The number of output features for inputs of these many features.
  ///
  /// - Parameter inputs: As many as ``inputCount`` allows, each as ``inputFeatures`` demands.
  /// - Returns: At least 1.
  /// - Throws: An ``OperandMismatch`` if they do not fit each other.
  func outputFeatures(of inputs: [Int]) throws(OperandMismatch) -> Int

  /// The parameters, in the order in which they are stored and hashed.
  func parameters(inputs: [Int]) -> [ParameterDeclaration]

  /// Shapes of the matrices that it needs for itself besides its parameters.
  func scratch(inputs: [Int]) -> [(rows: Int, columns: Int)]

  /// The members that write it so that it can be read again, without `type` and parameters.
  func options(inputs: [Int]) -> [JSONValue.Member]

  /// Derives from the parameters what ``forward(_:in:)`` needs, whenever they have changed.
  func prepare(_ site: Site, in arena: inout Arena)

  /// Computes the output from the inputs, keeping what ``backward(_:in:)`` needs.
  func forward(_ site: Site, in arena: inout Arena)

  /// Computes the gradients with respect to the inputs and the parameters from the one with respect
  /// to the output.
  func backward(_ site: Site, in arena: inout Arena)

  /// Takes one step of the optimizer on the parameters.
  func update(_ site: Site, by optimizer: any Optimizer, rate: Float, in arena: inout Arena)
}

extension Operator {
  package var inputCount: ClosedRange<Int> { 1...1 }
  package var inputFeatures: Int? { nil }
  package var inputFeaturesMember: String? { nil }
  package func outputFeatures(of inputs: [Int]) throws(OperandMismatch) -> Int { inputs[0] }
  package func parameters(inputs: [Int]) -> [ParameterDeclaration] { [] }
  package func scratch(inputs: [Int]) -> [(rows: Int, columns: Int)] { [] }
  package func options(inputs: [Int]) -> [JSONValue.Member] { [] }
  package func prepare(_ site: Site, in arena: inout Arena) {}

  package func update(
    _ site: Site, by optimizer: any Optimizer, rate: Float, in arena: inout Arena
  ) {
    for parameter in site.parameters {
      optimizer.update(parameter, rate: rate, in: &arena)
    }
    prepare(site, in: &arena)
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
}

/// Where an operator's numbers lie, for one number of rows.
///
/// A class, so that a step hands it to an operator without copying its arrays.
package final class Site: Sendable {
  /// Shape `[rows, features]` each, in ascending order of the producers' ids.
  package let inputs: [Matrix]

  /// Shape `[rows, features]`.
  package let output: Matrix

  /// The gradient with respect to ``output``; nil when the network only predicts.
  package let outputGradient: Matrix?

  /// Where the gradient with respect to each input goes; nil where nobody needs it.
  package let inputGradients: [GradientTarget?]

  package let parameters: [ParameterSite]

  /// The matrices asked for by ``Operator/scratch(inputs:)``.
  package let scratch: [Matrix]

  init(
    inputs: [Matrix], output: Matrix, outputGradient: Matrix?, inputGradients: [GradientTarget?],
    parameters: [ParameterSite], scratch: [Matrix]
  ) {
    self.inputs = inputs
    self.output = output
    self.outputGradient = outputGradient
    self.inputGradients = inputGradients
    self.parameters = parameters
    self.scratch = scratch
  }
}

/// The place of a gradient that several consumers of one output may share.
package struct GradientTarget: Sendable {
  package let matrix: Matrix
  /// The first consumer in backward order replaces what is there, each later one adds to it.
  package let destination: Destination
}
