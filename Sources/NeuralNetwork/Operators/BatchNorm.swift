internal import KernelInstructions
package import Kernels

/// `y = (x - mean) / sqrt(variance + epsilon) * weight + bias`, column by column.
///
/// In training mean and variance are the batch's, and the running ones, which prediction uses, move
/// towards them by `momentum`; conventions as PyTorch's `BatchNorm1d`.
/// Source: Ioffe, Szegedy, "Batch Normalization" (2015).
package struct BatchNorm: Operator {
  package static let type = "batch_norm"

  private static let members = ["weight", "bias", "running_mean", "running_variance"]

  package let parameterOwner: OperatorID?
  private let epsilon: Double
  private let momentum: Double
  private let written: FeatureParameters

  package init?(reading reader: inout ConfigurationReader) {
    parameterOwner = reader.parameterOwner(without: BatchNorm.members)
    epsilon = reader.number("epsilon", in: 1e-12...1) ?? 1e-5
    momentum = reader.number("momentum", in: 0...1) ?? 0.1
    written = FeatureParameters(BatchNorm.members, minima: ["running_variance": 0], &reader)
  }

  package var inputFeatures: Int? { written.features }
  package var inputFeaturesMember: String? { written.member }

  package func sharing(with owner: any Operator) -> (any Operator)? {
    owner is BatchNorm ? self : nil
  }

  package func parameters(inputs: [Int]) -> [ParameterDeclaration] {
    [
      written.declaration("weight", features: inputs[0], otherwise: Constant(1)),
      written.declaration("bias", features: inputs[0], otherwise: Constant(0)),
      written.declaration(
        "running_mean", features: inputs[0], isTrained: false, otherwise: Constant(0)),
      written.declaration(
        "running_variance", features: inputs[0], isTrained: false, otherwise: Constant(1)),
    ]
  }

  /// Mean and variance of the batch, and the two column sums of backward.
  package func scratch(
    inputs: [Int], rows: Int, _ mode: ExecutionMode
  ) -> [(rows: Int, columns: Int)] {
    mode == .training ? Array(repeating: (rows: 1, columns: inputs[0]), count: 4) : []
  }

  package func options(inputs: [Int]) -> [JSONValue.Member] {
    [
      JSONValue.Member("epsilon", .number(epsilon)),
      JSONValue.Member("momentum", .number(momentum)),
    ] + parameterOwnerMember
  }

  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    let (runningMean, runningVariance) = (site.parameters[2].value, site.parameters[3].value)
    switch mode {
    case .training:
      let (mean, variance) = (site.scratch[0], site.scratch[1])
      program.normalize(.columnStatistics(site.inputs[0], mean: mean, variance: variance))
      program.normalize(
        .blend(
          mean: mean, variance: variance, runningMean: runningMean,
          runningVariance: runningVariance, momentum: Float(momentum), rows: site.output.rows))
      normalize(site, mean: mean, variance: variance, into: &program)
    case .prediction:
      normalize(site, mean: runningMean, variance: runningVariance, into: &program)
    }
  }

  private func normalize(
    _ site: Site, mean: Matrix, variance: Matrix, into program: inout Program
  ) {
    program.normalize(
      .columns(
        site.inputs[0], mean: mean, variance: variance, epsilon: Float(epsilon),
        weight: site.parameters[0].value, bias: site.parameters[1].value, into: site.output))
  }

  /// With `n = (x - mean) / deviation`: `dweight = sum of n dy`, `dbias = sum of dy`,
  /// `dx = weight / deviation * (dy - dbias / rows - n dweight / rows)`.
  package func backward(_ site: Site, into program: inout Program) {
    guard let outputGradient = site.outputGradient else { return }
    let (sums, products) = (site.scratch[2], site.scratch[3])
    let place = BatchNormSite(
      input: site.inputs[0], outputGradient: outputGradient, mean: site.scratch[0],
      variance: site.scratch[1], epsilon: Float(epsilon))
    program.normalize(.columnGradientSums(place, sums: sums, products: products))
    if let weight = site.parameters[0].gradient, let bias = site.parameters[1].gradient {
      program.copy(products, into: weight.matrix, weight.destination)
      program.copy(sums, into: bias.matrix, bias.destination)
    }
    if let target = site.inputGradients[0] {
      program.normalize(
        .columnGradient(
          place, weight: site.parameters[0].value, sums: sums, products: products,
          into: target.matrix, target.destination))
    }
  }
}
