internal import NeuralNetwork

/// What a client chooses about the run of a job; nothing of it changes a bit of the result.
package struct RunLimits: Hashable, Sendable {
  /// Seconds that the training may take; nil for as many as it needs.
  package let maxSeconds: Int?

  /// Seconds between two checkpoints; nil to decide by what they cost.
  package let checkpointSeconds: Double?

  /// Reads members of `training`.
  init(reading reader: inout ConfigurationReader) {
    maxSeconds = reader.integer("max_seconds", in: 1...31_536_000)
    checkpointSeconds = reader.number("checkpoint_seconds", in: 0.01...86_400)
  }

  /// The choices as they can be read again.
  var document: [JSONValue.Member] {
    [
      JSONValue.Member("max_seconds", maxSeconds.map { .integer($0) } ?? .null),
      JSONValue.Member("checkpoint_seconds", checkpointSeconds.map { .number($0) } ?? .null),
    ]
  }
}
