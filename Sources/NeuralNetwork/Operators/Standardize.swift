internal import KernelInstructions
package import Kernels

/// `y = (x - mean) / standard_deviation`, feature by feature, for an input of the network.
///
/// What the client leaves out is taken from the training samples before training, the deviation
/// over all of them (divided by their number; 0 counts as 1), kept with the model, not trained.
package struct Standardize: Operator {
  package static let type = "standardize"

  private let written: FeatureParameters

  package init?(reading reader: inout ConfigurationReader) {
    written = FeatureParameters(
      ["mean", "standard_deviation"], minima: ["standard_deviation": 1e-30], &reader)
  }

  package var takesNetworkInputsOnly: Bool { true }
  package var inputFeatures: Int? { written.features }
  package var inputFeaturesMember: String? { written.member }

  package func parameters(inputs: [Int]) -> [ParameterDeclaration] {
    [
      written.declaration(
        "mean", features: inputs[0], isTrained: false, otherwise: FittedStatistic.mean),
      written.declaration(
        "standard_deviation", features: inputs[0], isTrained: false,
        otherwise: FittedStatistic.standardDeviation),
    ]
  }

  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    program.normalize(
      .standardize(
        site.inputs[0], mean: site.parameters[0].value, deviation: site.parameters[1].value,
        into: site.output))
  }

  /// Nothing: no parameter depends on what feeds it.
  package func backward(_ site: Site, into program: inout Program) {}
}
