package import Kernels

/// `Y = X A^T + b`.
///
/// `X` has the shape `[rows, in_features]`, the weight `A` `[out_features, in_features]`, the bias
/// `b` `[out_features]`.
package struct Linear: Operator {
  package static let type = "linear"

  /// The largest number of features on either side.
  package static let featuresMax = 65_536

  package let inputFeatures: Int?
  package let inputFeaturesMember: String?
  private let outputFeatures: Int
  private let weight: Tensor?
  private let bias: Tensor?

  package init?(reading reader: inout ConfigurationReader) {
    let features = 1...Linear.featuresMax
    let inFeatures = reader.integer("in_features", in: features)
    let weight = reader.tensor("weight")
    let outFeatures = reader.integer("out_features", in: features, required: !reader.has("weight"))
    let bias = reader.tensor("bias")
    if let weight,
      weight.shape.count != 2 || !weight.shape.allSatisfy({ features.contains($0) })
    {
      reader.report(
        "shape_mismatch", member: "weight",
        "weight of \(reader.subject) must have the shape [out_features, in_features], each from 1 "
          + "to \(Linear.featuresMax), but has \(weight.shape)")
      return nil
    }
    guard let outputs = outFeatures ?? weight?.rows else { return nil }
    inputFeatures = inFeatures ?? weight?.columns
    inputFeaturesMember = inFeatures != nil ? "in_features" : weight.map { _ in "weight" }
    outputFeatures = outputs
    self.weight = weight
    self.bias = bias
    checkShapes(&reader)
  }

  private func checkShapes(_ reader: inout ConfigurationReader) {
    if let weight, let inputFeatures, weight.shape != [outputFeatures, inputFeatures] {
      reader.report(
        "shape_mismatch", member: "weight",
        "weight of \(reader.subject) has the shape \(weight.shape), but [out_features, in_features]"
          + " is [\(outputFeatures), \(inputFeatures)]")
    }
    if let bias, bias.shape != [outputFeatures] {
      reader.report(
        "shape_mismatch", member: "bias",
        "bias of \(reader.subject) has the shape \(bias.shape), but [out_features] is "
          + "[\(outputFeatures)]")
    }
  }

  package func outputFeatures(of inputs: [Int]) -> Int { outputFeatures }

  package func parameters(inputs: [Int]) -> [ParameterDeclaration] {
    let initializer = KaimingUniform(fanIn: inputs[0])
    return [
      ParameterDeclaration(
        name: "weight", shape: [outputFeatures, inputs[0]],
        initializer: weight.map(ExplicitValues.init) ?? initializer),
      ParameterDeclaration(
        name: "bias", shape: [outputFeatures],
        initializer: bias.map(ExplicitValues.init) ?? initializer),
    ]
  }

  /// The weight with its inputs as rows, `[in_features, out_features]`: so that the vectors of the
  /// forward product run along the outputs, as those of the backward product run along the inputs.
  package func scratch(inputs: [Int]) -> [(rows: Int, columns: Int)] {
    [(rows: inputs[0], columns: outputFeatures)]
  }

  package func options(inputs: [Int]) -> [JSONValue.Member] {
    [
      JSONValue.Member("in_features", .integer(inputs[0])),
      JSONValue.Member("out_features", .integer(outputFeatures)),
    ]
  }

  package func prepare(_ site: Site, in arena: inout Arena) {
    arena.transpose(site.parameters[0].value, into: site.scratch[0])
  }

  package func forward(_ site: Site, in arena: inout Arena) {
    arena.product(
      site.inputs[0], site.scratch[0], into: site.output, from: .row(site.parameters[1].value))
  }

  /// `dX = dY A`, `dA = dY^T X`, `db` = column sums of `dY`; the loss has divided by the batch.
  package func backward(_ site: Site, in arena: inout Arena) {
    guard let outputGradient = site.outputGradient else { return }
    if let target = site.inputGradients[0] {
      arena.product(
        outputGradient, site.parameters[0].value, into: target.matrix,
        from: target.destination == .add ? .existing : .zero)
    }
    arena.product(transposed: outputGradient, site.inputs[0], into: site.parameters[0].gradient)
    arena.columnSums(of: outputGradient, into: site.parameters[1].gradient)
  }
}
