package import HTTPCore
internal import Interchange
package import Jobs
internal import NeuralNetwork
package import TrainingJobs

/// What the routes work with, and the way in which each of them answers.
package struct APIService: Sendable {
  let manager: JobManager
  let live: LiveTrainings
  let isDraining: @Sendable () -> Bool
  let feeds: EventFeeds

  /// Puts together what the routes need.
  ///
  /// - Parameters:
  ///   - manager: Keeps and runs the jobs.
  ///   - live: The newest state of running trainings; the runner's.
  ///   - isDraining: Whether the server is about to end.
  package init(
    manager: JobManager, live: LiveTrainings, isDraining: @escaping @Sendable () -> Bool
  ) {
    self.manager = manager
    self.live = live
    self.isDraining = isDraining
    feeds = EventFeeds(manager)
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
    addContractRoutes(to: &router)
    return router
  }

  /// Tells a refusal of the server itself.
  package static func response(to failure: HTTPFailure) -> HTTPResponse {
    Problem(failure).response(instance: nil)
  }

  /// A handler whose errors become problem details.
  func handler(
    _ answer: @escaping @Sendable (HTTPRequest, PathParameters) async throws -> HTTPResponse
  ) -> RouteHandler {
    .deferred { request, parameters in
      do {
        return try await answer(request, parameters)
      } catch {
        return Problem(any: error).response(instance: request.path)
      }
    }
  }

  /// The job that a path names.
  func job(_ parameters: PathParameters) async throws -> Job {
    try await manager.job(try jobID(parameters))
  }

  /// The job that a path names, with its newest model.
  func trained(_ parameters: PathParameters) async throws -> TrainedJob {
    let job = try await job(parameters)
    guard let trained = try await TrainedJob.find(job, in: manager, live) else {
      throw Problem.noModel(job)
    }
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
