import Foundation
import NeuralNetwork
import Testing

@Suite("Events over HTTP", .fewAtOnce)
struct EventStreamTests {
  private static let accept = HTTPHeader("Accept", "text/event-stream")

  @Test("a stream tells a job while it runs: numbers without gaps, done last with the job")
  func live() async throws {
    try await withServer(workers: 1) { server in
      let client = server.client
      let blocking = try await client.submit(SampleJobs.endless)
      let id = try await client.submit(SampleJobs.disc(epochs: 30))
      // The job waits behind another, so that the stream is there before it begins.
      let stream = try await client.stream(
        "GET", "/jobs/\(id)/events", headers: [Self.accept])
      #expect(stream.head.status == 200)
      #expect(stream.head["Content-Type"] == "text/event-stream")
      #expect(stream.head["Cache-Control"] == "no-store")
      _ = try await client.post("/jobs/\(blocking)/cancel")
      let (events, others) = try await stream.events(until: { $0.type == "done" })
      #expect(others.first == "retry: 1000")
      #expect(events.map(\.id) == (1...events.count).map { $0 })
      let statuses = try events.filter { $0.type == "status" }.map {
        try $0.json["data"]?["status"]?.text
      }
      #expect(statuses == ["queued", "running", "succeeded"])
      let epochs = try events.filter { $0.type == "epoch" }.map {
        try $0.json["data"]?["epoch"]?.integer
      }
      #expect(epochs == (1...30).map { $0 })
      let done = try #require(events.last)
      #expect(done.type == "done")
      let job = try await client.get("/jobs/\(id)").json()
      #expect(try done.json["data"] == job)
      for event in events {
        let document = try event.json
        #expect(document["id"]?.integer == event.id)
        #expect(document["type"]?.text == event.type)
        #expect(document["created_at"]?.text != nil)
      }
    }
  }

  @Test("a stream goes on after what the client has seen, and is 204 when nothing is left")
  func replay() async throws {
    try await withServer { server in
      let client = server.client
      let id = try #require(try await client.train(SampleJobs.disc(epochs: 8))["id"]?.text)
      let path = "/jobs/\(id)/events"
      func ids(_ query: String = "", _ headers: [HTTPHeader] = []) async throws -> [Int?] {
        let stream = try await client.stream(
          "GET", path + query, headers: [Self.accept] + headers)
        return try await stream.events(until: { _ in false }).events.map(\.id)
      }
      // queued, running, eight epochs, succeeded, done.
      #expect(try await ids() == (1...12).map { $0 })
      #expect(try await ids("", [HTTPHeader("Last-Event-ID", "9")]) == [10, 11, 12])
      #expect(try await ids("?after=11") == [12])
      for after in ["12", "99"] {
        let none = try await client.get(
          path, headers: [Self.accept, HTTPHeader("Last-Event-ID", after)])
        #expect(none.status == 204)
        #expect(none.body == [])
      }
      try await client.get(path, headers: [Self.accept, HTTPHeader("Last-Event-ID", "x")])
        .expectProblem(422, "invalid_last_event_id")
    }
  }

  @Test("the list has the same events in pages")
  func list() async throws {
    try await withServer { server in
      let client = server.client
      let id = try #require(try await client.train(SampleJobs.disc(epochs: 8))["id"]?.text)
      let all = try await client.get("/jobs/\(id)/events").json()
      #expect(all["object"]?.text == "list")
      #expect(all["has_more"] == .bool(false))
      let events = all["data"]?.entries ?? []
      #expect(events.map { $0["id"]?.integer } == (1...12).map { $0 })
      #expect(events.last?["data"]?["status"]?.text == "succeeded")
      let page = try await client.get("/jobs/\(id)/events?after=4&limit=3").json()
      #expect(page["data"]?.entries == Array(events[4..<7]))
      #expect(page["has_more"] == .bool(true))
      for query in ["after=-1", "limit=0", "limit=1001"] {
        try await client.get("/jobs/\(id)/events?\(query)").expectProblem(422, "invalid_query")
      }
    }
  }

  @Test("a client that leaves a stream does not disturb the job or the server")
  func clientLeaves() async throws {
    try await withServer(workers: 1) { server in
      let client = server.client
      let id = try await client.submit(SampleJobs.endless)
      let stream = try await client.stream("GET", "/jobs/\(id)/events", headers: [Self.accept])
      _ = try await stream.events(until: { _ in true })
      stream.cancel()
      try await client.trained(id)
      _ = try await client.post("/jobs/\(id)/cancel")
      #expect(try await client.ended(id)["status"]?.text == "cancelled")
    }
  }
}
