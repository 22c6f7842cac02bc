import HTTPCore
import Interchange
import Jobs
import NeuralNetwork
import Testing
import Training
import TrainingJobs

@testable import TrainingAPI

@Suite("Errors as clients see them")
struct ProblemTests {
  private static let id = JobID("job_0123456789abcdef0123456789abcdef")
  private static let blob = BlobID(String(repeating: "a", count: 64))

  // MARK: Stores

  private static var storeErrors: [(error: JobStoreError, status: Int, code: String)] {
    get throws {
      let id = try #require(id)
      return [
        (.jobNotFound(id), 404, "job_not_found"),
        (.fenced(JobClaim(id: id, epoch: 1)), 409, "job_claim_lost"),
        (.jobActive(id, .running), 409, "job_active"),
        (.jobEnded(id, .failed), 409, "job_ended"),
        (.idempotencyKeyReused(key: "k"), 422, "idempotency_key_reused"),
        (.queueFull(max: 1), 429, "queue_full"),
        (.queueQuotaFull(owner: "o", max: 1), 429, "queue_quota_full"),
        (.newerSchema(path: "p"), 500, "store_newer"),
        (.olderSchema(path: "p"), 500, "store_older"),
        (.notDurable(path: "p", synchronous: 1), 500, "store_not_durable"),
        (.full(path: "p"), 503, "store_full"),
        (.damaged(path: "p", detail: "d"), 500, "store_damaged"),
        (.failed(path: "p", code: 5, detail: "d"), 503, "store_failed"),
        (.closed, 503, "store_closed"),
      ]
    }
  }

  /// Does not compile when a case is added, which then belongs into the table too.
  private func ordinal(_ error: JobStoreError) -> Int {
    switch error {
    case .jobNotFound: 0
    case .fenced: 1
    case .jobActive: 2
    case .idempotencyKeyReused: 3
    case .newerSchema: 4
    case .notDurable: 5
    case .full: 6
    case .damaged: 7
    case .failed: 8
    case .closed: 9
    case .queueFull: 10
    case .queueQuotaFull: 11
    case .jobEnded: 12
    case .olderSchema: 13
    }
  }

  @Test("each error of a store has its status and code")
  func stores() throws {
    let table = try Self.storeErrors
    #expect(Set(table.map { ordinal($0.error) }) == Set(0..<14))
    for row in table {
      let problem = Problem(JobManagerError.store(row.error))
      #expect(problem.status == row.status, "\(row.error)")
      #expect(problem.code == row.code)
      #expect(problem.detail.hasPrefix(row.error.description))
      #expect(problem.retryAfterSeconds == ([429, 503].contains(row.status) ? 5 : nil))
    }
  }

  @Test("who wants to delete an active job is told to cancel it first")
  func activeJob() throws {
    let id = try #require(Self.id)
    #expect(
      Problem(JobManagerError.store(.jobActive(id, .queued))).detail
        == "The job \(id) is queued, and only an ended job can be deleted; cancel it first with "
        + "POST /jobs/\(id)/cancel")
  }

  @Test("a disk that may recover is 503, a file that is gone or damaged 500")
  func blobs() throws {
    let blob = try #require(Self.blob)
    let table: [(error: BlobStoreError, status: Int, code: String)] = [
      (.missing(blob), 500, "blob_missing"),
      (.damaged(blob, path: "p"), 500, "blob_damaged"),
      (.roleMissing("dataset"), 500, "blob_role_missing"),
      (.unreadable(path: "p", errno: 5), 503, "blob_unreadable"),
      (.unwritable(path: "p", errno: 28), 503, "blob_unwritable"),
    ]
    func ordinal(_ error: BlobStoreError) -> Int {
      switch error {
      case .missing: 0
      case .damaged: 1
      case .roleMissing: 2
      case .unreadable: 3
      case .unwritable: 4
      }
    }
    #expect(Set(table.map { ordinal($0.error) }) == Set(0..<5))
    for row in table {
      let problem = Problem(JobManagerError.blobs(row.error))
      #expect(problem.status == row.status, "\(row.error)")
      #expect(problem.code == row.code)
      #expect(problem.detail == row.error.description)
      #expect(problem.retryAfterSeconds == (row.status == 503 ? 5 : nil))
    }
  }

  @Test("each error of the manager's own has its status and code")
  func manager() {
    let table: [(error: JobManagerError, status: Int, code: String)] = [
      (.alreadyStarted, 500, "already_started"),
      (.shuttingDown, 503, "shutting_down"),
      (.limitOutOfRange(0, allowed: 1...2), 422, "limit_out_of_range"),
      (.store(.closed), 503, "store_closed"),
      (.blobs(.roleMissing("r")), 500, "blob_role_missing"),
    ]
    func ordinal(_ error: JobManagerError) -> Int {
      switch error {
      case .alreadyStarted: 0
      case .shuttingDown: 1
      case .limitOutOfRange: 2
      case .store: 3
      case .blobs: 4
      }
    }
    #expect(Set(table.map { ordinal($0.error) }) == Set(0..<5))
    for row in table {
      let problem = Problem(row.error)
      #expect(problem.status == row.status, "\(row.error)")
      #expect(problem.code == row.code)
      #expect(problem.detail == row.error.description)
    }
  }

  // MARK: Requests

  @Test("bytes that are no JSON are 400, JSON that is not accepted is 422")
  func json() {
    let table: [(problem: JSONError.Problem, status: Int, code: String)] = [
      (.unexpected(found: nil, expected: .value), 400, "invalid_json"),
      (.invalidUTF8(found: 0xC0), 400, "invalid_utf8"),
      (.loneSurrogate(0xD800), 400, "lone_surrogate"),
      (.duplicateKey("a"), 422, "duplicate_key"),
      (.tooDeep(limit: 1), 422, "too_deep"),
      (.tooManyMembers(limit: 1), 422, "too_many_members"),
      (.tooManyValues(limit: 1), 422, "too_many_values"),
      (.stringTooLong(limit: 1), 422, "string_too_long"),
      (.numberTooLong(limit: 1), 422, "number_too_long"),
      (.numberTooLarge, 422, "number_too_large"),
    ]
    func ordinal(_ problem: JSONError.Problem) -> Int {
      switch problem {
      case .unexpected: 0
      case .invalidUTF8: 1
      case .loneSurrogate: 2
      case .duplicateKey: 3
      case .tooDeep: 4
      case .tooManyMembers: 5
      case .tooManyValues: 6
      case .stringTooLong: 7
      case .numberTooLong: 8
      case .numberTooLarge: 9
      }
    }
    #expect(Set(table.map { ordinal($0.problem) }) == Set(0..<10))
    for row in table {
      let error = JSONError(row.problem, offset: 7, path: ["network", "operators"])
      let problem = Problem(error)
      #expect(problem.status == row.status, "\(row.problem)")
      #expect(problem.code == row.code)
      #expect(problem.detail == "\(error.message), at byte 7 in #/network/operators")
      #expect(
        problem.errors == [
          ConfigurationIssue(
            pointer: "#/network/operators", code: row.code, detail: error.message)
        ])
    }
  }

  @Test("one fault of a request is the sentence, several are counted")
  func invalidRequest() {
    let first = ConfigurationIssue(pointer: "#/a", code: "one", detail: "A is wrong")
    let second = ConfigurationIssue(pointer: "#/b", code: "two", detail: "B is wrong")
    let single = Problem.invalid([first])
    #expect(single.status == 422)
    #expect(single.code == "invalid_request")
    #expect(single.detail == "A is wrong")
    #expect(single.errors == [first])
    let both = Problem.invalid([first, second])
    #expect(both.detail == "The request has 2 faults; errors names each")
    #expect(both.errors == [first, second])
  }

  @Test("a figure that cannot be drawn is 422")
  func figures() {
    let table: [(refusal: TrainingFigure.Refusal, code: String)] = [
      (.inputFeatures(3), "figure_not_possible"), (.outputs(2), "figure_not_possible"),
      (.regression, "figure_not_possible"), (.split(.test, has: [.train]), "split_not_found"),
    ]
    for row in table {
      let problem = Problem(row.refusal)
      #expect(problem.status == 422)
      #expect(problem.code == row.code)
      #expect(problem.detail == row.refusal.description)
    }
  }

  @Test("a stored job that cannot be read is 500")
  func storedTraining() {
    let problem = Problem(StoredTrainingError.unreadable("why"))
    #expect(problem.status == 500)
    #expect(problem.code == "stored_job_unreadable")
  }

  // MARK: The server

  private static let failures: [HTTPFailure] = [
    .malformedRequestLine(.shape), .requestLineTooLong(bytesMax: 1), .methodTooLong(bytesMax: 1),
    .methodNotImplemented(method: "BREW"), .unsupportedVersion(major: 2, minor: 0),
    .malformedTarget(.form), .malformedHeader(.colon), .headersTooLarge(.block, max: 1),
    .badHost(.missing), .duplicateHeader(name: "Host"), .expectationFailed,
    .badContentLength(.grammar), .badTransferEncoding(.grammar), .unsupportedTransferCoding,
    .malformedChunk(.size), .chunkLimit(.sizeDigits, max: 1), .malformedTrailer(.name),
    .bodyTooLarge(bytesMax: 8, declared: 9), .bodyIncomplete(bytesReceived: 1),
    .notFound(path: "/x"), .methodNotAllowed(method: "PUT", path: "/x", allow: ["GET", "HEAD"]),
    .headerTimeout(.seconds(1)), .bodyTimeout(bytesReceived: 1), .handlerTimeout(.seconds(1)),
    .responseTimeout(.seconds(1)), .responseTooSlow(bytesPerSecondMin: 1),
    .tooManyConnections(max: 1), .tooManyStreams(max: 1),
    .tooManyBulkUploads(max: 1), .tooManyHandlers(max: 1), .requestMemoryExhausted(bytesMax: 1),
    .unsafeResponseHeader(name: "X"), .badResponseStatus(99),
  ]

  /// The rules that the server answers by, which add what a status calls for.
  private static let rules = ConnectionRules(
    router: Router(), limits: HTTPLimits(), failureResponse: APIService.response(to:))

  @Test("nothing at a path, and no such method there, name the path")
  func namesPath() throws {
    for failure in [
      HTTPFailure.notFound(path: "/x"), .methodNotAllowed(method: "PUT", path: "/x", allow: []),
    ] {
      #expect(try document(of: Self.rules.response(to: failure))["instance"] == .string("/x"))
    }
  }

  @Test("each refusal of the server keeps its status and code, in a sentence with a capital")
  func server() throws {
    #expect(Set(Self.failures.map(\.code)).count == Self.failures.count)
    for failure in Self.failures {
      let response = Self.rules.response(to: failure)
      #expect(response.status == failure.status, "\(failure)")
      let document = try document(of: response)
      #expect(document["code"] == .string(failure.code))
      #expect(document["status"] == .integer(failure.status))
      guard case .string(let detail)? = document["detail"] else {
        Issue.record("\(failure) has no detail")
        continue
      }
      #expect(detail.dropFirst() == failure.description.dropFirst())
      #expect(detail.first?.isUppercase == true, "\(detail)")
      #expect((response.headers.first("Retry-After") != nil) == (failure.status == 503))
      let isInternal = document["title"] == .string("Internal Server Error")
      #expect(isInternal == (failure.status == 500), "a title for \(failure.status)")
    }
  }

  @Test("a method that is not allowed is answered with those that are")
  func methodNotAllowed() {
    let response = Self.rules.response(
      to: .methodNotAllowed(method: "PUT", path: "/x", allow: ["GET", "HEAD"]))
    #expect(response.headers.all("Allow") == ["GET, HEAD"])
  }

  @Test("the document is RFC 9457's, with code and errors")
  func form() throws {
    let problem = Problem(
      status: 503, code: "draining", detail: "Later",
      errors: [ConfigurationIssue(pointer: "#/a", code: "b", detail: "c")], retryAfterSeconds: 5)
    let response = problem.response(instance: "/readyz")
    #expect(response.headers.first("Content-Type") == "application/problem+json")
    #expect(response.headers.first("Retry-After") == "5")
    #expect(
      bodyText(response)
        == #"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"Later","#
        + ##""instance":"/readyz","code":"draining","##
        + ##""errors":[{"pointer":"#/a","code":"b","detail":"c"}]}"##)
  }

  @Test("a job without a model: what to do depends on whether it has ended")
  func noModel() throws {
    let id = try #require(Self.id)
    var job = Job(id: id, createdAt: JobTime(milliseconds: 0), request: [])
    #expect(
      Problem.noModel(job).detail
        == "The job \(id) is queued and has no trained parameters; wait until it runs, or send "
        + "Prefer: wait=60 to GET /jobs/\(id)")
    job.status = .cancelled
    #expect(
      Problem.noModel(job).detail
        == "The job \(id) is cancelled and has no trained parameters; it ended before it had begun "
        + "to train; post it again")
    #expect(Problem.noModel(job).status == 409)
    #expect(Problem.noModel(job).code == "no_model")
  }

  @Test("a job that has ended cannot be cancelled, and a made-up id is cut short")
  func jobProblems() throws {
    let id = try #require(Self.id)
    let job = Job(id: id, status: .failed, createdAt: JobTime(milliseconds: 0), request: [])
    let ended = Problem.jobEnded(job)
    #expect(ended.status == 409)
    #expect(ended.code == "job_ended")
    #expect(ended.detail == "The job \(id) is failed, so there is nothing to cancel")
    let unknown = Problem.jobNotFound(String(repeating: "x", count: 100))
    #expect(unknown.status == 404)
    #expect(unknown.code == "job_not_found")
    #expect(unknown.detail == "There is no job named " + String(repeating: "x", count: 64))
  }
}
