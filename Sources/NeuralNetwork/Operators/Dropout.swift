internal import KernelInstructions
package import Kernels

/// In training `y = x m / (1 - rate)`, where each `m` is 0 with the chance `rate`, else 1; in
/// prediction `y = x`.
///
/// The masks are a function of seed, step and place, so backward draws them again.
/// Source: Srivastava et al., "Dropout" (2014), scaled in training as is usual.
package struct Dropout: Operator {
  package static let type = "dropout"

  private let rate: Double

  package init?(reading reader: inout ConfigurationReader) {
    rate = reader.fraction("rate", default: 0.5)
  }

  package func options(inputs: [Int]) -> [JSONValue.Member] {
    [JSONValue.Member("rate", .number(rate))]
  }

  package var mayReplaceInput: Bool { true }

  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    switch mode {
    case .training: drop(site.inputs[0], into: site.output, .replace, site, &program)
    case .prediction: program.copy(site.inputs[0], into: site.output)
    }
  }

  /// `dx = m dy / (1 - rate)`.
  package func backward(_ site: Site, into program: inout Program) {
    guard let outputGradient = site.outputGradient, let target = site.inputGradients[0] else {
      return
    }
    drop(outputGradient, into: target.matrix, target.destination, site, &program)
  }

  private func drop(
    _ matrix: Matrix, into result: Matrix, _ destination: Destination, _ site: Site,
    _ program: inout Program
  ) {
    program.dropout(
      DropoutInstruction(
        matrix, into: result, destination, rate: Float(rate), stream: site.stream,
        state: site.randomState))
  }
}
