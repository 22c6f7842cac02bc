package import NeuralNetwork
package import Training

/// Samples that a client sends to a trained model, and every fault of them.
package struct PredictionReading: Sendable {
  /// Nil if there was a fault; without targets if the client gave none.
  package let samples: Samples?

  package let issues: [ConfigurationIssue]

  /// Reads `{"inputs": ..., "targets"?: ...}`.
  package init(_ value: JSONValue, graph: Graph) {
    var reader = ConfigurationReader(value, subject: "request", pointer: .root)
    let inputs = WrittenDataset.Tensors("inputs", &reader)
    let targets = reader.value("targets") != nil ? WrittenDataset.Tensors("targets", &reader) : nil
    let faults = reader.finish()
    guard let inputs, faults.isEmpty else {
      samples = nil
      issues = faults
      return
    }
    var binding = DatasetBinding(graph: graph, pointer: .root)
    samples = binding.bind(inputs: inputs, targets: targets, at: .root)
    issues = binding.issues
  }
}
