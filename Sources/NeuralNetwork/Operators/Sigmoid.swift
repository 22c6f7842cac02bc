package import Kernels

/// `y = 1 / (1 + e^-x)`.
package struct Sigmoid: Operator {
  package static let type = "sigmoid"

  package init?(reading reader: inout ConfigurationReader) {}

  package func forward(_ site: Site, in arena: inout Arena) {
    arena.sigmoid(site.inputs[0], into: site.output)
  }

  /// `dx = y (1 - y) dy`.
  package func backward(_ site: Site, in arena: inout Arena) {
    guard let outputGradient = site.outputGradient, let target = site.inputGradients[0] else {
      return
    }
    arena.sigmoidGradient(
      output: site.output, outputGradient: outputGradient, into: target.matrix, target.destination)
  }
}
