/// Parameters with one number for each feature, which the client may have written.
struct FeatureParameters: Sendable {
  private let values: [String: Tensor]

  /// The number of features that the written values have; nil without any.
  let features: Int?

  /// The first of the members that decided ``features``.
  let member: String?

  /// Reads the members, each of one dimension and all of one length.
  ///
  /// - Parameters:
  ///   - names: The members.
  ///   - minima: The least number of those that have one.
  ///   - reader: Where they stand.
  init(_ names: [String], minima: [String: Float] = [:], _ reader: inout ConfigurationReader) {
    var values: [String: Tensor] = [:]
    var first: (name: String, count: Int)?
    for name in names {
      guard let tensor = reader.tensor(name) else { continue }
      guard tensor.shape.count == 1, (1...Linear.featuresMax).contains(tensor.elements.count) else {
        reader.report(
          "shape_mismatch", member: name,
          "\(name) of \(reader.subject) must have the shape [features], from 1 to "
            + "\(Linear.featuresMax), but has \(tensor.shape)")
        continue
      }
      if let first, first.count != tensor.elements.count {
        reader.report(
          "shape_mismatch", member: name,
          "\(name) of \(reader.subject) has \(tensor.elements.count) features but \(first.name) has "
            + "\(first.count)")
      }
      first = first ?? (name, tensor.elements.count)
      if let minimum = minima[name],
        let index = tensor.elements.firstIndex(where: { $0 < minimum })
      {
        reader.report(
          "invalid_value", at: reader.pointer.member(name).entry(index),
          "\(name) of \(reader.subject) must be at least \(minimum) for each feature, but is "
            + "\(tensor.elements[index]) for feature \(index)")
      }
      values[name] = tensor
    }
    self.values = values
    features = first?.count
    member = first?.name
  }

  /// What the parameter begins with: what the client wrote, or else the given initializer.
  func declaration(
    _ name: String, features: Int, isTrained: Bool = true, otherwise initializer: any Initializer
  ) -> ParameterDeclaration {
    ParameterDeclaration(
      name: name, shape: [features], fans: Fans(in: features, out: features),
      isTrained: isTrained, initializer: values[name].map(ExplicitValues.init) ?? initializer)
  }
}
