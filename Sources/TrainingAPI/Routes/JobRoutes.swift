internal import HTTPCore
internal import Jobs
internal import NeuralNetwork
internal import TrainingJobs

/// Longer than any wait that a client may ask for.
private let waitingRoute = RouteOptions(deadline: .seconds(75))

extension APIService {
  /// `/jobs` and what is done to a job.
  func addJobRoutes(to router: inout Router) {
    router.add(method: "POST", "/jobs", waitingRoute, handler(submit))
    router.add(method: "GET", "/jobs", handler(list))
    router.add(method: "GET", "/jobs/{id}", waitingRoute, handler(show))
    router.add(method: "POST", "/jobs/{id}/cancel", handler(cancel))
    router.add(method: "DELETE", "/jobs/{id}", handler(delete))
  }

  @Sendable private func submit(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> HTTPResponse {
    try request.checkQuery()
    let idempotency = try idempotency(request)
    let submission = try await offPool {
      let body = try request.json(tensorsAt: TensorPlaces.ofTrainingRequest)
      let reading = RequestReading(body, completeness: .job)
      guard let training = reading.request else { throw Problem.invalid(reading.issues) }
      return training.submission(idempotency: idempotency)
    }
    let job = try await manager.submit(submission).job
    return try await answer(job, waiting: request.waitSeconds, unfinishedStatus: 202)
  }

  private func idempotency(_ request: HTTPRequest) throws(Problem) -> JobIdempotency? {
    guard let key = request.headers.first("Idempotency-Key") else { return nil }
    guard (1...255).contains(key.utf8.count) else {
      throw Problem(
        status: 422, code: "invalid_idempotency_key",
        detail: "Idempotency-Key must have 1 to 255 bytes, but has \(key.utf8.count)")
    }
    return JobIdempotency(key: key, fingerprint: sha256(request.body))
  }

  /// Answers with the job as it is, or after a wait as it is then.
  private func answer(
    _ job: Job, waiting seconds: Int?, unfinishedStatus: Int
  ) async throws -> HTTPResponse {
    var job = job
    var headers: [(String, String)] = []
    if let seconds {
      job = try await afterWait(job, seconds)
      headers.append(("Preference-Applied", "wait=\(seconds)"))
    }
    let status = seconds != nil && job.status.isTerminal ? 200 : unfinishedStatus
    if status == 202 { headers.append(("Location", Links.job(job.id))) }
    return .json(try job.document(), status: status, headers: headers)
  }

  /// The job after its end or the wait, whichever comes first.
  private func afterWait(_ job: Job, _ seconds: Int) async throws(JobManagerError) -> Job {
    do {
      return try await manager.waitForEnd(of: job.id, atMost: .seconds(seconds))
    } catch {
      // The server ends while the client waits: the job is accepted and stays as it was read.
      if error == .store(.closed) { return job }
      throw error
    }
  }

  @Sendable private func list(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> HTTPResponse {
    try request.checkQuery("status", "limit", "after", "order")
    var after: JobID?
    if let text = request.queryValue("after") {
      guard let id = JobID(text) else { throw Problem.query("after", text, needs: "a job's id") }
      after = id
    }
    let status = try request.queryChoice("status", of: JobStatus.allCases.map(\.rawValue))
    let order = try request.queryChoice("order", of: ["asc", "desc"])
    let page = try await manager.jobs(
      matching: JobQuery(
        status: status.flatMap(JobStatus.init(rawValue:)),
        limit: try request.queryInteger("limit", in: 1...100, default: 20), after: after,
        order: order == "asc" ? .ascending : .descending))
    let ids = page.jobs.map { JSONValue.string($0.id.description) }
    return .json(
      .object([
        JSONValue.Member("object", .string("list")),
        JSONValue.Member("data", .array(try page.jobs.map { try $0.document() })),
        JSONValue.Member("first_id", ids.first ?? .null),
        JSONValue.Member("last_id", ids.last ?? .null),
        JSONValue.Member("has_more", .bool(page.hasMore)),
      ]))
  }

  @Sendable private func show(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> HTTPResponse {
    try request.checkQuery()
    return try await answer(
      try await job(parameters), waiting: request.waitSeconds, unfinishedStatus: 200)
  }

  @Sendable private func cancel(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> HTTPResponse {
    try request.checkQuery()
    switch try await manager.cancel(try jobID(parameters)) {
    case .cancelled(let job), .asked(let job):
      return .json(try job.document())
    case .alreadyEnded(let job) where job.status == .cancelled:
      return .json(try job.document())
    case .alreadyEnded(let job):
      throw Problem.jobEnded(job)
    }
  }

  @Sendable private func delete(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> HTTPResponse {
    try request.checkQuery()
    try await manager.delete(try jobID(parameters))
    return HTTPResponse(status: 204)
  }
}
