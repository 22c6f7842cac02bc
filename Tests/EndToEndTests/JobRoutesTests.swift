import Foundation
import NeuralNetwork
import Testing

@Suite("Jobs over HTTP", .fewAtOnce)
struct JobRoutesTests {
  @Test("a job with data of its own is accepted, trained, and judged as worked out by hand")
  func inlineJob() async throws {
    try await withServer { server in
      let response = try await server.client.post("/jobs", SampleJobs.inline)
      #expect(response.status == 202)
      #expect(response["Content-Type"] == "application/json")
      let accepted = try response.json()
      let id = try #require(accepted["id"]?.text)
      #expect(id.wholeMatch(of: /job_[0-9a-f]{32}/) != nil)
      #expect(response["Location"] == "/jobs/\(id)")
      #expect(response["Preference-Applied"] == nil)
      #expect(accepted["object"]?.text == "training.job")
      #expect(accepted["metrics"] == .null)
      #expect(accepted["links"]?["self"]?.text == "/jobs/\(id)")
      #expect(accepted["metadata"]?.written == #"{"owner":"ci"}"#)

      let job = try await server.client.ended(id)
      #expect(job["status"]?.text == "succeeded")
      // Outputs 0 1 1 0 against 0 1 0 1, with a rate of zero: half of each class is right.
      #expect(
        job["metrics"]?["train"]?.written
          == #"{"loss":0.5,"error_rate":0.5,"accuracy":0.5,"precision":0.5,"recall":0.5,"#
          + #""f1":0.5,"confusion_matrix":[[1,1],[1,1]]}"#)
      #expect(job["metrics"]?["validation"]?["loss"]?.double == 0)
      #expect(job["metrics"]?["test"] == nil)
      #expect(job["network"]?["parameters"]?.integer == 3)
      #expect(job["dataset"]?["train"]?.integer == 4)
      #expect(job["training"]?["task"]?.text == "binary")
      #expect(job["training"]?["batch_size"]?.integer == 32)
      #expect(job["error"] == .null)
      #expect(job["restarts"]?.integer == 0)
      for time in ["created_at", "started_at", "finished_at"] {
        let text = try #require(job[time]?.text)
        #expect(text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
      }
      #expect((job["duration_seconds"]?.double ?? -1) >= 0)
    }
  }

  @Test("Prefer: wait=N answers with the finished job, and says that it was heeded")
  func preferWait() async throws {
    try await withServer { server in
      let response = try await server.client.post(
        "/jobs", SampleJobs.disc(), headers: [HTTPHeader("Prefer", "wait=60")])
      #expect(response.status == 200)
      #expect(response["Preference-Applied"] == "wait=60")
      let job = try response.json()
      #expect(job["status"]?.text == "succeeded")
      #expect(job["progress"]?["epoch"]?.integer == 5)
      #expect(job["progress"]?["epochs"]?.integer == 5)
      #expect(job["progress"]?["fraction"]?.double == 1)
      #expect(job["progress"]?["eta_seconds"]?.double == 0)
      #expect((job["progress"]?["samples_per_second"]?.integer ?? 0) > 0)
      #expect(job["dataset"]?["generator"]?.text == "disc")
      let hash = try #require(job["result"]?["weights_sha256"]?.text)
      #expect(hash.wholeMatch(of: /[0-9a-f]{64}/) != nil)
    }
  }

  @Test("a wait that is too short answers with the job as it is")
  func waitTooShort() async throws {
    try await withServer(workers: 1) { server in
      let posted = try await server.client.post(
        "/jobs", SampleJobs.endless, headers: [HTTPHeader("Prefer", "wait=0")])
      #expect(posted.status == 202)
      #expect(posted["Preference-Applied"] == "wait=0")
      let id = try #require(try posted.json()["id"]?.text)
      #expect(posted["Location"] == "/jobs/\(id)")
      let shown = try await server.client.get(
        "/jobs/\(id)", headers: [HTTPHeader("Prefer", "wait=1")])
      #expect(shown.status == 200)
      #expect(shown["Preference-Applied"] == "wait=1")
      #expect(["queued", "running"].contains(try shown.json()["status"]?.text))
    }
  }

  @Test("jobs are listed newest first, in pages, in either order, by status")
  func list() async throws {
    try await withServer(workers: 1) { server in
      let client = server.client
      #expect(
        try await client.get("/jobs").json().written
          == #"{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}"#)
      var ids: [String] = []
      for name in ["a", "b", "c"] {
        ids.append(try #require(try await client.train(SampleJobs.disc(name: name))["id"]?.text))
      }
      ids.append(try await client.submit(SampleJobs.endless))
      try await client.trained(ids[3])
      ids.append(try await client.submit(SampleJobs.disc(name: "e")))

      func page(_ query: String) async throws -> (ids: [String?], hasMore: Bool) {
        let list = try await client.get("/jobs" + query).json()
        let found = list["data"]?.entries.map { $0["id"]?.text } ?? []
        #expect(list["first_id"]?.text == found.first ?? nil)
        #expect(list["last_id"]?.text == found.last ?? nil)
        return (found, list["has_more"] == .bool(true))
      }
      #expect(try await page("").ids == ids.reversed())
      #expect(try await page("?order=asc").ids == ids)
      #expect(try await page("?limit=2").ids == [ids[4], ids[3]])
      #expect(try await page("?limit=2").hasMore)
      #expect(try await page("?limit=2&after=\(ids[3])").ids == [ids[2], ids[1]])
      #expect(try await page("?limit=2&after=\(ids[1])").ids == [ids[0]])
      #expect(try await !page("?limit=2&after=\(ids[1])").hasMore)
      #expect(try await page("?order=asc&after=\(ids[1])&limit=1").ids == [ids[2]])
      #expect(try await page("?status=succeeded&order=asc").ids == Array(ids[..<3]))
      #expect(try await page("?status=running").ids == [ids[3]])
      #expect(try await page("?status=queued").ids == [ids[4]])
      #expect(try await page("?status=failed").ids == [])
    }
  }

  @Test(
    "cancelling: a queued job at once, a running one soon, again without harm, an ended one not")
  func cancel() async throws {
    try await withServer(workers: 1) { server in
      let client = server.client
      let running = try await client.submit(SampleJobs.endless)
      let queued = try await client.submit(SampleJobs.disc())
      try await client.trained(running)

      let first = try await client.post("/jobs/\(queued)/cancel", "")
      #expect(first.status == 200)
      #expect(try first.json()["status"]?.text == "cancelled")
      #expect(try await client.post("/jobs/\(queued)/cancel", "").status == 200)
      let none = try await client.get("/jobs/\(queued)/model")
      try none.expectProblem(409, "no_model")

      let asked = try await client.post("/jobs/\(running)/cancel", "")
      #expect(asked.status == 200)
      #expect(["cancelling", "cancelled"].contains(try asked.json()["status"]?.text))
      let job = try await client.ended(running)
      #expect(job["status"]?.text == "cancelled")
      #expect(job["result"]?["weights_sha256"]?.text != nil)
      #expect(job["metrics"]?["test"]?["loss"]?.double != nil)
      let history = try await client.get("/jobs/\(running)/metrics").json()
      #expect(history["epoch"]?.entries.isEmpty == false)
      #expect(try await client.get("/jobs/\(running)/model").status == 200)
      #expect(try await client.post("/jobs/\(running)/cancel", "").status == 200)

      let succeeded = try #require(try await client.train(SampleJobs.disc())["id"]?.text)
      try await client.post("/jobs/\(succeeded)/cancel", "").expectProblem(409, "job_ended")
    }
  }

  @Test("an ended job can be deleted and is gone, an active one not")
  func delete() async throws {
    try await withServer(workers: 1) { server in
      let client = server.client
      let active = try await client.submit(SampleJobs.endless)
      try await client.request("DELETE", "/jobs/\(active)").expectProblem(409, "job_active")
      _ = try await client.post("/jobs/\(active)/cancel", "")
      _ = try await client.ended(active)
      let deleted = try await client.request("DELETE", "/jobs/\(active)")
      #expect(deleted.status == 204)
      #expect(deleted.body == [])
      for path in ["", "/metrics", "/events", "/predictions", "/figure.svg", "/model"] {
        try await client.get("/jobs/\(active)\(path)").expectProblem(404, "job_not_found")
      }
      try await client.request("DELETE", "/jobs/\(active)").expectProblem(404, "job_not_found")
      #expect(try await client.get("/jobs").json()["data"]?.entries.isEmpty == true)
    }
  }

  @Test("an idempotency key gives the same job again, also after a restart")
  func idempotency() async throws {
    let folder = try TemporaryFolder()
    // The folder goes with its last reference.
    defer { withExtendedLifetime(folder) {} }
    let key = [HTTPHeader("Idempotency-Key", "once")]
    var server = try await RunningServer(in: folder)
    let first = try await server.client.post("/jobs", SampleJobs.disc(), headers: key).json()
    let id = try #require(first["id"]?.text)
    _ = try await server.client.ended(id)
    let again = try await server.client.post("/jobs", SampleJobs.disc(), headers: key)
    #expect(again.status == 202)
    #expect(try again.json()["id"]?.text == id)
    #expect(try again.json()["status"]?.text == "succeeded")
    try await server.client.post("/jobs", SampleJobs.disc(seed: 2), headers: key)
      .expectProblem(422, "idempotency_key_reused")
    #expect(await server.end(by: SIGKILL) == -SIGKILL)
    server = try await RunningServer(in: folder)
    let later = try await server.client.post("/jobs", SampleJobs.disc(), headers: key)
    #expect(try later.json()["id"]?.text == id)
    #expect(try await server.client.get("/jobs").json()["data"]?.entries.count == 1)
  }

  @Test("the history comes in columns of one length, also while the job runs")
  func metrics() async throws {
    try await withServer(workers: 1) { server in
      let client = server.client
      let inline = try await client.train(SampleJobs.inline)
      let history = try await client.get("/jobs/\(inline["id"]?.text ?? "")/metrics").json()
      #expect(
        history.members.map(\.name)
          == ["epoch", "train_loss", "validation_loss", "learning_rate", "seconds"])
      #expect(history["epoch"]?.written == "[1,2]")
      #expect(history["train_loss"]?.written == "[0.5,0.5]")
      #expect(history["validation_loss"]?.written == "[0.0,0.0]")
      #expect(history["learning_rate"]?.written == "[0.0,0.0]")

      let running = try await client.submit(SampleJobs.endless)
      let queued = try await client.submit(SampleJobs.disc())
      try await client.trained(running)
      let partial = try await client.get("/jobs/\(running)/metrics").json()
      #expect(partial["epoch"]?.entries.isEmpty == false)
      #expect(Set(partial.members.map(\.value.entries.count)).count == 1)
      let empty = try await client.get("/jobs/\(queued)/metrics").json()
      #expect(empty["epoch"]?.written == "[]")
    }
  }

  @Test("the paper's Figure 1 with two named inputs trains")
  func figureOne() async throws {
    try await withServer { server in
      let client = server.client
      let job = try await client.train(SampleJobs.figureOne)
      let id = try #require(job["id"]?.text)
      let losses = try await client.get("/jobs/\(id)/metrics").json()["train_loss"]?.entries ?? []
      let (first, last) = (losses.first?.double ?? 0, losses.last?.double ?? 1)
      #expect(last < first / 10)
      #expect(job["metrics"]?["train"]?["r2"]?.double != nil)
      let predictions = try await client.post(
        "/jobs/\(id)/predictions", #"{"inputs": {"x2": [[1]], "x1": [[0, 1]]}}"#
      ).json()
      let output = try #require(predictions["outputs"]?.entries.first?.entries.first?.double)
      #expect(abs(output - 0.7) < 0.2)
      #expect(predictions["labels"] == .null)
    }
  }

  @Test("a network with four kinds of fault is answered with all four, and validated alike")
  func fourFaults() async throws {
    try await withServer { server in
      let response = try await server.client.post("/jobs", SampleJobs.fourFaults)
      try response.expectProblem(422, "invalid_request")
      let errors = try response.json()["errors"]?.entries ?? []
      #expect(
        errors.map { $0["code"]?.text }
          == ["unknown_operator", "dead_end", "cycle", "shape_mismatch"])
      #expect(
        errors.map { $0["pointer"]?.text } == [
          "#/network/connectivity/1/1", "#/network/operators/7", "#/network/connectivity/4",
          "#/network/operators/3/in_features",
        ])
      #expect(
        errors.last?["detail"]?.text
          == "operator 3 (linear) expects 16 features but operator 2 (relu) gives 25")
      let report = try await server.client.post("/networks/validate", SampleJobs.fourFaults)
      #expect(report.status == 200)
      #expect(try report.json()["valid"] == .bool(false))
      #expect(try report.json()["errors"]?.entries == errors)
    }
  }

  @Test("a training that diverges fails, says where, and keeps its last finite parameters")
  func diverged() async throws {
    try await withServer { server in
      let body = SampleJobs.disc(epochs: 100)
        .replacing(
          "\"batch_size\"",
          with: "\"optimizer\": {\"type\": \"sgd\", \"learning_rate\": 1000}, \"batch_size\"")
      let id = try await server.client.submit(body)
      let job = try await server.client.ended(id)
      #expect(job["status"]?.text == "failed")
      #expect(job["error"]?["code"]?.text == "diverged")
      #expect(job["error"]?["pointer"]?.text == "#/training/optimizer/learning_rate")
      #expect(job["error"]?["message"]?.text?.contains("epoch") == true)
      let model = try await server.client.get("/jobs/\(id)/model")
      #expect(model.status == 200)
      #expect(!model.text.contains("null]"))
    }
  }
}
