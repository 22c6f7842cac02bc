package import Kernels

/// `y = max(x, 0)`.
package struct ReLU: Operator {
  package static let type = "relu"

  package init?(reading reader: inout ConfigurationReader) {}

  package func forward(_ site: Site, in arena: inout Arena) {
    arena.relu(site.inputs[0], into: site.output)
  }

  /// `dx = dy` where `x > 0`, else 0.
  package func backward(_ site: Site, in arena: inout Arena) {
    guard let outputGradient = site.outputGradient, let target = site.inputGradients[0] else {
      return
    }
    arena.reluGradient(
      output: site.output, outputGradient: outputGradient, into: target.matrix, target.destination)
  }
}
