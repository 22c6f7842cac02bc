import Access
import HTTPCore
import Interchange
import Jobs
import NeuralNetwork
import TestSupport
import Testing
import TrainingAPI
import TrainingJobs

/// The text of a response's body; empty for a stream.
func bodyText(_ response: HTTPResponse) -> String {
  guard case .bytes(let bytes) = response.body else { return "" }
  return String(decoding: bytes, as: UTF8.self)
}

/// The JSON of a response's body.
func document(of response: HTTPResponse) throws -> JSONValue {
  try JSONReader.read(Array(bodyText(response).utf8))
}

/// A small training as a job keeps it.
func smallSubmission(name: String? = nil, epochs: Int = 3) throws -> JobSubmission {
  let text = """
    {\(name.map { "\"name\": \"\($0)\", " } ?? "")
     "network": {"operators": {"1": {"type": "linear", "out_features": 1}},
                 "connectivity": {"1": []}},
     "dataset": {"train": {"inputs": [[0, 0], [0, 1], [1, 0]], "targets": [[0], [1], [1]]}},
     "training": {"epochs": \(epochs), "batch_size": 2, "seed": 7},
     "metadata": {"owner": "ci"}}
    """
  let value = try JSONReader.read(
    Array(text.utf8), tensorsAt: TensorPlaces.ofTrainingRequest)
  let reading = RequestReading(value, completeness: .job)
  #expect(reading.issues == [])
  return try #require(reading.request).submission()
}

/// The interface without sockets, over a store in memory.
struct Desk: Sendable {
  let manager: JobManager
  let store: any JobStore
  let router: Router
  let keys: KeyGuard?
  private let service: APIService

  /// - Parameters:
  ///   - store: Where jobs live.
  ///   - isDraining: Whether the server is about to end.
  ///   - keys: Who may make requests.
  ///   - settings: The manager's.
  init(
    store: any JobStore = InMemoryJobStore(), isDraining: Bool = false, keys: KeyGuard? = nil,
    settings: JobManager.Settings = JobManager.Settings()
  ) {
    let live = LiveTrainings(workers: 1)
    self.store = store
    self.keys = keys
    manager = JobManager(
      store: store, blobs: InMemoryBlobStore(), runner: TrainingJobRunner(live: live), workers: 1,
      settings: settings)
    var service = APIService(manager: manager, live: live, keys: keys) { isDraining }
    service.metrics = { [MetricFamily("given", .gauge, "Given.", 7)] }
    self.service = service
    router = service.router()
  }

  /// Answers a request as the server would.
  func send(
    _ method: String, _ target: String, headers: HTTPHeaders = [:], body: String = ""
  ) async throws -> HTTPResponse {
    try await send(method, target, headers: headers, bytes: Array(body.utf8))
  }

  /// Answers a request whose body need not be text.
  func send(
    _ method: String, _ target: String, headers: HTTPHeaders, bytes: [UInt8]
  ) async throws -> HTTPResponse {
    let parsed = try RequestTarget(bytes: ArraySlice(target.utf8), method: method)
    let head = RequestHead(method: method, target: parsed, version: .http11, headers: headers)
    switch router.match(method: method, target: parsed) {
    case .matched(let route, let parameters):
      let now = Moment(instant: Instant(nanoseconds: 0), unixTime: 0)
      let caller: String?
      switch service.admission(of: head, to: route, at: now) {
      case .refused(let response, _, _): return response
      case .admitted(let name): caller = name
      }
      let request = HTTPRequest(head: head, body: bytes, caller: caller)
      return await route.handler.answer(request, parameters)
    case .methodNotAllowed(let allow):
      return APIService.response(
        to: .methodNotAllowed(method: method, path: parsed.path, allow: allow))
    case .options, .notFound:
      return APIService.response(to: .notFound(path: parsed.path))
    }
  }
}

extension RouteHandler {
  /// Answers as a connection would have it.
  func answer(_ request: HTTPRequest, _ parameters: PathParameters) async -> HTTPResponse {
    switch self {
    case .immediate(let answer): return answer(request, parameters)
    case .first(let quick, let otherwise):
      if let response = quick(request, parameters) { return response }
      return await otherwise.answer(request, parameters)
    case .deferred(let answer): return await answer(request, parameters)
    case .waiting(let answer): return await answer(request, parameters)()
    }
  }

  /// What begins the wait, if the handler may wait.
  var waiting:
    (@Sendable (HTTPRequest, PathParameters) async -> @Sendable () async -> HTTPResponse)?
  {
    switch self {
    case .waiting(let begin): begin
    case .first(_, let otherwise): otherwise.waiting
    case .immediate, .deferred: nil
    }
  }
}
