package import KernelInstructions
package import Kernels

/// How a step changes the parameters.
///
/// To add one: a file in this folder and a line in ``OptimizerCatalogue``.
package protocol Optimizer: Kind {
  /// The step's size before any schedule.
  var learningRate: Double { get }

  /// How many matrices of the parameter's shape it keeps between steps; zeros at first.
  var stateCount: Int { get }

  /// The members that write it so that it can be read again, every default resolved.
  var options: [JSONValue.Member] { get }

  /// The numbers that change from step to step.
  ///
  /// - Parameters:
  ///   - rate: The learning rate after the schedule.
  ///   - step: 1, 2, 3, ... over the whole training.
  /// - Returns: As many as ``update(_:gradient:settings:into:)`` reads, the rest 0.
  func settings(rate: Double, step: Int) -> SIMD4<Float>

  /// Takes one step on a parameter.
  ///
  /// - Parameters:
  ///   - parameter: What is changed; it has a gradient.
  ///   - gradient: The gradient, penalties and clipping included; it may be overwritten.
  ///   - settings: A row with the numbers of ``settings(rate:step:)``.
  ///   - program: Receives the instructions.
  func update(
    _ parameter: ParameterSite, gradient: Matrix, settings: Matrix, into program: inout Program)
}

/// The kinds of optimizer that a job may name.
package enum OptimizerCatalogue {
  /// One line for each kind.
  package static let kinds: [any Optimizer.Type] = [
    Adagrad.self,
    Adam.self,
    AdamW.self,
    RMSprop.self,
    SGD.self,
  ]
}

extension ConfigurationReader {
  /// Reads an optimizer's step size.
  mutating func learningRate(default rate: Double) -> Double {
    number("learning_rate", in: 0...1_000_000) ?? rate
  }

  /// Reads the number that keeps a divisor from 0.
  mutating func epsilon(default epsilon: Double) -> Double {
    number("epsilon", in: 1e-30...1) ?? epsilon
  }

  /// Reads a factor from 0 to just below 1.
  mutating func fraction(_ name: String, default fraction: Double) -> Double {
    number(name, in: 0...0.999_999_9) ?? fraction
  }
}
