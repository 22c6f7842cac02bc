import HTTPCore
import Interchange
import Jobs
import NeuralNetwork
import Testing
import Yams

@testable import TrainingAPI

@Suite("Routes")
struct RouteTests {
  @Test("the interface has these routes")
  func routes() {
    #expect(
      Desk().router.routes.map { "\($0.method) \($0.template)" } == [
        "POST /jobs", "PUT /jobs/{id}", "GET /jobs", "GET /jobs/{id}", "POST /jobs/{id}/cancel",
        "POST /jobs/{id}/pause", "POST /jobs/{id}/resume", "POST /jobs/{id}/extend",
        "DELETE /jobs/{id}",
        "GET /jobs/{id}/metrics", "GET /jobs/{id}/events", "GET /jobs/{id}/predictions",
        "POST /jobs/{id}/predictions", "GET /jobs/{id}/figure.svg", "GET /jobs/{id}/model",
        "POST /networks/validate", "GET /livez", "GET /readyz", "GET /metrics",
        "GET /openapi.yaml", "GET /openapi.json",
      ])
  }

  private let smallRequest = """
    {"network": {"operators": {"1": {"type": "linear", "out_features": 1}},
                 "connectivity": {"1": []}},
     "dataset": {"generator": "disc", "train": 10, "seed": 1},
     "training": {"epochs": 1, "batch_size": 2, "seed": 1}}
    """

  @Test("only waiting is a wait: the job is read or accepted before", arguments: [true, false])
  func waitsAfterWork(posts: Bool) async throws {
    let desk = Desk()
    let known = try await desk.manager.submit(try smallSubmission()).job
    let (method, target) = posts ? ("POST", "/jobs") : ("GET", "/jobs/\(known.id)")
    let request = try HTTPRequest(
      method: method, target: target,
      headers: ["Prefer": "wait=60", "Content-Type": "application/json"],
      body: Array(smallRequest.utf8))
    let parsed = try RequestTarget(bytes: ArraySlice(target.utf8), method: method)
    let match = desk.router.match(method: method, target: parsed)
    guard case .matched(let route, let parameters) = match, let begin = route.handler.waiting
    else {
      Issue.record("\(method) \(target) does not wait")
      return
    }
    let wait = await begin(request, parameters)
    #expect(try await desk.store.counts()[.queued] == (posts ? 2 : 1))
    // Nothing runs, so that only the end of the manager ends the wait.
    await desk.manager.shutdown()
    let response = await wait()
    #expect(response.status == (posts ? 202 : 200))
    #expect(response.headers.first("Preference-Applied") == "wait=60")
    #expect(try document(of: response)["status"] == .string("queued"))
  }

  @Test("an id that names no job is 404 on every route of a job")
  func unknownJob() async throws {
    let desk = Desk()
    // With PUT the id is a name that the client chooses.
    for route in desk.router.routes
    where route.template.contains("{id}") && route.method != "PUT" {
      for id in ["job_0123456789abcdef0123456789abcdef", "job_1", "%20", "ds_1"] {
        let target = route.template.replacing("{id}", with: id)
        let response = try await desk.send(route.method, target, body: #"{"inputs": [[1]]}"#)
        #expect(response.status == 404, "\(route.method) \(target)")
        let problem = try document(of: response)
        #expect(problem["code"] == .string("job_not_found"), "\(route.method) \(target)")
        #expect(problem["instance"] == .string(target))
      }
    }
  }

  @Test("a parameter that a route does not know is 422 on every route that reads a query")
  func unknownParameter() async throws {
    let desk = Desk()
    let job = try await desk.manager.submit(try smallSubmission()).job
    for route in desk.router.routes where route.template.contains("jobs") {
      let target = route.template.replacing("{id}", with: job.id.description) + "?nope=1"
      let response = try await desk.send(route.method, target, body: "{}")
      #expect(response.status == 422, "\(route.method) \(target)")
      #expect(try document(of: response)["code"] == .string("unknown_query_parameter"))
    }
  }

  @Test("readiness ends when the server drains, liveness does not")
  func probes() async throws {
    let serving = Desk()
    #expect(bodyText(try await serving.send("GET", "/livez")) == #"{"status":"live"}"#)
    #expect(bodyText(try await serving.send("GET", "/readyz")) == #"{"status":"ready"}"#)
    let draining = Desk(isDraining: true)
    #expect(try await draining.send("GET", "/livez").status == 200)
    let response = try await draining.send("GET", "/readyz")
    #expect(response.status == 503)
    #expect(response.headers.first("Retry-After") == "5")
    #expect(try document(of: response)["code"] == .string("draining"))
  }

  @Test("what is quoted in the contract is a string in JSON, whatever it looks like")
  func contractScalars() throws {
    let node = try #require(
      try Yams.compose(
        yaml: """
          plain: [1, 1.5, true, null, text, ~, -3, 2026-01-01]
          quoted: ["1", "1.5", "true", "null", "", 'no', "~"]
          "200": {type: [string, "null"]}
          """))
    let value = JSONValue(node)
    #expect(
      String(decoding: JSONWriter.write(value), as: UTF8.self)
        == #"{"plain":[1,1.5,true,null,"text",null,-3,"2026-01-01"],"#
        + #""quoted":["1","1.5","true","null","","no","~"],"#
        + #""200":{"type":["string","null"]}}"#)
  }

  @Test("the contract is the same document in both forms")
  func contract() async throws {
    let desk = Desk()
    let yaml = try await desk.send("GET", "/openapi.yaml")
    #expect(yaml.headers.first("Content-Type") == "application/yaml")
    let json = try await desk.send("GET", "/openapi.json")
    #expect(json.headers.first("Content-Type") == "application/json")
    let node = try #require(try Yams.compose(yaml: bodyText(yaml)))
    #expect(try document(of: json) == JSONValue(node))
  }

  @Test("a job keeps the answer that an idempotency key was given")
  func idempotency() async throws {
    let desk = Desk()
    func post(_ key: String, _ body: String) async throws -> HTTPResponse {
      try await desk.send("POST", "/jobs", headers: ["Idempotency-Key": key], body: body)
    }
    let body = """
      {"network": {"operators": {"1": {"type": "linear", "out_features": 1}},
                   "connectivity": {"1": []}},
       "dataset": {"generator": "disc", "train": 2}}
      """
    let first = try await post("key", body)
    #expect(first.status == 202)
    let again = try await post("key", body)
    #expect(again.status == 202)
    #expect(try document(of: again)["id"] == document(of: first)["id"])
    #expect(again.headers.first("Location") == first.headers.first("Location"))
    let other = try await post("key", body + " ")
    #expect(other.status == 422)
    #expect(try document(of: other)["code"] == .string("idempotency_key_reused"))
    for (count, status) in [(1, 202), (254, 202), (255, 202), (256, 422)] {
      let response = try await post(String(repeating: "k", count: count), body)
      #expect(response.status == status, "a key of \(count) bytes")
    }
    let empty = try await post("", body)
    #expect(try document(of: empty)["code"] == .string("invalid_idempotency_key"))
  }
}
