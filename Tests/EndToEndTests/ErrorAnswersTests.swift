import Foundation
import NeuralNetwork
import Testing

@Suite("Wrong requests over HTTP", .fewAtOnce)
struct ErrorAnswersTests {
  @Test("each wrong body is a problem with its code and place, and the server goes on")
  func bodies() async throws {
    func dataset(_ train: String) -> String {
      """
      {"network": {"operators": {"1": {"type": "linear", "out_features": 1}},
                   "connectivity": {"1": []}},
       "dataset": {"train": \(train)}}
      """
    }
    let cases: [(body: String, status: Int, code: String, pointer: String)] = [
      ("", 400, "invalid_json", "#"),
      ("{", 400, "invalid_json", "#"),
      ("{\"name\": \"a\"} x", 400, "invalid_json", "#"),
      (dataset(#"{"inputs": [[NaN]], "targets": [[1]]}"#), 400, "invalid_json", "inputs"),
      (dataset(#"{"inputs": [[1e999]], "targets": [[1]]}"#), 422, "invalid_request", "inputs/0/0"),
      (#"{"name": "\ud800"}"#, 400, "lone_surrogate", "#/name"),
      (#"{"name": "a", "name": "b"}"#, 422, "duplicate_key", "#/name"),
      (#"{"nmae": "a"}"#, 422, "invalid_request", "#/network"),
      (String(repeating: "[", count: 100), 422, "too_deep", "#"),
      (
        dataset(#"{"inputs": [[1, 2], [3]], "targets": [[1], [2]]}"#), 422, "invalid_request",
        "#/dataset/train/inputs/1"
      ),
      (
        dataset(#"{"inputs": [[1]], "targets": [["a"]]}"#), 422, "invalid_request",
        "#/dataset/train/targets/0/0"
      ),
      (dataset(#"{"inputs": [[1]]}"#), 422, "invalid_request", "#/dataset/train/targets"),
      ("[]", 422, "invalid_request", "#"),
      ("null", 422, "invalid_request", "#"),
    ]
    try await withServer { server in
      for row in cases {
        let response = try await server.client.post("/jobs", row.body)
        let problem = try response.expectProblem(row.status, row.code)
        let pointer = problem["errors"]?.entries.first?["pointer"]?.text ?? "none"
        #expect(pointer.contains(row.pointer), "\(row.body): \(pointer)")
        #expect(problem["instance"]?.text == "/jobs")
      }
      _ = try await server.client.train(SampleJobs.disc())
      #expect(try await server.client.get("/jobs").json()["data"]?.entries.count == 1)
    }
  }

  @Test("an unknown member is named with those that there are")
  func unknownMember() async throws {
    try await withServer { server in
      let body = SampleJobs.disc().replacing("\"epochs\"", with: "\"epoch\"")
      let problem = try await server.client.post("/jobs", body)
        .expectProblem(422, "invalid_request")
      let error = problem["errors"]?.entries.first
      #expect(error?["pointer"]?.text == "#/training/epoch")
      #expect(error?["code"]?.text == "unknown_member")
      #expect(
        error?["detail"]?.text
          == "training has no member \"epoch\"; it takes batch_size, checkpoint_seconds, "
          + "early_stopping, epochs, gradient_clipping, l1, l2, loss, losses, max_seconds, optimizer, "
          + "schedule, seed, shuffle, task")
      #expect(problem["detail"] == error?["detail"])
    }
  }

  @Test("each wrong head is a problem with its code, and the server goes on")
  func heads() async throws {
    try await withServer { server in
      let client = server.client
      let unknown = "/jobs/job_0123456789abcdef0123456789abcdef"
      for path in [unknown, "/jobs/x", "/jobs/job_1", "/jobs/%E2%82%AC", unknown + "/model"] {
        try await client.get(path).expectProblem(404, "job_not_found")
      }
      for path in ["/", "/job", "/jobs/", unknown + "/nothing", "/jobs/a/b/c", "/networks"] {
        try await client.get(path).expectProblem(404, "not_found")
      }
      for query in [
        "limit=0", "limit=101", "limit=x", "limit=", "order=up", "status=done", "after=x",
        "limit=1&limit=2",
      ] {
        let problem = try await client.get("/jobs?\(query)").expectProblem(422, "invalid_query")
        let name = query.prefix { $0 != "=" }
        #expect(problem["errors"]?.entries.first?["pointer"]?.text == "?\(name)")
      }
      for path in ["/jobs?nope=1", unknown + "?full=1", unknown + "/events?order=asc"] {
        try await client.get(path).expectProblem(422, "unknown_query_parameter")
      }
      let form = try await client.request(
        "POST", "/jobs",
        headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")],
        body: Array(SampleJobs.disc().utf8))
      try form.expectProblem(415, "unsupported_media_type")
      let long = try await client.post(
        "/jobs", "{}",
        headers: [HTTPHeader("Idempotency-Key", String(repeating: "k", count: 256))])
      try long.expectProblem(422, "invalid_idempotency_key")
      #expect(try await client.get("/livez").status == 200)
    }
  }

  @Test("headers of odd forms end no server", arguments: [";", ",", "=", "\"", ";;,=;\"", "a;b"])
  func oddHeaders(value: String) async throws {
    try await withServer { server in
      let client = server.client
      let id = try await client.submit(SampleJobs.disc())
      for name in ["Accept", "Prefer", "Content-Type", "Idempotency-Key", "Last-Event-ID"] {
        for (method, path) in [
          ("GET", "/jobs/\(id)/events?limit=1"), ("GET", "/jobs/\(id)"),
          ("POST", "/jobs"),
        ] {
          let response = try await client.request(
            method, path, headers: [HTTPHeader(name, value)],
            body: method == "POST" ? Array(SampleJobs.disc().utf8) : nil)
          #expect(response.status > 0 && response.status < 500, "\(name) on \(method) \(path)")
        }
      }
      #expect(try await client.get("/livez").status == 200)
    }
  }

  @Test("a method that a path does not take is answered with those that it takes")
  func methods() async throws {
    let id = "job_0123456789abcdef0123456789abcdef"
    let cases: [(method: String, path: String, allow: String)] = [
      ("PUT", "/jobs", "GET, HEAD, POST, OPTIONS"),
      ("DELETE", "/jobs", "GET, HEAD, POST, OPTIONS"),
      ("POST", "/jobs/\(id)", "GET, HEAD, PUT, DELETE, OPTIONS"),
      ("GET", "/jobs/\(id)/cancel", "POST, OPTIONS"),
      ("POST", "/jobs/\(id)/metrics", "GET, HEAD, OPTIONS"),
      ("DELETE", "/jobs/\(id)/predictions", "GET, HEAD, POST, OPTIONS"),
      ("GET", "/networks/validate", "POST, OPTIONS"),
      ("POST", "/livez", "GET, HEAD, OPTIONS"),
    ]
    try await withServer { server in
      for row in cases {
        let response = try await server.client.request(row.method, row.path)
        try response.expectProblem(405, "method_not_allowed")
        #expect(response["Allow"] == row.allow, "\(row.method) \(row.path)")
      }
    }
  }

  @Test("a body that is too large is refused with the limit, and the refusal arrives")
  func tooLarge() async throws {
    let limit = 8 * 1_024 * 1_024
    try await withServer(options: ["--limit", "bulk_body_bytes_max=\(limit)"]) { server in
      // With `Expect: 100-continue`, which curl sends by itself, and without: then all of the body
      // is on its way when the refusal comes.
      for expect in [[], [HTTPHeader("Expect", "")]] {
        let client = try HTTPClient(baseURL: server.url)
        let response = try await client.request(
          "POST", "/jobs", headers: expect + [HTTPHeader("Content-Type", "application/json")],
          body: [UInt8](repeating: UInt8(ascii: " "), count: limit + 1))
        let problem = try response.expectProblem(413, "body_too_large")
        #expect(problem["detail"]?.text?.contains("\(limit)") == true)
      }
      let padding = String(repeating: " ", count: limit - SampleJobs.disc().utf8.count)
      #expect(
        try await server.client.post("/jobs", SampleJobs.disc() + padding).status == 202)
    }
  }
}
