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

  /// The product of the first inputs; then, for each input but the last, that of `dy` and the inputs
  /// behind it.
  package func scratch(
    inputs: [Int], rows: Int, _ mode: ExecutionMode
  ) -> [(rows: Int, columns: Int)] {
    let count = mode == .training ? inputs.count : 0
    return Array(repeating: (rows: rows, columns: inputs[0]), count: count)
  }

  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    program.copy(site.inputs[0], into: site.output)
    for input in site.inputs.dropFirst() {
      program.combine(.multiply, site.output, input, into: site.output)
    }
  }

  /// `dx_i = dy *` the product of all other inputs: of those before it and those behind it.
  package func backward(_ site: Site, into program: inout Program) {
    guard let outputGradient = site.outputGradient else { return }
    let scratch = site.scratch.map { $0.first(outputGradient.rows) }
    let behind = Array(scratch.dropFirst()) + [outputGradient]
    for index in behind.indices.dropLast().reversed() {
      program.combine(
        .multiply, behind[index + 1], site.inputs[index + 1], into: behind[index])
    }
    // Gradients that meet in one producer are told in ascending order which of them comes first.
    var before: Matrix?
    for (index, target) in site.inputGradients.enumerated() {
      if let target, let before {
        program.combine(.multiply, before, behind[index], into: target.matrix, target.destination)
      } else if let target {
        program.copy(behind[index], into: target.matrix, target.destination)
      }
      guard index + 1 < site.inputs.count else { break }
      if let product = before {
        program.combine(.multiply, product, site.inputs[index], into: scratch[0])
        before = scratch[0]
      } else {
        before = site.inputs[index]
      }
    }
  }
}
