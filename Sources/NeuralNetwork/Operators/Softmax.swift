package import Kernels

/// `y_i = e^(x_i) / sum over j of e^(x_j)`, over the features of each row.
package struct Softmax: Operator {
  package static let type = "softmax"

  package init?(reading reader: inout ConfigurationReader) {}

  package var mayReplaceInput: Bool { true }
  package var needsOutput: Bool { true }

  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    program.softmax(site.inputs[0], into: site.output)
  }

  /// `dx_i = y_i (dy_i - sum over j of y_j dy_j)`.
  package func backward(_ site: Site, into program: inout Program) {
    guard let outputGradient = site.outputGradient, let target = site.inputGradients[0] else {
      return
    }
    program.softmaxGradient(
      output: site.output, outputGradient: outputGradient, into: target.matrix, target.destination)
  }
}
