package import KernelInstructions
package import Kernels

/// An operator that applies one function of one number to each number.
package protocol ElementwiseOperator: Operator {
  /// The function, with its derivative.
  var activation: Activation { get }
}

extension ElementwiseOperator {
  package var mayReplaceInput: Bool { activation.isDerivedFromOutput }
  package var needsOutput: Bool { activation.isDerivedFromOutput }

  /// `y = f(x)`.
  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    program.activate(activation, site.inputs[0], into: site.output)
  }

  /// `dx = f'(x) dy`.
  package func backward(_ site: Site, into program: inout Program) {
    guard let outputGradient = site.outputGradient, let target = site.inputGradients[0] else {
      return
    }
    program.differentiate(
      activation, source: activation.isDerivedFromOutput ? site.output : site.inputs[0],
      outputGradient: outputGradient, into: target.matrix, target.destination)
  }
}
