import HTTPCore
import Jobs
import NeuralNetwork
import Synchronization
import TestSupport
import Testing

@Suite("Events of a job")
struct EventRoutesTests {
  /// A job with two epochs told, and the last words of it as the case demands.
  private struct Scene {
    let desk: Desk
    let id: JobID
    let claim: JobClaim
    let store: InMemoryJobStore

    init() async throws {
      store = InMemoryJobStore(clock: { JobTime(milliseconds: 5) })
      let submission = try smallSubmission()
      id = try #require(JobID("job_0123456789abcdef0123456789abcdef"))
      _ = try await store.submit(NewJob(id: id, request: submission.request))
      claim = try #require(try await store.claim(worker: "test")).claim
      _ = try await store.renew(
        claim,
        report: JobReport(events: [
          JobEventDraft(type: "epoch", data: Array(#"{"epoch":1}"#.utf8)),
          JobEventDraft(type: "epoch", data: Array(#"{"epoch":2}"#.utf8)),
        ]))
      desk = Desk(store: store)
    }

    func end() async throws {
      let result = StoredResult(summary: Array("{}".utf8), details: Array("{}".utf8))
      _ = try await store.finish(claim, as: .succeeded(result), report: JobReport())
    }

    func stream(_ query: String = "", headers: HTTPHeaders = [:]) async throws -> HTTPResponse {
      var headers = headers
      headers.set("Accept", "text/event-stream")
      return try await desk.send("GET", "/jobs/\(id)/events\(query)", headers: headers)
    }
  }

  private static let epochs = """
    id: 3
    event: epoch
    data: {"id":3,"type":"epoch","created_at":"1970-01-01T00:00:00.005Z","data":{"epoch":1}}

    id: 4
    event: epoch
    data: {"id":4,"type":"epoch","created_at":"1970-01-01T00:00:00.005Z","data":{"epoch":2}}


    """

  @Test("a stream begins with retry, and each event has its id, its type and one line of JSON")
  func streamText() async throws {
    let scene = try await Scene()
    try await scene.end()
    let response = try await scene.stream()
    #expect(response.status == 200)
    #expect(response.headers.first("Content-Type") == "text/event-stream")
    #expect(response.headers.first("Cache-Control") == "no-store")
    let text = try await written(response)
    let statuses = """
      retry: 1000

      id: 1
      event: status
      data: {"id":1,"type":"status","created_at":"1970-01-01T00:00:00.005Z","data":{"status":"queued"}}

      id: 2
      event: status
      data: {"id":2,"type":"status","created_at":"1970-01-01T00:00:00.005Z","data":{"status":"running"}}


      """
    #expect(text.hasPrefix(statuses + Self.epochs))
    let end = text.dropFirst((statuses + Self.epochs).count)
    #expect(
      end.hasPrefix(
        """
        id: 5
        event: status
        data: {"id":5,"type":"status","created_at":"1970-01-01T00:00:00.005Z","data":{"status":"succeeded"}}

        id: 6
        event: done
        data: {"id":6,"type":"done","created_at":"1970-01-01T00:00:00.005Z","data":{"id":"\(scene.id)",
        """))
    #expect(end.contains(#""status":"succeeded""#))
    #expect(end.hasSuffix("}}\n\n"))
  }

  @Test("a stream goes on where the client left off", arguments: [true, false])
  func replay(byHeader: Bool) async throws {
    let scene = try await Scene()
    try await scene.end()
    let response =
      byHeader
      ? try await scene.stream(headers: ["Last-Event-ID": "2"]) : try await scene.stream("?after=2")
    let text = try await written(response)
    #expect(text.hasPrefix("retry: 1000\n\n" + Self.epochs + "id: 5\n"))
  }

  @Test("the header wins over the query: a browser's reconnect knows better")
  func headerWins() async throws {
    let scene = try await Scene()
    try await scene.end()
    let response = try await scene.stream("?after=1", headers: ["Last-Event-ID": "5"])
    #expect(try await written(response).hasPrefix("retry: 1000\n\nid: 6\n"))
  }

  @Test("the stream of a job that is deleted meanwhile ends in order")
  func deletedMeanwhile() async throws {
    let scene = try await Scene()
    let response = try await scene.stream()
    try await scene.end()
    #expect(try await scene.desk.send("DELETE", "/jobs/\(scene.id)").status == 204)
    let text = try await written(response)
    #expect(text.hasSuffix(Self.epochs + ": the server ends the stream, connect again\n\n"))
  }

  @Test("204 once everything was told")
  func nothingLeft() async throws {
    let scene = try await Scene()
    try await scene.end()
    #expect(try await scene.stream("?after=6").status == 204)
    #expect(try await scene.stream(headers: ["Last-Event-ID": "99"]).status == 204)
  }

  @Test("an active job has more to say, whatever was told")
  func activeJob() async throws {
    let scene = try await Scene()
    #expect(try await scene.stream("?after=4").status == 200)
  }

  @Test("a stream after more than there is ends with the job", .timeLimit(.minutes(1)))
  func beyondTheLast() async throws {
    let scene = try await Scene()
    let response = try await scene.stream("?after=99")
    #expect(response.status == 200)
    try await scene.end()
    #expect(try await written(response) == "retry: 1000\n\n")
  }

  @Test("a stream says that the server ends, also if the store is closed before it has read")
  func managerEndsWhileStreaming() async throws {
    let scene = try await Scene()
    let response = try await scene.stream()
    await scene.desk.manager.shutdown()
    let text = try await written(response)
    #expect(text.hasPrefix("retry: 1000\n\nid: 1\n"))
    #expect(text.hasSuffix("\n\n: the server ends the stream, connect again\n\n"))
  }

  @Test("a Last-Event-ID that is no number is refused", arguments: ["x", "-1", "1.5", ""])
  func badLastEventID(value: String) async throws {
    let scene = try await Scene()
    let response = try await scene.stream(headers: ["Last-Event-ID": value])
    #expect(response.status == 422)
    #expect(try document(of: response)["code"] == .string("invalid_last_event_id"))
  }

  @Test("when the manager ends, a stream says so and ends")
  func managerEnds() async throws {
    let scene = try await Scene()
    await scene.desk.manager.shutdown()
    let response = try await scene.stream()
    // The store is closed with the manager, so that nothing can be read any more.
    #expect(response.status == 503)
  }

  @Test("the list has the same events, in pages")
  func list() async throws {
    let scene = try await Scene()
    let first = try document(
      of: try await scene.desk.send("GET", "/jobs/\(scene.id)/events?limit=3"))
    guard case .array(let events)? = first["data"] else {
      Issue.record("there is no data")
      return
    }
    #expect(events.map { $0["id"] } == [.integer(1), .integer(2), .integer(3)])
    #expect(first["object"] == .string("list"))
    #expect(first["has_more"] == .bool(true))
    let rest = try document(
      of: try await scene.desk.send("GET", "/jobs/\(scene.id)/events?after=3&limit=3"))
    guard case .array(let others)? = rest["data"] else { return }
    #expect(others.map { $0["id"] } == [.integer(4)])
    #expect(rest["has_more"] == .bool(false))
  }

  private func written(_ response: HTTPResponse) async throws -> String {
    guard case .stream(let write) = response.body else {
      Issue.record("the response is no stream")
      return ""
    }
    let paper = Paper()
    try await write(paper)
    return paper.text
  }

  /// Keeps what a stream writes.
  private final class Paper: HTTPBodyWriter {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

    func write(_ piece: [UInt8]) async throws { bytes.withLock { $0 += piece } }
  }
}
