package import Access
internal import ContentCoding
package import HTTPCore
internal import Interchange
package import Jobs
internal import NeuralNetwork
package import TrainingJobs

/// What the routes work with, and the way in which each of them answers.
package struct APIService: Sendable {
  /// Routes reach it through ``jobs(of:)`` only, so that none can forget whose jobs it may see.
  private let manager: JobManager
  let live: LiveTrainings
  let keys: KeyGuard?
  let isDraining: @Sendable () -> Bool
  let feeds: EventFeeds
  let ended = EndedJobs()
  private let limits: HTTPLimits
  private let budget: DocumentBudget
  /// The numbers of server and process that `/metrics` tells beside those of the jobs.
  package var metrics: @Sendable () -> [MetricFamily] = { [] }

  /// Puts together what the routes need.
  ///
  /// - Parameters:
  ///   - manager: Keeps and runs the jobs.
  ///   - live: The newest state of running trainings; the runner's.
  ///   - keys: Who may make requests; nil for everyone from everywhere, who then share all jobs.
  ///   - limits: The server's; they hold for bodies without their coding too.
  ///   - isDraining: Whether the server is about to end.
  package init(
    manager: JobManager, live: LiveTrainings, keys: KeyGuard? = nil,
    limits: HTTPLimits = HTTPLimits(),
    isDraining: @escaping @Sendable () -> Bool
  ) {
    self.manager = manager
    self.live = live
    self.keys = keys
    self.isDraining = isDraining
    feeds = EventFeeds(manager)
    self.limits = limits
    budget = DocumentBudget(bytesMax: limits.requestBytesMax ?? .max)
    manager.onForget { [ended] in ended.remove($0) }
  }

  /// All routes of the interface.
  package func router() -> Router {
    var router = Router()
    addJobRoutes(to: &router)
    addMetricsRoutes(to: &router)
    addEventRoutes(to: &router)
    addPredictionRoutes(to: &router)
    addFigureRoutes(to: &router)
    addModelRoutes(to: &router)
    addNetworkRoutes(to: &router)
    addProbeRoutes(to: &router)
    addPrometheusRoutes(to: &router)
    addContractRoutes(to: &router)
    return router
  }

  /// Tells a refusal of the server itself.
  package static func response(to failure: HTTPFailure) -> HTTPResponse {
    Problem(failure).response(instance: failure.path)
  }

  /// A handler whose errors become problem details, and whose answers suit the request.
  func handler(
    _ answer: @escaping @Sendable (HTTPRequest, PathParameters) async throws -> HTTPResponse
  ) -> RouteHandler {
    .deferred { request, parameters in
      let response: HTTPResponse
      do {
        response = try await answer(request, parameters)
      } catch {
        response = Problem(any: error).response(instance: request.path)
      }
      return await response.shaped(for: request)
    }
  }

  /// The jobs of whoever sent a request: all, where nobody needs a key.
  ///
  /// - Throws: What a request without its key is told, if the key was revoked after the request was
  ///   admitted, or the first key made.
  func jobs(of request: HTTPRequest) throws(Problem) -> CallersJobs {
    guard let keys, !keys.isOpen else { return CallersJobs(manager, .all, owner: nil) }
    guard let name = request.caller else { throw .missingKey }
    guard let key = keys.key(named: name) else { throw .unknownKey }
    let owner = JobOwner(name: key.jobsOwner, queuedJobsMax: key.queuedJobsMax)
    return CallersJobs(manager, .owner(key.jobsOwner), owner: owner)
  }

  /// How many jobs there are, whoever they belong to.
  var jobCounts: JobCounts {
    get async throws { try await manager.counts }
  }

  /// Reads the JSON of a request's body.
  func json(
    _ request: HTTPRequest, to route: RouteOptions,
    tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool
  ) async throws -> JSONBody {
    let bytesMax = route.isBulk ? limits.bulkBodyBytesMax : limits.bodyBytesMax
    return try await request.jsonBody(bytesMax: bytesMax, budget, tensorsAt: isTensor)
  }

  /// The job that a path names, with its newest model.
  func trained(_ parameters: PathParameters, in jobs: CallersJobs) async throws -> TrainedJob {
    let job = try await jobs.job(try jobID(parameters))
    guard let trained = try await jobs.trained(job, live) else { throw Problem.noModel(job) }
    return trained
  }

  /// The id that a path names.
  func jobID(_ parameters: PathParameters) throws(Problem) -> JobID {
    guard let id = JobID(parameters["id"]) else { throw .jobNotFound(parameters["id"]) }
    return id
  }
}

extension Problem {
  /// Any error that a handler throws.
  init(any error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case let error as JobManagerError: self.init(error)
    case let error as StoredTrainingError: self.init(error)
    case let error as JSONError: self.init(error)
    case let refusal as TrainingFigure.Refusal: self.init(refusal)
    case let error as ContentCodingError: self.init(error)
    default:
      self.init(status: 500, code: "internal_error", detail: "The server failed: \(error)")
    }
  }
}

extension HTTPResponse {
  /// A JSON answer.
  static func json(
    _ value: JSONValue, status: Int = 200, headers: [(String, String)] = []
  ) -> HTTPResponse {
    json(JSONWriter.write(value), status: status, headers: headers)
  }

  /// An answer of JSON that is written already.
  static func json(
    _ bytes: [UInt8], status: Int = 200, headers: [(String, String)] = []
  ) -> HTTPResponse {
    var fields: HTTPHeaders = ["Content-Type": "application/json"]
    for (name, value) in headers { fields.set(name, value) }
    return HTTPResponse(status: status, headers: fields, body: .bytes(bytes))
  }
}
