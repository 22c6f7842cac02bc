internal import KernelInstructions
package import Kernels

/// How a gradient is bounded before a step.
package enum GradientClipping: Hashable, Sendable {
  /// All gradients together are shortened to this length; conventions as PyTorch's
  /// `clip_grad_norm_`.
  case norm(Double)
  /// Each number is kept between `-bound` and `bound`.
  case value(Double)
}

/// All that happens between a gradient and the changed parameter: clipping, penalties, optimizer.
package struct StepRule: Sendable {
  package let optimizer: any Optimizer

  /// Adds `l1 * sign(parameter)` to the gradient.
  package let l1: Double

  /// Adds `l2 * parameter` to the gradient, which PyTorch calls weight decay.
  package let l2: Double

  package let clipping: GradientClipping?

  package init(
    _ optimizer: any Optimizer, l1: Double = 0, l2: Double = 0, clipping: GradientClipping? = nil
  ) {
    self.optimizer = optimizer
    self.l1 = l1
    self.l2 = l2
    self.clipping = clipping
  }
}

/// A step rule at its place in an arena.
package struct PlacedStepRule: Sendable {
  let rule: StepRule

  /// A row with what the optimizer changes from step to step.
  let settings: Matrix

  /// A row with the double of the gradients' squared length.
  let squaredNorm: Matrix

  /// Prepares the step when all gradients are known.
  ///
  /// - Parameters:
  ///   - parameters: All that the model trains, each once.
  ///   - program: Receives the instructions.
  func begin(_ parameters: [ParameterSite], into program: inout Program) {
    guard case .norm = rule.clipping else { return }
    program.fill(squaredNorm, with: 0)
    for case let gradient? in parameters.map(\.gradient) {
      program.update(.addSquares(gradient.matrix, into: squaredNorm))
    }
  }

  /// Takes one step on a parameter, if it is trained.
  package func update(_ parameter: ParameterSite, into program: inout Program) {
    guard let gradient = parameter.gradient?.matrix else { return }
    switch rule.clipping {
    case .norm(let bound):
      program.update(.clipNorm(gradient, squares: squaredNorm, bound: Float(bound)))
    case .value(let bound):
      program.update(.clamp(gradient, bound: Float(bound)))
    case nil: break
    }
    if rule.l1 > 0 || rule.l2 > 0 {
      program.update(
        .penalize(
          gradient: gradient, value: parameter.value, l1: Float(rule.l1), l2: Float(rule.l2)))
    }
    rule.optimizer.update(parameter, gradient: gradient, settings: settings, into: &program)
  }
}
