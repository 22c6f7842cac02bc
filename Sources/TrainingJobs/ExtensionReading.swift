internal import Interchange
package import Jobs
package import NeuralNetwork
internal import Training

/// Reads what `POST /jobs/{id}/extend` takes: how many epochs an ended job shall go on for.
package struct ExtensionReading: Sendable {
  /// All faults of the request.
  package let issues: [ConfigurationIssue]

  private let name: String?
  private let epochs: Int
  private let stored: StoredTraining

  /// Reads a request.
  ///
  /// - Parameters:
  ///   - value: The request's body.
  ///   - stored: The job that shall go on.
  package init(_ value: JSONValue, of stored: StoredTraining) {
    var reader = ConfigurationReader(value, subject: "request", pointer: .root)
    let before = stored.options.hyperparameters.epochs
    let epochsMax = Hyperparameters.countMax - before
    var epochs = 0
    if epochsMax < 1 {
      reader.report(
        "over_limit", member: "epochs",
        "the job has \(before) epochs, and no more than \(Hyperparameters.countMax) are allowed")
    } else if reader.has("epochs") {
      epochs = reader.integer("epochs", in: 1...epochsMax) ?? 0
    } else {
      reader.report(
        "missing_member", member: "epochs",
        "request needs epochs, how many more the job shall train")
    }
    name = reader.string("name", lengths: 1...128)
    issues = reader.finish()
    self.epochs = before + epochs
    self.stored = stored
  }

  /// The submission of a job that goes on from where another ended, as if the sum of the epochs had
  /// been asked for.
  ///
  /// Without a stored state, as after a short training, it begins anew and comes to the same end.
  ///
  /// - Returns: Nil if there are ``issues``.
  package func submission(of parent: Job, idempotency: JobIdempotency?) -> JobSubmission? {
    guard issues.isEmpty, let document = try? JSONValue(stored: parent.request),
      let training = document["training"]
    else { return nil }
    let roles = [
      StoredTraining.datasetRole, StoredTraining.initialRole, StoredTraining.stateRole,
    ]
    return JobSubmission(
      name: name ?? parent.name,
      request: JSONWriter.write(
        document.replacing("training", by: training.replacing("epochs", by: .integer(epochs)))),
      idempotency: idempotency, maxSeconds: parent.maxSeconds, priority: parent.priority,
      parent: parent.id, storedBlobs: parent.blobs.filter { roles.contains($0.key) })
  }
}

extension JSONValue {
  /// The object with another value for a member.
  fileprivate func replacing(_ name: String, by value: JSONValue) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.map { $0.name == name ? Member(name, value) : $0 })
  }
}
