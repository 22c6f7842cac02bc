internal import KernelInstructions
package import Kernels

/// `y = x_1 - x_2`.
package struct Subtract: Operator {
  package static let type = "subtract"

  package let inputOrder: [OperatorID]?

  package init?(reading reader: inout ConfigurationReader) {
    inputOrder = reader.inputOrder()
  }

  package var inputCount: ClosedRange<Int> { 2...2 }

  package func outputFeatures(of inputs: [Int]) throws(OperandMismatch) -> Int {
    try OperandMismatch.equal(inputs)
  }

  package func options(inputs: [Int]) -> [JSONValue.Member] { inputOrderMember }

  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    program.combine(.subtract, site.inputs[0], site.inputs[1], into: site.output)
  }

  /// `dy` to the first input, `-dy` to the second.
  package func backward(_ site: Site, into program: inout Program) {
    guard let outputGradient = site.outputGradient else { return }
    for (target, sign) in zip(site.inputGradients, [1, -1] as [Float]) {
      guard let target else { continue }
      program.scale(outputGradient, by: sign, into: target.matrix, target.destination)
    }
  }
}
