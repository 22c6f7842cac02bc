import Access
import Foundation
import HTTPCore
import Interchange
import Jobs
import NeuralNetwork
import TestSupport
import Testing

@testable import TrainingAPI

@Suite("Keys")
struct KeyTests {
  private let file: KeyFile

  init() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("descent-keys-\(UUID().uuidString)")
    file = KeyFile(path: folder.path + "/keys.json")
  }

  /// Requests of one key to an interface that needs keys.
  private struct Visitor {
    let desk: Desk
    let headers: HTTPHeaders

    func send(
      _ method: String, _ target: String, _ more: [(String, String)] = [], body: String = ""
    ) async throws -> HTTPResponse {
      var headers = headers
      for (name, value) in more { headers.set(name, value) }
      return try await desk.send(method, target, headers: headers, body: body)
    }
  }

  /// Gives an interface and a visitor for each key; the file is gone afterwards.
  private func withVisitors(
    _ secrets: [String], settings: JobManager.Settings = JobManager.Settings(),
    _ body: (Desk, [Visitor]) async throws -> Void
  ) async throws {
    defer {
      // What stays lies among the temporary files.
      try? FileManager.default.removeItem(atPath: (file.path as NSString).deletingLastPathComponent)
    }
    let guardian = try KeyGuard(file, at: 0) { _ in }
    let desk = Desk(keys: guardian, settings: settings)
    let visitors = secrets.map {
      Visitor(desk: desk, headers: ["Authorization": "Bearer \($0)"])
    }
    try await body(desk, visitors)
  }

  private func submit(to desk: Desk, as owner: String) async throws -> Job {
    var submission = try smallSubmission()
    submission.owner = JobOwner(name: owner, queuedJobsMax: 1_000)
    return try await desk.manager.submit(submission).job
  }

  private func code(_ response: HTTPResponse) throws -> String? {
    guard case .string(let code) = try document(of: response)["code"] else { return nil }
    return code
  }

  private let smallRequest = """
    {"network": {"operators": {"1": {"type": "linear", "out_features": 1}},
                 "connectivity": {"1": []}},
     "dataset": {"generator": "disc", "train": 10}}
    """

  @Test("on every route a job of another is as if it were not there, and its owner's is")
  func othersJobs() async throws {
    let secrets = try ["a", "b"].map { try file.add(name: $0, requestsPerSecond: 1_000) }
    try await withVisitors(secrets) { desk, visitors in
      var tested = 0
      for route in desk.router.routes
      where route.template.contains("{id}") && route.method != "PUT" {
        let job = try await submit(to: desk, as: "a")
        func send(_ visitor: Visitor, _ id: String) async throws -> HTTPResponse {
          let target = route.template.replacing("{id}", with: id)
          return try await visitor.send(route.method, target, body: #"{"inputs": [[1, 2]]}"#)
        }
        let place = "\(route.method) \(route.template)"
        let unknown = "job_0123456789abcdef0123456789abcdef"
        let others = try await send(visitors[1], job.id.description)
        let nobodys = try await send(visitors[1], unknown)
        #expect(others.status == 404, "\(place)")
        #expect(others.headers == nobodys.headers, "\(place)")
        #expect(
          bodyText(others).replacing(job.id.description, with: unknown) == bodyText(nobodys),
          "\(place)")
        #expect(try await desk.store.job(job.id, for: .all) == job, "\(place)")
        #expect(try await send(visitors[0], job.id.description).status != 404, "\(place)")
        tested += 1
      }
      #expect(tested > 7)
    }
  }

  @Test("a key with an owner sees and makes the owner's jobs")
  func owners() async throws {
    let secrets = [
      try file.add(name: "a"), try file.add(name: "screen", owner: "a", scope: .read),
      try file.add(name: "spare", owner: "a"),
    ]
    try await withVisitors(secrets) { desk, visitors in
      let posted = try await visitors[2].send("POST", "/jobs", body: smallRequest)
      let path = try #require(posted.headers.first("Location"))
      for visitor in visitors {
        #expect(try await visitor.send("GET", path).status == 200)
        let list = try document(of: try await visitor.send("GET", "/jobs"))
        #expect(list["first_id"] != .null)
      }
      #expect(try await visitors[1].send("POST", path + "/cancel").status == 403)
      #expect(try await visitors[0].send("POST", path + "/cancel").status == 200)
    }
  }

  @Test("a key that is revoked, or a first one made, while a request is under way ends its rights")
  func lateChanges() async throws {
    let desk = Desk(keys: try KeyGuard(file, withoutFile: .admitsEveryone, at: 0) { _ in })
    let job = try await desk.manager.submit(try smallSubmission()).job
    let target = try RequestTarget(bytes: ArraySlice("/jobs/\(job.id)".utf8), method: "GET")
    let head = RequestHead(method: "GET", target: target, version: .http11, headers: [:])
    func code(caller: String?) async throws -> (Int, String?) {
      guard
        case .matched(let route, let parameters) = desk.router.match(
          method: "GET", target: target)
      else { return (0, nil) }
      let request = HTTPRequest(head: head, body: [], caller: caller)
      let response = await route.handler.answer(request, parameters)
      return (response.status, try self.code(response))
    }
    #expect(try await code(caller: nil) == (200, nil))
    _ = try file.add(name: "a")
    desk.keys?.reload(at: 0)
    #expect(try await code(caller: nil) == (401, "missing_key"))
    #expect(try await code(caller: "b") == (401, "unknown_key"))
    #expect(try await code(caller: "a") == (404, "job_not_found"))
  }

  @Test(
    "without keys, only requests that no web page of another site can have sent may go on",
    arguments: [
      ("GET", "localhost:8080", nil, nil), ("GET", "LOCALHOST", nil, nil),
      ("GET", "127.0.0.1:8080", nil, nil), ("GET", "127.9.8.7", nil, nil),
      ("GET", "[::1]:8080", nil, nil), ("GET", nil, nil, nil),
      ("GET", "evil.example:8080", nil, "foreign_host"),
      ("GET", "localhost.evil.example", nil, "foreign_host"),
      ("GET", "127.0.0.1.evil.example", nil, "foreign_host"),
      ("GET", "10.0.0.1", nil, "foreign_host"), ("GET", "[::2]", nil, "foreign_host"),
      ("GET", "[::1", nil, "foreign_host"), ("GET", "127.0.0", nil, "foreign_host"),
      ("GET", "", nil, "foreign_host"),
      ("GET", "localhost:8080", "http://evil.example", nil),
      ("POST", "localhost:8080", "http://localhost:8080", nil),
      ("POST", "Localhost:8080", "https://localhost:8080", nil),
      ("POST", "localhost:8080", "http://evil.example", "cross_site_request"),
      ("POST", "localhost:8080", "http://localhost:3000", "cross_site_request"),
      ("POST", "localhost:8080", "null", "cross_site_request"),
      ("POST", "evil.example", "http://evil.example", "foreign_host"),
    ] as [(String, String?, String?, String?)])
  func webPages(method: String, host: String?, origin: String?, expected: String?) async throws {
    let desk = Desk(keys: try KeyGuard(file, withoutFile: .admitsEveryone, at: 0) { _ in })
    var headers: HTTPHeaders = [:]
    if let host { headers.set("Host", host) }
    if let origin { headers.set("Origin", origin) }
    let response = try await desk.send(method, "/jobs", headers: headers, body: smallRequest)
    #expect(response.status == (expected == nil ? (method == "GET" ? 200 : 202) : 403))
    #expect(try code(response) == expected)
    // With --insecure nobody is asked.
    let anyone = try await Desk().send(method, "/jobs", headers: headers, body: smallRequest)
    #expect(anyone.status < 300)
  }

  @Test(
    "without keys, what a page of another site shows within itself is refused, a link is not",
    arguments: [
      ("cross-site", "no-cors", 403), ("cross-site", "navigate", 200), ("same-site", "cors", 200),
      ("same-origin", "cors", 200), ("none", "navigate", 200),
    ])
  func fetches(site: String, mode: String, status: Int) async throws {
    let desk = Desk(keys: try KeyGuard(file, withoutFile: .admitsEveryone, at: 0) { _ in })
    let headers: HTTPHeaders = [
      "Host": "localhost", "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode,
    ]
    #expect(try await desk.send("GET", "/jobs", headers: headers).status == status)
  }

  @Test("a refused page is told what would be taken")
  func webPageMessages() async throws {
    let desk = Desk(keys: try KeyGuard(file, withoutFile: .admitsEveryone, at: 0) { _ in })
    let foreign = try await desk.send("GET", "/jobs", headers: ["Host": "a.example"])
    #expect(
      try document(of: foreign)["detail"]
        == .string(
          "Without keys the server answers to localhost, 127.0.0.1 and [::1] only, but Host is"
            + " a.example; use one of those, or make keys with descent keys add NAME"))
    let crossing = try await desk.send(
      "POST", "/jobs", headers: ["Host": "localhost", "Origin": "http://a.example"])
    #expect(
      try document(of: crossing)["detail"]
        == .string(
          "Without keys the server takes POST from no web page of another site, but Origin is"
            + " http://a.example and Host is localhost; send no Origin, or make keys with descent"
            + " keys add NAME"))
  }

  @Test("a list holds the caller's jobs only")
  func lists() async throws {
    let secrets = try ["a", "b"].map { try file.add(name: $0) }
    try await withVisitors(secrets) { desk, visitors in
      let jobs = [try await submit(to: desk, as: "a"), try await submit(to: desk, as: "b")]
      for (visitor, job) in zip(visitors, jobs) {
        let list = try document(of: try await visitor.send("GET", "/jobs"))
        #expect(list["first_id"] == .string(job.id.description))
        #expect(list["last_id"] == list["first_id"])
        #expect(list["has_more"] == .bool(false))
      }
    }
  }

  @Test("a stream of events tells a job to its owner, to the end")
  func streams() async throws {
    let secret = try file.add(name: "a")
    try await withVisitors([secret]) { desk, visitors in
      let job = try await submit(to: desk, as: "a")
      let response = try await visitors[0].send(
        "GET", "/jobs/\(job.id)/events", [("Accept", "text/event-stream")])
      #expect(response.status == 200)
      _ = try await visitors[0].send("POST", "/jobs/\(job.id)/cancel")
      let later = try await visitors[0].send(
        "GET", "/jobs/\(job.id)/events?after=9", [("Accept", "text/event-stream")])
      #expect(later.status == 204)
    }
  }

  @Test("without a key, or with one that is none, every route but four answers 401")
  func needsKey() async throws {
    _ = try file.add(name: "a")
    try await withVisitors([KeySecret.make()]) { desk, visitors in
      var open: Set<String> = []
      for route in desk.router.routes {
        let target = route.template.replacing("{id}", with: "job_0123456789abcdef0123456789abcdef")
        let methods = route.method == "GET" ? ["GET", "HEAD"] : [route.method]
        for method in methods {
          let without = try await desk.send(method, target)
          let unknown = try await visitors[0].send(method, target)
          guard without.status == 401 else {
            open.insert("\(route.method) \(route.template)")
            #expect(without.status == 200 && unknown.status == 200)
            continue
          }
          #expect(try code(without) == "missing_key")
          #expect(without.headers.first("WWW-Authenticate") == "Bearer")
          #expect(unknown.status == 401)
          #expect(try code(unknown) == "unknown_key")
          #expect(
            unknown.headers.first("WWW-Authenticate") == #"Bearer error="invalid_token""#)
          #expect(try document(of: unknown)["instance"] == .string(target))
        }
      }
      #expect(
        open == ["GET /livez", "GET /readyz", "GET /openapi.yaml", "GET /openapi.json"])
    }
  }

  @Test("a key that may only read is refused on exactly the routes that change something")
  func readOnlyKey() async throws {
    let secret = try file.add(name: "r", scope: .read, requestsPerSecond: 1_000)
    try await withVisitors([secret]) { desk, visitors in
      var refused: Set<String> = []
      for route in desk.router.routes {
        let target = route.template.replacing("{id}", with: "job_0123456789abcdef0123456789abcdef")
        let response = try await visitors[0].send(route.method, target, body: "{}")
        #expect(response.status != 401)
        guard response.status == 403 else { continue }
        #expect(try code(response) == "read_only_key")
        #expect(
          try document(of: response)["detail"]
            == .string(
              "The key r may only read, but \(route.method) here changes something; use a key with"
                + " the scope full"))
        refused.insert("\(route.method) \(route.template)")
      }
      #expect(
        refused == [
          "POST /jobs", "PUT /jobs/{id}", "POST /jobs/{id}/cancel", "POST /jobs/{id}/pause",
          "POST /jobs/{id}/resume", "POST /jobs/{id}/extend", "DELETE /jobs/{id}",
        ])
      #expect(try await desk.store.counts()[.queued] == 0)
    }
  }

  @Test(
    "the key is the one credential of the scheme Bearer, whatever its case",
    arguments: [
      ("Bearer KEY", nil), ("bearer KEY", nil), ("BEARER   KEY", nil), ("KEY", "missing_key"),
      ("Basic KEY", "missing_key"), ("Bearer", "missing_key"), ("BearerKEY", "missing_key"),
      ("Bearer KEY KEY", "unknown_key"), ("Bearer \"KEY\"", "unknown_key"), ("", "missing_key"),
    ])
  func scheme(value: String, expected: String?) async throws {
    let secret = try file.add(name: "a")
    try await withVisitors([]) { desk, _ in
      let headers: HTTPHeaders = ["Authorization": value.replacing("KEY", with: secret)]
      let response = try await desk.send("GET", "/jobs", headers: headers)
      #expect(response.status == (expected == nil ? 200 : 401))
      #expect(try code(response) == expected)
    }
  }

  @Test("two Authorization fields are as good as none")
  func repeatedField() async throws {
    let secret = try file.add(name: "a")
    try await withVisitors([]) { desk, _ in
      let value = "Bearer \(secret)"
      let headers: HTTPHeaders = ["Authorization": value, "authorization": value]
      let response = try await desk.send("GET", "/jobs", headers: headers)
      #expect(try code(response) == "missing_key")
    }
  }

  @Test("who makes too many requests is told when the next one may come")
  func rate() async throws {
    let secrets = [
      try file.add(name: "slow", requestsPerSecond: 0.25), try file.add(name: "other"),
    ]
    try await withVisitors(secrets) { _, visitors in
      #expect(try await visitors[0].send("GET", "/jobs").status == 200)
      let response = try await visitors[0].send("GET", "/jobs")
      #expect(response.status == 429)
      #expect(response.headers.first("Retry-After") == "4")
      #expect(try code(response) == "rate_limited")
      #expect(
        try document(of: response)["detail"]
          == .string(
            "The key slow may make 0.25 requests a second and has made more; wait 4 s, or use a key"
              + " with a higher rate"))
      #expect(try await visitors[1].send("GET", "/jobs").status == 200)
    }
  }

  @Test("each key may have so many queued jobs, and a replay is none more")
  func quota() async throws {
    let secrets = [try file.add(name: "a", queuedJobsMax: 1), try file.add(name: "b")]
    try await withVisitors(secrets) { _, visitors in
      let key = [("Idempotency-Key", "k")]
      let first = try await visitors[0].send("POST", "/jobs", key, body: smallRequest)
      #expect(first.status == 202)
      let more = try await visitors[0].send("POST", "/jobs", body: smallRequest)
      #expect(more.status == 429)
      #expect(more.headers.first("Retry-After") == "5")
      #expect(try code(more) == "queue_quota_full")
      let again = try await visitors[0].send("POST", "/jobs", key, body: smallRequest)
      #expect(try document(of: again)["id"] == document(of: first)["id"])
      // Another's idempotency key is another key.
      let others = try await visitors[1].send("POST", "/jobs", key, body: smallRequest + " ")
      #expect(others.status == 202)
      #expect(try document(of: others)["id"] != document(of: first)["id"])
    }
  }

  @Test("the queue as a whole has a bound, with or without keys")
  func queueBound() async throws {
    var settings = JobManager.Settings()
    #expect(settings.queuedJobsMax == 10_000)
    settings.queuedJobsMax = 1
    let desk = Desk(settings: settings)
    #expect(try await desk.send("POST", "/jobs", body: smallRequest).status == 202)
    let response = try await desk.send("POST", "/jobs", body: smallRequest)
    #expect(response.status == 429)
    #expect(response.headers.first("Retry-After") == "5")
    #expect(try code(response) == "queue_full")
  }
}
