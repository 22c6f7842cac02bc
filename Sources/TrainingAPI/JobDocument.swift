internal import Interchange
package import Jobs
package import NeuralNetwork
package import TrainingJobs

/// Paths of a job's resources.
enum Links {
  static func job(_ id: JobID) -> String { "/jobs/\(id)" }

  static func all(_ id: JobID) -> JSONValue {
    let base = job(id)
    return .object([
      JSONValue.Member("self", .string(base)),
      JSONValue.Member("events", .string("\(base)/events")),
      JSONValue.Member("metrics", .string("\(base)/metrics")),
      JSONValue.Member("predictions", .string("\(base)/predictions")),
      JSONValue.Member("figure", .string("\(base)/figure.svg")),
      JSONValue.Member("model", .string("\(base)/model")),
    ])
  }
}

extension Job {
  /// The status that clients see: a running job that was asked to stop is `cancelling`, one that shall
  /// wait `pausing`, and a queued one that waits until it is resumed `paused`.
  var shownStatus: String {
    switch status {
    case .running where cancelRequested: "cancelling"
    case .running where isPaused: "pausing"
    case .queued where isPaused: "paused"
    case .queued, .running, .succeeded, .failed, .cancelled: status.rawValue
    }
  }

  /// Whether another may go on from it: it has ended, and not for a fault of its own.
  var isExtensible: Bool {
    switch status {
    case .succeeded, .cancelled: true
    case .failed: error?.code == JobFailure.timeLimit(seconds: 0).code
    case .queued, .running: false
    }
  }

  /// The job object.
  ///
  /// - Throws: A ``StoredTrainingError`` if what the job keeps cannot be read.
  package func document() throws(StoredTrainingError) -> JSONValue {
    let echo = try StoredTraining.echo(self)
    var outcome: JSONValue?
    if let summary { outcome = try JSONValue(stored: summary) }
    var members = [
      JSONValue.Member("id", .string(id.description)),
      JSONValue.Member("object", .string("training.job")),
      JSONValue.Member("name", name.map { .string($0) } ?? .null),
      JSONValue.Member("status", .string(shownStatus)),
      JSONValue.Member("priority", .integer(priority)),
      JSONValue.Member("parent_id", parent.map { .string($0.description) } ?? .null),
      JSONValue.Member("created_at", .string(createdAt.rfc3339)),
      JSONValue.Member("started_at", startedAt.map { .string($0.rfc3339) } ?? .null),
      JSONValue.Member("finished_at", finishedAt.map { .string($0.rfc3339) } ?? .null),
      JSONValue.Member("duration_seconds", durationSeconds.map { .number($0) } ?? .null),
    ]
    members += [
      JSONValue.Member("progress", try shownProgress(epochs: echo.training["epochs"])),
      JSONValue.Member("network", echo.network),
      JSONValue.Member("dataset", echo.dataset),
      JSONValue.Member("training", echo.training),
      JSONValue.Member("metrics", outcome?["metrics"] ?? .null),
      JSONValue.Member("result", outcome?["result"] ?? .null),
      JSONValue.Member("error", error?.document ?? .null),
      JSONValue.Member("restarts", .integer(restarts)),
      JSONValue.Member("metadata", echo.metadata),
      JSONValue.Member("links", Links.all(id)),
    ]
    return .object(members)
  }

  private var durationSeconds: Double? {
    guard let startedAt, let finishedAt else { return nil }
    return (finishedAt - startedAt) / .seconds(1)
  }

  private func shownProgress(epochs: JSONValue?) throws(StoredTrainingError) -> JSONValue {
    if let progress { return try JSONValue(stored: progress) }
    return .object([
      JSONValue.Member("epoch", .integer(0)),
      JSONValue.Member("epochs", epochs ?? .null),
      JSONValue.Member("fraction", .number(0)),
      JSONValue.Member("samples_per_second", .null),
      JSONValue.Member("eta_seconds", .null),
    ])
  }
}

extension JobFailure {
  fileprivate var document: JSONValue {
    .object([
      JSONValue.Member("code", .string(code)),
      JSONValue.Member("message", .string(message)),
      JSONValue.Member("pointer", pointer.map { .string($0) } ?? .null),
    ])
  }
}
