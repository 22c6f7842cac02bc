internal import KernelInstructions
package import Kernels

/// The features of all inputs side by side.
package struct Concat: Operator {
  package static let type = "concat"

  package let inputOrder: [OperatorID]?

  package init?(reading reader: inout ConfigurationReader) {
    inputOrder = reader.inputOrder()
  }

  package var inputCount: ClosedRange<Int> { 1...Int.max }

  package func outputFeatures(of inputs: [Int]) throws(OperandMismatch) -> Int {
    inputs.reduce(0, +)
  }

  package func options(inputs: [Int]) -> [JSONValue.Member] { inputOrderMember }

  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    var column = 0
    for input in site.inputs {
      program.copyColumns(
        of: input, count: input.columns, into: site.output, at: column, .replace)
      column += input.columns
    }
  }

  /// Its own columns of `dy` to each input.
  package func backward(_ site: Site, into program: inout Program) {
    guard let outputGradient = site.outputGradient else { return }
    var column = 0
    for (input, target) in zip(site.inputs, site.inputGradients) {
      if let target {
        program.copyColumns(
          of: outputGradient, from: column, count: input.columns, into: target.matrix,
          target.destination)
      }
      column += input.columns
    }
  }
}
