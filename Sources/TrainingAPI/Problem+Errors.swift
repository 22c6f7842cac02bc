internal import ContentCoding
internal import HTTPCore
internal import Interchange
internal import Jobs
internal import NeuralNetwork
internal import TrainingJobs

/// The only map from errors to statuses.
extension Problem {
  /// A request that is well-formed but wrong, with every fault.
  static func invalid(_ issues: [ConfigurationIssue]) -> Problem {
    let count = issues.count
    return Problem(
      status: 422, code: "invalid_request",
      detail: count == 1
        ? issues[0].detail : "The request has \(count) faults; errors names each",
      errors: issues)
  }

  /// JSON that cannot be read.
  init(_ error: JSONError) {
    self.init(
      status: error.isBroken ? 400 : 422, code: error.code, detail: error.description,
      errors: [
        ConfigurationIssue(pointer: error.pointer, code: error.code, detail: error.message)
      ])
  }

  /// A body whose coding is not taken.
  ///
  /// What decodes to too much is 413, whether by its size or by its ratio: sent as it is, and
  /// shorter, it would be read.
  init(_ error: ContentCodingError) {
    let status =
      switch error {
      case .unsupported: 415
      case .malformed, .truncated: 400
      case .tooLarge, .ratio: 413
      }
    self.init(status: status, code: error.code, detail: error.description)
    // RFC 9110 15.5.16: it tells a coding that is not taken from a type that is not.
    if status == 415 { headers.set("Accept-Encoding", BodyCoding.accepted) }
  }

  /// What the server itself refused.
  init(_ failure: HTTPFailure) {
    let sentence = failure.description
    self.init(
      status: failure.status, code: failure.code,
      detail: sentence.prefix(1).uppercased() + sentence.dropFirst())
  }

  /// What the job manager refused, or could not do.
  init(_ error: JobManagerError) {
    let status: Int
    var detail = error.description
    switch error {
    case .store(let store):
      status = Problem.status(store)
      if case .jobActive(let id, _) = store {
        detail += "; cancel it first with POST \(Links.job(id))/cancel"
      }
    case .blobs(let blobs): status = Problem.status(blobs)
    case .shuttingDown: status = 503
    case .limitOutOfRange: status = 422
    case .alreadyStarted: status = 500
    }
    self.init(status: status, code: error.code, detail: detail)
    if status == 503 || status == 429 { retryAfterSeconds = 5 }
  }

  /// A disk may recover; a file that is gone or damaged stays so.
  private static func status(_ error: BlobStoreError) -> Int {
    switch error {
    case .missing, .damaged, .roleMissing: 500
    case .unreadable, .unwritable: 503
    }
  }

  private static func status(_ error: JobStoreError) -> Int {
    switch error {
    case .jobNotFound: 404
    case .jobActive, .jobEnded, .fenced: 409
    case .idempotencyKeyReused: 422
    case .queueFull, .queueQuotaFull: 429
    case .full, .failed, .closed: 503
    case .newerSchema, .olderSchema, .notDurable, .damaged: 500
    }
  }

  /// What a job keeps cannot be read.
  init(_ error: StoredTrainingError) {
    self.init(status: 500, code: error.code, detail: error.description)
  }

  /// A figure that cannot be drawn.
  init(_ refusal: TrainingFigure.Refusal) {
    self.init(status: 422, code: refusal.code, detail: refusal.description)
  }

  /// An id that names no job.
  static func jobNotFound(_ id: String) -> Problem {
    Problem(status: 404, code: "job_not_found", detail: "There is no job named \(id.prefix(64))")
  }

  /// A job that has ended cannot be cancelled.
  static func jobEnded(_ job: Job) -> Problem {
    Problem(
      status: 409, code: "job_ended",
      detail: "The job \(job.id) is \(job.status.rawValue), so there is nothing to cancel")
  }

  /// Only what has ended, and not failed, can go on.
  static func notExtensible(_ job: Job) -> Problem {
    let wayOut =
      switch job.status {
      case .queued, .running: "wait for its end, or cancel it first"
      case .failed: "post it again with what made it fail set right"
      case .succeeded, .cancelled: "post it again"
      }
    return Problem(
      status: 409, code: "not_extensible",
      detail:
        "The job \(job.id) is \(job.shownStatus), and only one that succeeded, was cancelled or"
        + " reached its max_seconds can be extended; \(wayOut)")
  }

  /// A job that has not trained anything yet has no model.
  static func noModel(_ job: Job) -> Problem {
    let wayOut =
      job.status.isTerminal
      ? "it ended before it had begun to train; post it again"
      : "wait until it runs, or send Prefer: wait=60 to GET \(Links.job(job.id))"
    return Problem(
      status: 409, code: "no_model",
      detail: "The job \(job.id) is \(job.status.rawValue) and has no trained parameters; "
        + wayOut)
  }

  /// A query parameter that leaves open which of its values counts.
  static func repeatedQuery(_ name: String) -> Problem {
    let detail = "The query parameter \(name) is given more than once"
    return Problem(
      status: 422, code: "invalid_query", detail: detail,
      errors: [ConfigurationIssue(pointer: "?\(name)", code: "invalid_query", detail: detail)])
  }

  /// A query parameter that cannot be used.
  static func query(_ name: String, _ value: String, needs expectation: String) -> Problem {
    let detail =
      "The query parameter \(name) must be \(expectation), but is \"\(value.prefix(64))\""
    return Problem(
      status: 422, code: "invalid_query", detail: detail,
      errors: [ConfigurationIssue(pointer: "?\(name)", code: "invalid_query", detail: detail)])
  }
}
