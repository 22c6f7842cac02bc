internal import HTTPCore
internal import Jobs
internal import NeuralNetwork
internal import TrainingJobs

/// Longer than any wait that a client may ask for.
private let waitingRoute = RouteOptions(deadline: .seconds(75))
private let submittingRoute = RouteOptions(deadline: .seconds(75), isBulk: true)

extension APIService {
  /// `/jobs` and what is done to a job.
  func addJobRoutes(to router: inout Router) {
    router.add(
      method: "POST", "/jobs", submittingRoute, waitingHandler(unfinishedStatus: 202, submit))
    router.add(
      method: "PUT", "/jobs/{id}", submittingRoute,
      waitingHandler(unfinishedStatus: 202, submitByName))
    router.add(method: "GET", "/jobs", handler(list))
    router.add(
      method: "GET", "/jobs/{id}", waitingRoute,
      .first(showAtOnce, then: waitingHandler(unfinishedStatus: 200, show)))
    router.add(method: "POST", "/jobs/{id}/cancel", handler(cancel))
    router.add(method: "POST", "/jobs/{id}/pause", handler(pause))
    router.add(method: "POST", "/jobs/{id}/resume", handler(resume))
    router.add(
      method: "POST", "/jobs/{id}/extend", waitingRoute,
      waitingHandler(unfinishedStatus: 202, extend))
    router.add(method: "DELETE", "/jobs/{id}", handler(delete))
  }

  @Sendable private func submit(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> Job {
    try await submit(request, under: try idempotencyKey(request))
  }

  /// The name that the client gives in the path is its idempotency key.
  @Sendable private func submitByName(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> Job {
    try request.checkQuery()
    let name = parameters["id"]
    if let key = try idempotencyKey(request), key != name {
      throw Problem(
        status: 422, code: "invalid_idempotency_key",
        detail:
          "With PUT the path names the key, here \"\(name.prefix(64))\", but Idempotency-Key is"
          + " \"\(key.prefix(64))\"; leave the header out")
    }
    guard JobID(name) == nil else {
      throw Problem(
        status: 422, code: "invalid_idempotency_key",
        detail: "The name in the path has the form of a job's id; choose another")
    }
    return try await submit(request, under: try checkedKey(name, "The name in the path"))
  }

  private func submit(_ request: HTTPRequest, under key: String?) async throws -> Job {
    try request.checkQuery()
    let body = try await json(
      request, to: submittingRoute, tensorsAt: TensorPlaces.ofTrainingRequest)
    let submission = try await offPool {
      let reading = RequestReading(body.document, completeness: .job)
      guard let training = reading.request else { throw Problem.invalid(reading.issues) }
      // Of the body without its coding: encoded in another way it is still the same.
      return training.submission(
        idempotency: key.map { JobIdempotency(key: $0, fingerprint: body.sha256) })
    }
    // What was made of the document is as large as it for as long as it is being stored.
    defer { withExtendedLifetime(body.claim) {} }
    return try await jobs(of: request).submit(consume submission)
  }

  private func idempotencyKey(_ request: HTTPRequest) throws(Problem) -> String? {
    guard let key = request.headers.first("Idempotency-Key") else { return nil }
    return try checkedKey(key, "Idempotency-Key")
  }

  private func checkedKey(_ key: String, _ place: String) throws(Problem) -> String {
    guard (1...255).contains(key.utf8.count) else {
      throw Problem(
        status: 422, code: "invalid_idempotency_key",
        detail: "\(place) must have 1 to 255 bytes, but has \(key.utf8.count)")
    }
    return key
  }

  /// Continues an ended job as a new one.
  @Sendable private func extend(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> Job {
    try request.checkQuery()
    let key = try idempotencyKey(request)
    let body = try await json(request, to: waitingRoute, tensorsAt: { _ in false })
    let jobs = try jobs(of: request)
    let parent = try await jobs.job(try jobID(parameters))
    guard parent.isExtensible else {
      throw Problem.notExtensible(parent)
    }
    let reading = ExtensionReading(body.document, of: try StoredTraining(parent))
    guard
      let extended = reading.submission(
        of: parent,
        // The same body under another job asks for something else.
        idempotency: key.map {
          JobIdempotency(key: $0, fingerprint: "extend \(parent.id) \(body.sha256)")
        })
    else { throw Problem.invalid(reading.issues) }
    return try await jobs.submit(extended)
  }

  @Sendable private func pause(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> HTTPResponse {
    try request.checkQuery()
    return .json(try await jobs(of: request).pause(try jobID(parameters)).document())
  }

  @Sendable private func resume(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> HTTPResponse {
    try request.checkQuery()
    return .json(try await jobs(of: request).resume(try jobID(parameters)).document())
  }

  /// A handler that finds a job and answers with it as it is, or after a wait as it is then.
  private func waitingHandler(
    unfinishedStatus: Int,
    _ find: @escaping @Sendable (HTTPRequest, PathParameters) async throws -> Job
  ) -> RouteHandler {
    .waiting { request, parameters in
      let path = request.path
      let acceptsGzip = request.acceptsGzip
      do {
        let job = try await find(request, parameters)
        let jobs = try jobs(of: request)
        guard let seconds = request.waitSeconds else {
          let response = try await response(job, waited: nil, unfinishedStatus)
            .encoded(ifAccepted: acceptsGzip)
          return { response }
        }
        return {
          do {
            let ended = try await jobs.waitForEnd(of: job, atMost: .seconds(seconds))
            return try await response(ended, waited: seconds, unfinishedStatus)
              .encoded(ifAccepted: acceptsGzip)
          } catch {
            return Problem(any: error).response(instance: path)
          }
        }
      } catch {
        let response = await Problem(any: error).response(instance: path)
          .encoded(ifAccepted: acceptsGzip)
        return { response }
      }
    }
  }

  private func response(
    _ job: Job, waited seconds: Int?, _ unfinishedStatus: Int
  ) throws(StoredTrainingError) -> HTTPResponse {
    var headers: [(String, String)] = []
    if let seconds { headers.append(("Preference-Applied", "wait=\(seconds)")) }
    let status = seconds != nil && job.status.isTerminal ? 200 : unfinishedStatus
    if status == 202 { headers.append(("Location", Links.job(job.id))) }
    return .json(try job.document(), status: status, headers: headers)
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
    let page = try await jobs(of: request).jobs(
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
  ) async throws -> Job {
    try request.checkQuery()
    let moment = ended.moment
    let job = try await jobs(of: request).job(try jobID(parameters))
    if job.status.isTerminal {
      let response = try response(job, waited: nil, 200)
      try await offPool { ended.insert(job, response, readAt: moment) }
    }
    return job
  }

  /// The answer about a job that has ended and was asked for before.
  @Sendable private func showAtOnce(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) -> HTTPResponse? {
    // A wait is answered with what was waited for, a query with its faults.
    guard request.query.isEmpty, request.headers.first("Prefer") == nil,
      let id = JobID(parameters["id"]),
      // Who has no right to any job is told so by the whole answer.
      let jobs = try? jobs(of: request)
    else { return nil }
    return ended.answer(about: id, for: jobs.access, inGzip: request.acceptsGzip)
  }

  @Sendable private func cancel(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> HTTPResponse {
    try request.checkQuery()
    switch try await jobs(of: request).cancel(try jobID(parameters)) {
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
    let id = try jobID(parameters)
    try await jobs(of: request).delete(id)
    return HTTPResponse(status: 204)
  }
}
