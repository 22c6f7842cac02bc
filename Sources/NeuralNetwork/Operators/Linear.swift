internal import KernelInstructions
package import Kernels

/// `Y = X A^T + b`.
///
/// `X` has the shape `[rows, in_features]`, the weight `A` `[out_features, in_features]`, the bias
/// `b` `[out_features]`.
package struct Linear: Operator {
  package static let type = "linear"

  /// The largest number of features on either side.
  package static let featuresMax = 65_536

  package private(set) var inputFeatures: Int?
  package let inputFeaturesMember: String?
  package let parameterOwner: OperatorID?
  /// Nil only where the operator that owns the parameters decides.
  private var outputFeatures: Int?
  private var hasBias: Bool
  private let weight: Tensor?
  private let bias: Tensor?
  private let weightInitializer: (any NamedInitializer)?
  private let biasInitializer: (any NamedInitializer)?

  package init?(reading reader: inout ConfigurationReader) {
    let features = 1...Linear.featuresMax
    parameterOwner = reader.parameterOwner(
      without: ["weight", "bias", "initializer", "bias_initializer"])
    let inFeatures = reader.integer("in_features", in: features)
    let weight = reader.tensor("weight")
    let outFeatures = reader.integer(
      "out_features", in: features, required: !reader.has("weight") && parameterOwner == nil)
    hasBias = reader.value("bias") != .bool(false)
    let bias = hasBias && reader.value("bias") != .bool(true) ? reader.tensor("bias") : nil
    weightInitializer = reader.initializer("initializer")
    biasInitializer = reader.initializer("bias_initializer")
    if !hasBias && reader.has("bias_initializer") {
      reader.report(
        "invalid_value", member: "bias_initializer",
        "\(reader.subject) has no bias, so it takes no bias_initializer; leave one of the two out")
    }
    if let weight,
      weight.shape.count != 2 || !weight.shape.allSatisfy({ features.contains($0) })
    {
      reader.report(
        "shape_mismatch", member: "weight",
        "weight of \(reader.subject) must have the shape [out_features, in_features], each from 1 "
          + "to \(Linear.featuresMax), but has \(weight.shape)")
      return nil
    }
    outputFeatures = outFeatures ?? weight?.rows
    guard outputFeatures != nil || parameterOwner != nil else { return nil }
    inputFeatures = inFeatures ?? weight?.columns
    inputFeaturesMember = inFeatures != nil ? "in_features" : weight.map { _ in "weight" }
    self.weight = weight
    self.bias = bias
    checkShapes(&reader)
  }

  private func checkShapes(_ reader: inout ConfigurationReader) {
    guard let outputFeatures else { return }
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

  package func sharing(with owner: any Operator) -> (any Operator)? {
    guard let owner = owner as? Linear else { return nil }
    var shared = self
    shared.outputFeatures = outputFeatures ?? owner.outputFeatures
    shared.inputFeatures = inputFeatures ?? owner.inputFeatures
    shared.hasBias = owner.hasBias
    // A bias that the owner has can be left unmentioned, but not refused.
    let fits = shared.outputFeatures == owner.outputFeatures && (hasBias || !owner.hasBias)
    return fits ? shared : nil
  }

  package func outputFeatures(of inputs: [Int]) -> Int { outputFeatures ?? 1 }

  package func parameters(inputs: [Int]) -> [ParameterDeclaration] {
    let outputs = outputFeatures(of: inputs)
    let fans = Fans(in: inputs[0], out: outputs)
    let weight = ParameterDeclaration(
      name: "weight", shape: [outputs, inputs[0]], fans: fans,
      initializer: weight.map(ExplicitValues.init) ?? weightInitializer ?? KaimingUniform.standard)
    let bias = ParameterDeclaration(
      name: "bias", shape: [outputs], fans: fans,
      initializer: bias.map(ExplicitValues.init) ?? biasInitializer ?? KaimingUniform.standard)
    return hasBias ? [weight, bias] : [weight]
  }

  /// The weight with its inputs as rows, `[in_features, out_features]`: so that the vectors of the
  /// forward product run along the outputs, as those of the backward product run along the inputs.
  package func scratch(
    inputs: [Int], rows: Int, _ mode: ExecutionMode
  ) -> [(rows: Int, columns: Int)] {
    [(rows: inputs[0], columns: outputFeatures(of: inputs))]
  }

  package func options(inputs: [Int]) -> [JSONValue.Member] {
    var members = [
      JSONValue.Member("in_features", .integer(inputs[0])),
      JSONValue.Member("out_features", .integer(outputFeatures(of: inputs))),
    ]
    if !hasBias { members.append(JSONValue.Member("bias", .bool(false))) }
    for case (let name, let initializer?) in [
      ("initializer", weightInitializer), ("bias_initializer", biasInitializer),
    ] {
      members.append(JSONValue.Member(name, initializer.document))
    }
    return members + parameterOwnerMember
  }

  package func prepare(_ site: Site, into program: inout Program) {
    program.transpose(site.parameters[0].value, into: site.scratch[0])
  }

  package func forward(_ site: Site, _ mode: ExecutionMode, into program: inout Program) {
    program.product(
      site.inputs[0], site.scratch[0], into: site.output,
      from: hasBias ? .row(site.parameters[1].value) : .zero)
  }

  /// `dX = dY A`, `dA = dY^T X`, `db` = column sums of `dY`; the loss has divided by the batch.
  package func backward(_ site: Site, into program: inout Program) {
    guard let outputGradient = site.outputGradient else { return }
    if let target = site.inputGradients[0] {
      program.product(
        outputGradient, site.parameters[0].value, into: target.matrix, from: target.start)
    }
    if let weight = site.parameters[0].gradient {
      program.product(
        transposed: outputGradient, site.inputs[0], into: weight.matrix, from: weight.start)
    }
    if hasBias, let bias = site.parameters[1].gradient {
      program.columnSums(of: outputGradient, into: bias.matrix, bias.destination)
    }
  }
}
