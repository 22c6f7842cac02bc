internal import KernelInstructions
package import Kernels

/// `y = x_1 * ... * x_N`, multiplied in ascending order of the producers' ids.
package struct Multiply: Operator {
  package static let type = "multiply"

  package init?(reading reader: inout ConfigurationReader) {}

  package var inputCount: ClosedRange<Int> { 1...Int.max }

  package func outputFeatures(of inputs: [Int]) throws(OperandMismatch) -> Int {
    try OperandMismatch.equal(inputs)
  }

  /// The product of `dy` and all inputs but one.
  package func scratch(
    inputs: [Int], rows: Int, _ mode: ExecutionMode
  ) -> [(rows: Int, columns: Int)] {
    mode == .training ? [(rows: rows, columns: inputs[0])] : []
  }

  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    program.copy(site.inputs[0], into: site.output)
    for input in site.inputs.dropFirst() {
      program.combine(.multiply, site.output, input, into: site.output)
    }
  }

  /// `dx_i = dy *` the product of all other inputs.
  package func backward(_ site: Site, into program: inout Program) {
    guard let outputGradient = site.outputGradient else { return }
    let product = site.scratch[0].first(outputGradient.rows)
    for (index, target) in site.inputGradients.enumerated() {
      guard let target else { continue }
      program.copy(outputGradient, into: product)
      for (other, input) in site.inputs.enumerated() where other != index {
        program.combine(.multiply, product, input, into: product)
      }
      program.copy(product, into: target.matrix, target.destination)
    }
  }
}
