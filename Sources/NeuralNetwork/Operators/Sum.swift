package import Kernels

/// `y = x_1 + ... + x_N`, added in ascending order of the producers' ids.
package struct Sum: Operator {
  package static let type = "sum"

  package init?(reading reader: inout ConfigurationReader) {}

  package var inputCount: ClosedRange<Int> { 1...Int.max }

  package func outputFeatures(of inputs: [Int]) throws(OperandMismatch) -> Int {
    for (index, features) in inputs.enumerated() where features != inputs[0] {
      throw OperandMismatch(first: 0, second: index)
    }
    return inputs[0]
  }

  package func forward(_ site: Site, in arena: inout Arena) {
    arena.copy(site.inputs[0], into: site.output)
    for input in site.inputs.dropFirst() {
      arena.copy(input, into: site.output, .add)
    }
  }

  /// `dy` to each input.
  package func backward(_ site: Site, in arena: inout Arena) {
    guard let outputGradient = site.outputGradient else { return }
    for case let target? in site.inputGradients {
      arena.copy(outputGradient, into: target.matrix, target.destination)
    }
  }
}
