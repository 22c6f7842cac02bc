package import NeuralNetwork

extension Model {
  /// The model as JSON: its network with all parameters, which can be posted again as it is.
  ///
  /// - Parameter jobID: The job that trained it; nil if none did.
  /// - Returns: The answer of `GET /jobs/{id}/model`.
  package func document(jobID: String?) -> JSONValue {
    .object([
      JSONValue.Member("object", .string("model")),
      JSONValue.Member("job_id", jobID.map { .string($0) } ?? .null),
      JSONValue.Member("weights_sha256", .string(sha256(bytes))),
      JSONValue.Member("network", graph.document(parameters: parameters)),
    ])
  }
}
