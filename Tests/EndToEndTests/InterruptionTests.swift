import Foundation
import NeuralNetwork
import Testing

@Suite("A server that is stopped", .fewAtOnce)
struct InterruptionTests {
  /// Some seconds of training, whether the program is optimised or not: nearly all of the time is in
  /// the kernels, which always are.
  private static func long(seed: Int) -> String {
    """
    {"network": {"operators": {"1": {"type": "linear", "out_features": 256}, "2": "tanh",
                               "3": {"type": "linear", "out_features": 256}, "4": "relu",
                               "5": {"type": "linear", "out_features": 256}, "6": "relu",
                               "7": {"type": "linear", "out_features": 1}},
                 "connectivity": {"1": [2], "2": [3], "3": [4], "4": [5], "5": [6], "6": [7],
                                  "7": []}},
     "dataset": {"generator": "disc", "train": 1000, "seed": \(seed)},
     "training": {"epochs": 150, "batch_size": 50, "seed": \(seed)}}
    """
  }

  @Test(
    "kill -9 while ten jobs are queued and two run: all twelve end succeeded, with the same bits")
  func killed() async throws {
    try await withTemporaryFolder { folder in
      var server = try await RunningServer(in: folder, workers: 2)
      var ids: [String] = []
      for seed in 1...2 { ids.append(try await server.client.submit(Self.long(seed: seed))) }
      for seed in 1...10 {
        ids.append(try await server.client.submit(SampleJobs.disc(epochs: 20, seed: seed)))
      }
      for id in ids.prefix(2) { try await server.client.trained(id) }
      for (status, count) in [("running", 2), ("queued", 10)] {
        let list = try await server.client.get("/jobs?status=\(status)").json()
        #expect(list["data"]?.entries.count == count)
      }
      #expect(await server.end(by: SIGKILL) == -SIGKILL)

      server = try await RunningServer(in: folder, workers: 2)
      var jobs: [JSONValue] = []
      for id in ids { jobs.append(try await server.client.ended(id)) }
      #expect(jobs.map { $0["status"]?.text } == Array(repeating: "succeeded", count: 12))
      #expect(
        jobs.map { $0["restarts"]?.integer } == [1, 1] + Array(repeating: 0, count: 10))
      // Both interrupted jobs again, uninterrupted, and one that was only queued.
      let bodies = [
        Self.long(seed: 1), Self.long(seed: 2), SampleJobs.disc(epochs: 20, seed: 1),
      ]
      var again: [String] = []
      for body in bodies { again.append(try await server.client.submit(body)) }
      for (id, cut) in zip(again, jobs) {
        let uncut = try await server.client.ended(id)
        #expect(uncut["restarts"]?.integer == 0)
        #expect(cut["result"] == uncut["result"])
        #expect(cut["metrics"] == uncut["metrics"])
      }
      let events = try await server.client.get("/jobs/\(ids[0])/events?limit=1000").json()
      let entries = events["data"]?.entries ?? []
      #expect(entries.map { $0["id"]?.integer } == (1...entries.count).map { $0 })
      #expect(entries.last?["type"]?.text == "done")
    }
  }

  @Test(
    "a signal ends it cleanly: running jobs are released, streams and waits are answered",
    arguments: [SIGTERM, SIGINT])
  func signalled(signal: Int32) async throws {
    try await withTemporaryFolder { folder in
      var server = try await RunningServer(in: folder, workers: 1)
      let running = try await server.client.submit(SampleJobs.endless)
      let queued = try await server.client.submit(SampleJobs.disc())
      try await server.client.trained(running)
      let stream = try await server.client.stream(
        "GET", "/jobs/\(running)/events", headers: [HTTPHeader("Accept", "text/event-stream")])
      let waiting = server.client
      async let waited = waiting.get(
        "/jobs/\(queued)", headers: [HTTPHeader("Prefer", "wait=60")])
      #expect(await server.end(by: signal) == 0)
      let (events, others) = try await stream.events(until: { _ in false })
      #expect(events.first?.id == 1)
      #expect(others.last == ": the server ends the stream, connect again")
      let answer = try await waited
      #expect(answer.status == 200)
      #expect(try answer.json()["status"]?.text == "queued")

      server = try await RunningServer(in: folder, workers: 2)
      #expect(try await server.client.ended(queued)["status"]?.text == "succeeded")
      try await server.client.trained(running)
      let job = try await server.client.get("/jobs/\(running)").json()
      #expect(job["restarts"]?.integer == 0)
    }
  }

  @Test("a released job has the bits of one that ran through")
  func releasedJobHasTheSameBits() async throws {
    try await withTemporaryFolder { folder in
      var server = try await RunningServer(in: folder, workers: 1)
      let id = try await server.client.submit(Self.long(seed: 3))
      try await server.client.trained(id)
      #expect(await server.end(by: SIGTERM) == 0)
      server = try await RunningServer(in: folder, workers: 2)
      let again = try await server.client.submit(Self.long(seed: 3))
      let released = try await server.client.ended(id)
      #expect(released["status"]?.text == "succeeded")
      #expect(released["restarts"]?.integer == 0)
      let uncut = try await server.client.ended(again)
      #expect(released["result"] == uncut["result"])
    }
  }

  @Test("while it stops it says that it is not ready, until it does not answer any more")
  func draining() async throws {
    try await withTemporaryFolder { folder in
      let server = try await RunningServer(in: folder)
      // An open connection is closed when the drain begins, and new ones are still answered.
      #expect(try await server.client.get("/readyz").status == 200)
      async let code = server.end(by: SIGTERM)
      var status = 200
      while status == 200 {
        let client = try HTTPClient(baseURL: server.url)
        do {
          let response = try await client.get("/readyz")
          status = response.status
          if status != 200 {
            try response.expectProblem(503, "draining")
            #expect(response["Retry-After"] == "5")
          }
        } catch let error as HTTPClientError {
          // Closed between connecting and asking, or already gone.
          guard case .failed(code: 7, _) = error else { continue }
          break
        }
      }
      #expect(await code == 0)
    }
  }

  @Test("a second process on one data folder is told what to do, and exits with 69")
  func dataFolderInUse() async throws {
    try await withTemporaryFolder { folder in
      let server = try await RunningServer(in: folder)
      let data = folder.path("data")
      let second = try await Program.run(["serve", "--port", "0", "--data", data])
      #expect(second.code == 69)
      #expect(second.output == "")
      #expect(
        second.errors
          == "descent: The data folder \(data) is in use by another process; stop that process or "
          + "choose another folder\n")
      #expect(try await server.client.get("/livez").status == 200)
    }
  }

  @Test("a port that is taken is named, exits with 69, and costs no queued job an attempt")
  func portInUse() async throws {
    try await withTemporaryFolder { folder in
      var server = try await RunningServer(in: folder, workers: 1)
      let running = try await server.client.submit(SampleJobs.endless)
      let queued = try await server.client.submit(SampleJobs.disc())
      try await server.client.trained(running)
      #expect(await server.end(by: SIGTERM) == 0)
      try await withServer { other in
        for _ in 1...4 {
          let refused = try await Program.run(
            ["serve", "--port", other.port, "--data", folder.path("data")])
          #expect(refused.code == 69)
          #expect(refused.output == "")
          #expect(refused.errors.contains("127.0.0.1:\(other.port)"), "\(refused.errors)")
        }
      }
      server = try await RunningServer(in: folder, workers: 2)
      let job = try await server.client.ended(queued)
      #expect(job["status"]?.text == "succeeded")
      #expect(job["restarts"]?.integer == 0)
      try await server.client.trained(running)
      let again = try await server.client.get("/jobs/\(running)").json()
      #expect(again["restarts"]?.integer == 0)
    }
  }
}
