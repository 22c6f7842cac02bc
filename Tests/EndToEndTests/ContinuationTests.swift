import Foundation
import NeuralNetwork
import Testing

@Suite("A training that goes on", .fewAtOnce)
struct ContinuationTests {
  /// Some seconds of training, whether the program is optimised or not, with everything that a
  /// training may keep between two steps.
  private static func long(
    epochs: Int = 150, checkpointSeconds: Double? = 0.05, more: String = ""
  ) -> String {
    """
    {"network": {"operators": {"1": {"type": "linear", "out_features": 256}, "2": "batch_norm",
                               "3": "tanh", "4": {"type": "dropout", "rate": 0.1},
                               "5": {"type": "linear", "out_features": 256}, "6": "relu",
                               "7": {"type": "linear", "out_features": 1}},
                 "connectivity": {"1": [2], "2": [3], "3": [4], "4": [5], "5": [6], "6": [7],
                                  "7": []}},
     "dataset": {"generator": "disc", "train": 1000, "validation": 200, "seed": 1},
     "training": {"epochs": \(epochs), "batch_size": 50, "seed": 1, "optimizer": "adam",
                  \(checkpointSeconds.map { "\"checkpoint_seconds\": \($0)," } ?? "")
                  "schedule": {"type": "reduce_on_plateau", "patience": 5},
                  "early_stopping": {"patience": 1000}\(more)}}
    """
  }

  /// The events of a job, which are numbered without gaps.
  private func events(of id: String, _ client: HTTPClient) async throws -> [JSONValue] {
    let list = try await client.get("/jobs/\(id)/events?limit=1000").json()
    let events = list["data"]?.entries ?? []
    #expect(events.map { $0["id"]?.integer } == (1..<(events.count + 1)).map { $0 })
    return events
  }

  private func checkpoints(of id: String, _ client: HTTPClient) async throws -> Int {
    try await events(of: id, client).count { $0["type"]?.text == "checkpoint" }
  }

  @Test("killed again and again, it goes on from its checkpoints and ends with the same bits")
  func killed() async throws {
    try await withTemporaryFolder { folder in
      var server = try await RunningServer(in: folder, workers: 1)
      let id = try await server.client.submit(Self.long())
      // More often than a job without checkpoints may be interrupted.
      for kill in 1...5 {
        let before = try await checkpoints(of: id, server.client)
        while try await checkpoints(of: id, server.client) == before {
          let job = try await server.client.get("/jobs/\(id)").json()
          try #require(job["finished_at"] == .null, "ended before kill \(kill)")
        }
        #expect(await server.end(by: SIGKILL) == -SIGKILL)
        server = try await RunningServer(in: folder, workers: 1)
      }
      let cut = try await server.client.ended(id)
      #expect(cut["status"]?.text == "succeeded")
      #expect(cut["restarts"]?.integer == 5)
      let uncut = try await server.client.train(Self.long(checkpointSeconds: nil))
      #expect(cut["result"] == uncut["result"])
      #expect(cut["metrics"] == uncut["metrics"])
      let told = try await events(of: id, server.client).compactMap {
        $0["type"]?.text == "epoch" ? $0["data"]?["epoch"]?.integer : nil
      }
      #expect(told == Array(Set(told)).sorted(), "an epoch was told twice")
      #expect(told.last == 150)
    }
  }

  @Test("a checkpoint that is damaged is skipped, with a warning, and costs no bit")
  func damagedCheckpoint() async throws {
    try await withTemporaryFolder { folder in
      var server = try await RunningServer(in: folder, workers: 1)
      let id = try await server.client.submit(Self.long())
      while try await checkpoints(of: id, server.client) < 3 {}
      #expect(await server.end(by: SIGKILL) == -SIGKILL)
      let blobs = folder.path("data/blobs")
      let names = try FileManager.default.subpathsOfDirectory(atPath: blobs)
      for name in names {
        let path = blobs + "/" + name
        guard let file = FileHandle(forUpdatingAtPath: path) else { continue }
        // All checkpoints begin so; the others are the data set.
        guard try file.read(upToCount: 16) == Data("DESCENT CHECKPT1".utf8) else { continue }
        try file.seek(toOffset: 100)
        try file.write(contentsOf: [0x55])
      }
      server = try await RunningServer(in: folder, workers: 1)
      let cut = try await server.client.ended(id)
      let uncut = try await server.client.train(Self.long(checkpointSeconds: nil))
      #expect(cut["result"] == uncut["result"])
      let warnings = try await events(of: id, server.client).filter {
        $0["type"]?.text == "warning"
      }
      #expect(warnings.count == 2)
      #expect(
        warnings.allSatisfy { $0["data"]?["message"]?.text?.contains("is damaged") == true })
    }
  }

  @Test("paused, it keeps where it stands, over a restart too, and ends with the same bits")
  func paused() async throws {
    try await withTemporaryFolder { folder in
      var server = try await RunningServer(in: folder, workers: 1)
      let id = try await server.client.submit(Self.long(checkpointSeconds: nil))
      try await server.client.trained(id)
      let asked = try await server.client.post("/jobs/\(id)/pause")
      #expect(asked.status == 200)
      #expect(try ["pausing", "paused"].contains(asked.json()["status"]?.text))
      try await server.client.reached(id) { $0["status"]?.text == "paused" }
      #expect(try await checkpoints(of: id, server.client) == 1)
      #expect(await server.end(by: SIGTERM) == 0)

      server = try await RunningServer(in: folder, workers: 1)
      // Whoever comes after it is trained meanwhile.
      _ = try await server.client.train(SampleJobs.disc())
      let waiting = try await server.client.get("/jobs/\(id)").json()
      #expect(waiting["status"]?.text == "paused")
      #expect(try await server.client.post("/jobs/\(id)/resume").status == 200)
      let cut = try await server.client.ended(id)
      #expect(cut["restarts"]?.integer == 0)
      let uncut = try await server.client.train(Self.long(checkpointSeconds: nil))
      #expect(cut["result"] == uncut["result"])
      try await server.client.post("/jobs/\(id)/pause").expectProblem(409, "job_ended")
    }
  }

  @Test("extended, it has the bits of one that trained all epochs", arguments: [0.05, nil])
  func extended(checkpointSeconds: Double?) async throws {
    try await withServer { server in
      let whole = try await server.client.train(
        Self.long(epochs: 40, checkpointSeconds: checkpointSeconds))
      let first = try await server.client.train(
        Self.long(epochs: 15, checkpointSeconds: checkpointSeconds))
      let parent = try #require(first["id"]?.text)
      let response = try await server.client.post(
        "/jobs/\(parent)/extend", #"{"epochs": 25, "name": "longer"}"#,
        headers: [HTTPHeader("Prefer", "wait=60")])
      #expect(response.status == 200, "\(response.text)")
      let child = try response.json()
      #expect(child["parent_id"]?.text == parent)
      #expect(child["name"]?.text == "longer")
      #expect(child["training"]?["epochs"]?.integer == 40)
      #expect(child["result"] == whole["result"])
      #expect(child["metrics"] == whole["metrics"])
      // With a state it does not begin anew: the epochs of its parent are not trained again.
      let id = try #require(child["id"]?.text)
      let told = try await events(of: id, server.client).compactMap {
        $0["type"]?.text == "epoch" ? $0["data"]?["epoch"]?.integer : nil
      }
      if checkpointSeconds != nil { #expect(told.first == 16) }
      let history = try await server.client.get("/jobs/\(id)/metrics").json()
      #expect(history["epoch"]?.entries.count == 40)
    }
  }

  @Test("the best epoch's model does not mix into what is gone on from")
  func extendedPastTheBest() async throws {
    func request(epochs: Int) -> String {
      """
      {"network": {"operators": {"1": {"type": "linear", "out_features": 16}, "2": "tanh",
                                 "3": {"type": "linear", "out_features": 1}},
                   "connectivity": {"1": [2], "2": [3], "3": []}},
       "dataset": {"generator": "disc", "train": 30, "validation": 30, "seed": 2},
       "training": {"epochs": \(epochs), "batch_size": 5, "optimizer": "adam", "seed": 1,
                    "checkpoint_seconds": 3600, "early_stopping": {"patience": 10000}}}
      """
    }
    try await withServer { server in
      let first = try await server.client.train(request(epochs: 600))
      let best = try #require(first["result"]?["best_epoch"]?.integer)
      try #require(best < 600, "the last epoch is the best, so that this shows nothing")
      let id = try #require(first["id"]?.text)
      let child = try await server.client.post(
        "/jobs/\(id)/extend", #"{"epochs": 50}"#, headers: [HTTPHeader("Prefer", "wait=60")]
      ).json()
      let whole = try await server.client.train(request(epochs: 650))
      #expect(child["result"] == whole["result"])
      let childID = try #require(child["id"]?.text)
      let wholeID = try #require(whole["id"]?.text)
      func losses(_ id: String) async throws -> JSONValue? {
        try await server.client.get("/jobs/\(id)/metrics").json()["train_loss"]
      }
      #expect(try await losses(childID) == losses(wholeID))
    }
  }

  @Test("an idempotency key that extended one job does not extend another")
  func extendingKeys() async throws {
    try await withServer { server in
      var children: [String?] = []
      let jobs = [
        try await server.client.train(SampleJobs.disc(seed: 1)),
        try await server.client.train(SampleJobs.disc(seed: 2)),
      ]
      let key = [HTTPHeader("Idempotency-Key", "more")]
      let first = try #require(jobs[0]["id"]?.text)
      for _ in 1...2 {
        let answer = try await server.client.post(
          "/jobs/\(first)/extend", #"{"epochs": 1}"#, headers: key)
        children.append(try answer.json()["id"]?.text)
      }
      #expect(children[0] != nil && children[0] == children[1])
      let second = try #require(jobs[1]["id"]?.text)
      try await server.client.post("/jobs/\(second)/extend", #"{"epochs": 1}"#, headers: key)
        .expectProblem(422, "idempotency_key_reused")
    }
  }

  @Test("only what has ended well can be extended, by some epochs")
  func notExtensible() async throws {
    try await withServer { server in
      let running = try await server.client.submit(SampleJobs.endless)
      try await server.client.post("/jobs/\(running)/extend", #"{"epochs": 1}"#)
        .expectProblem(409, "not_extensible")
      let done = try #require(try await server.client.train(SampleJobs.disc())["id"]?.text)
      for body in [
        "{}", #"{"epochs": 0}"#, #"{"epochs": 1000000}"#, #"{"epochs": 1, "x": 1}"#, "[]",
      ] {
        let answer = try await server.client.post("/jobs/\(done)/extend", body)
        try answer.expectProblem(422, "invalid_request")
      }
    }
  }

  @Test("a job ends when it has run as long as it may, and keeps what it has")
  func timeLimit() async throws {
    try await withServer { server in
      let limited = SampleJobs.endless.replacing(
        #""training": {"#, with: #""training": {"max_seconds": 1, "#)
      let job = try await server.client.ended(try await server.client.submit(limited))
      #expect(job["status"]?.text == "failed")
      #expect(job["error"]?["code"]?.text == "time_limit_exceeded")
      #expect((job["progress"]?["epoch"]?.integer ?? 0) > 0)
      let id = try #require(job["id"]?.text)
      #expect(try await server.client.get("/jobs/\(id)/model").status == 200)
      let more = try await server.client.post("/jobs/\(id)/extend", #"{"epochs": 1}"#)
      #expect(more.status == 422, "a million epochs are the most")
    }
  }

  @Test("a job that is put under a name is one job, also after a kill")
  func putTwice() async throws {
    try await withTemporaryFolder { folder in
      var server = try await RunningServer(in: folder)
      func put(_ body: String) async throws -> HTTPClientResponse {
        try await server.client.request(
          "PUT", "/jobs/nightly-1", headers: [HTTPHeader("Content-Type", "application/json")],
          body: Array(body.utf8))
      }
      let first = try await put(SampleJobs.disc())
      #expect(first.status == 202)
      let id = try #require(try first.json()["id"]?.text)
      #expect(first["Location"] == "/jobs/\(id)")
      #expect(await server.end(by: SIGKILL) == -SIGKILL)
      server = try await RunningServer(in: folder)
      let second = try await put(SampleJobs.disc())
      #expect(try second.json()["id"]?.text == id)
      try await put(SampleJobs.disc(seed: 2)).expectProblem(422, "idempotency_key_reused")
      let asID = try await server.client.request(
        "PUT", "/jobs/\(id)", headers: [HTTPHeader("Content-Type", "application/json")],
        body: Array(SampleJobs.disc().utf8))
      try asID.expectProblem(422, "invalid_idempotency_key")
      let header = try await server.client.post(
        "/jobs", SampleJobs.disc(), headers: [HTTPHeader("Idempotency-Key", "nightly-1")])
      #expect(try header.json()["id"]?.text == id)
    }
  }

  @Test("jobs that ended longer ago than --keep-days are forgotten, others are not")
  func keepDays() async throws {
    try await withTemporaryFolder { folder in
      var server = try await RunningServer(in: folder, options: ["--keep-days", "1"])
      let id = try #require(try await server.client.train(SampleJobs.disc())["id"]?.text)
      #expect(await server.end(by: SIGTERM) == 0)
      server = try await RunningServer(in: folder, options: ["--keep-days", "0"])
      while try await server.client.get("/jobs/\(id)").status == 200 {}
      try await server.client.get("/jobs/\(id)").expectProblem(404, "job_not_found")
      let kept = try #require(try await server.client.train(SampleJobs.disc())["id"]?.text)
      #expect(await server.end(by: SIGTERM) == 0)
      // Its first look comes with the start, before it answers.
      server = try await RunningServer(in: folder, options: ["--keep-days", "1"])
      _ = try await server.client.train(SampleJobs.disc(seed: 2))
      #expect(try await server.client.get("/jobs/\(kept)").status == 200)
    }
  }
}
