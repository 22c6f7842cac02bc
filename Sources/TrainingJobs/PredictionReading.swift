package import NeuralNetwork
package import Training

/// Samples that a client sends to a trained model, and every fault of them.
package struct PredictionReading: Sendable {
  /// Nil if there was a fault; without targets if the client gave none.
  package let samples: Samples?

  package let issues: [ConfigurationIssue]

  /// The most numbers that one answer gives of all outputs.
  package static let outputNumbersMax = 1_000_000

  /// Reads `{"inputs": ..., "targets"?: ...}`.
  ///
  /// - Parameters:
  ///   - value: The request's body.
  ///   - graph: Of the model that predicts.
  ///   - losses: Of the graph's outputs, which say what targets may be.
  package init(_ value: JSONValue, graph: Graph, losses: [WeightedLoss]) {
    var reader = ConfigurationReader(value, subject: "request", pointer: .root)
    let inputs = WrittenDataset.Tensors("inputs", &reader)
    let targets = reader.value("targets") != nil ? WrittenDataset.Tensors("targets", &reader) : nil
    let faults = reader.finish()
    guard let inputs, faults.isEmpty else {
      samples = nil
      issues = faults
      return
    }
    // Before anything is made of the rows that grows with the outputs.
    let tables = inputs.named("") + (targets?.named("") ?? [])
    let numbers = (tables.map(\.tensor.rows).max() ?? 0) * graph.outputFeatures
    guard numbers <= PredictionReading.outputNumbersMax else {
      samples = nil
      issues = [
        ConfigurationIssue(
          pointer: JSONPath.root.member("inputs").description, code: "over_limit",
          detail: "the answer would have \(numbers) numbers, but at most "
            + "\(PredictionReading.outputNumbersMax) are allowed; send fewer rows at once")
      ]
      return
    }
    var binding = DatasetBinding(graph: graph, losses: losses, pointer: .root)
    samples = binding.bind(inputs: inputs, targets: targets, at: .root)
    issues = binding.issues
  }
}
