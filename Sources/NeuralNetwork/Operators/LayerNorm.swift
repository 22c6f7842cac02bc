internal import KernelInstructions
package import Kernels

/// `y = (x - mean) / sqrt(variance + epsilon) * weight + bias` with mean and variance of each row;
/// conventions as PyTorch's `LayerNorm`.
///
/// Source: Ba, Kiros, Hinton, "Layer Normalization" (2016).
package struct LayerNorm: Operator {
  package static let type = "layer_norm"

  private static let members = ["weight", "bias"]

  package let parameterOwner: OperatorID?
  private let epsilon: Double
  private let written: FeatureParameters

  package init?(reading reader: inout ConfigurationReader) {
    parameterOwner = reader.parameterOwner(without: LayerNorm.members)
    epsilon = reader.number("epsilon", in: 1e-12...1) ?? 1e-5
    written = FeatureParameters(LayerNorm.members, &reader)
  }

  package var inputFeatures: Int? { written.features }
  package var inputFeaturesMember: String? { written.member }

  package func sharing(with owner: any Operator) -> (any Operator)? {
    owner is LayerNorm ? self : nil
  }

  package func parameters(inputs: [Int]) -> [ParameterDeclaration] {
    [
      written.declaration("weight", features: inputs[0], otherwise: Constant(1)),
      written.declaration("bias", features: inputs[0], otherwise: Constant(0)),
    ]
  }

  package func options(inputs: [Int]) -> [JSONValue.Member] {
    [JSONValue.Member("epsilon", .number(epsilon))] + parameterOwnerMember
  }

  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    program.normalize(
      .rows(
        site.inputs[0], epsilon: Float(epsilon), weight: site.parameters[0].value,
        bias: site.parameters[1].value, into: site.output))
  }

  /// With `n = (x - mean) / deviation`: `dweight = sum of n dy`, `dbias = sum of dy`,
  /// `dx = (dy weight - mean of dy weight - n * mean of dy weight n) / deviation`.
  package func backward(_ site: Site, into program: inout Program) {
    guard let outputGradient = site.outputGradient, let weight = site.parameters[0].gradient,
      let bias = site.parameters[1].gradient
    else { return }
    program.normalize(
      .rowGradient(
        LayerNormSite(
          input: site.inputs[0], outputGradient: outputGradient,
          weight: site.parameters[0].value, epsilon: Float(epsilon),
          weightGradient: weight.matrix, biasGradient: bias.matrix,
          parameterDestination: weight.destination,
          inputGradient: site.inputGradients[0]?.matrix,
          destination: site.inputGradients[0]?.destination ?? .replace)))
  }
}
