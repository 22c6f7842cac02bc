internal import KernelInstructions
package import Kernels

/// `y = x_1 + ... + x_N`, added in ascending order of the producers' ids.
package struct Sum: Operator {
  package static let type = "sum"

  package init?(reading reader: inout ConfigurationReader) {}

  package var inputCount: ClosedRange<Int> { 1...Int.max }

  package func outputFeatures(of inputs: [Int]) throws(OperandMismatch) -> Int {
    try OperandMismatch.equal(inputs)
  }

  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    program.copy(site.inputs[0], into: site.output)
    for input in site.inputs.dropFirst() {
      program.copy(input, into: site.output, .add)
    }
  }

  /// `dy` to each input.
  package func backward(_ site: Site, into program: inout Program) {
    guard let outputGradient = site.outputGradient else { return }
    for case let target? in site.inputGradients {
      program.copy(outputGradient, into: target.matrix, target.destination)
    }
  }
}
