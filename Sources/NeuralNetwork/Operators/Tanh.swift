package import Kernels

/// `y = tanh x`.
package struct Tanh: Operator {
  package static let type = "tanh"

  package init?(reading reader: inout ConfigurationReader) {}

  package func forward(_ site: Site, in arena: inout Arena) {
    arena.tanh(site.inputs[0], into: site.output)
  }

  /// `dx = (1 - y^2) dy`.
  package func backward(_ site: Site, in arena: inout Arena) {
    guard let outputGradient = site.outputGradient, let target = site.inputGradients[0] else {
      return
    }
    arena.tanhGradient(
      output: site.output, outputGradient: outputGradient, into: target.matrix, target.destination)
  }
}
