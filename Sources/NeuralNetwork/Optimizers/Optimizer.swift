package import Kernels

/// How a step changes the parameters.
///
/// To add one: a file in this folder and a line in ``OptimizerCatalogue``.
package protocol Optimizer: Kind {
  /// The step's size before any schedule.
  var learningRate: Double { get }

  /// How many matrices of the parameter's shape it keeps between steps.
  var stateCount: Int { get }

  /// The members that write it so that it can be read again, every default resolved.
  var options: [JSONValue.Member] { get }

  /// Takes one step on a parameter.
  func update(_ parameter: ParameterSite, rate: Float, in arena: inout Arena)
}

/// The kinds of optimizer that a job may name.
package enum OptimizerCatalogue {
  /// One line for each kind.
  package static let kinds: [any Optimizer.Type] = [
    SGD.self
  ]
}
