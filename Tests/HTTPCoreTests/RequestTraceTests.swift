import Testing

@testable import HTTPCore

@Suite("Ids of requests and traces")
struct RequestTraceTests {
  private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
  private static let parent = "00f067aa0ba902b7"

  private func driver() -> ConnectionDriver {
    let rules = ConnectionRules(router: tableRouter(), limits: HTTPLimits()) { failure in
      HTTPResponse(status: failure.status)
    }
    var driver = ConnectionDriver(router: tableRouter())
    driver.machine = ConnectionMachine(
      rules: rules, identity: ConnectionIdentity(requestIDPrefix: "p-", peer: "192.0.2.7"),
      acceptedAt: at(0))
    return driver
  }

  @Test("every answer has an id of its own, refusals too")
  func ownIDs() {
    var driver = driver()
    driver.receive(
      "GET /ok HTTP/1.1\r\nHost: a\r\n\r\nGET /no HTTP/1.1\r\nHost: a\r\n\r\nbroken\r\n")
    #expect(driver.statuses == [200, 404, 400])
    #expect(driver.responses.map(\.fields["x-request-id"]) == ["p-1", "p-2", "p-3"])
    #expect(driver.records.map(\.requestID) == ["p-1", "p-2", "p-3"])
    #expect(driver.records.map(\.peer) == ["192.0.2.7", "192.0.2.7", "192.0.2.7"])
    #expect(driver.records.map(\.head?.target.path) == ["/ok", "/no", nil])
  }

  @Test(
    "a client's own id is kept if it is harmless",
    arguments: [
      ("a", true), ("7f3-A.b_c~d:e/f=@+", true), (String(repeating: "a", count: 128), true),
      (String(repeating: "a", count: 129), false), ("", false), ("a b", false), ("a\"b", false),
      ("a,b", false), ("<a>", false), ("caf\u{C3}\u{A9}", false), ("%0a", false),
    ])
  func clientIDs(id: String, isKept: Bool) {
    var driver = driver()
    driver.receive("GET /ok HTTP/1.1\r\nHost: a\r\nX-Request-Id: \(id)\r\n\r\n")
    #expect(driver.responses.map(\.fields["x-request-id"]) == [isKept ? id : "p-1"])
  }

  @Test("a handler cannot set another id")
  func handlersID() {
    let head = ResponseEncoder.head(
      status: 200, headers: ["X-Request-Id": "other"], framing: .length(0), persistence: .close,
      requestID: "own", unixTime: 0)
    let text = String(decoding: head, as: UTF8.self)
    #expect(text.contains("X-Request-Id: own\r\n") && !text.contains("other"))
  }

  @Test("traceparent is read strictly, later versions by their known part")
  func traceParents() {
    let (trace, parent) = (Self.trace, Self.parent)
    #expect(TraceParent("00-\(trace)-\(parent)-01")?.traceID == trace)
    #expect(TraceParent("00-\(trace)-\(parent)-ff")?.traceID == trace)
    #expect(TraceParent("cc-\(trace)-\(parent)-01")?.traceID == trace)
    #expect(TraceParent("cc-\(trace)-\(parent)-01-what-is-new")?.traceID == trace)
    let zeros = String(repeating: "0", count: 32)
    for field in [
      "", "00", "00-\(trace)-\(parent)", "00-\(trace)-\(parent)-0", "00-\(trace)-\(parent)-01-",
      "00-\(trace)-\(parent)-01-x", "00-\(trace)-\(parent)-0g", "ff-\(trace)-\(parent)-01",
      "cc-\(trace)-\(parent)-01.x", "00-\(zeros)-\(parent)-01",
      "00-\(trace)-\(zeros.prefix(16))-01",
      "00-\(trace.uppercased())-\(parent)-01", "0-\(trace)-\(parent)-001",
      "00_\(trace)-\(parent)-01",
      " 00-\(trace)-\(parent)-01",
    ] {
      #expect(TraceParent(field) == nil, "\(field)")
    }
  }

  @Test("a request with two traceparents belongs to no trace")
  func twoTraces() throws {
    let field = "00-\(Self.trace)-\(Self.parent)-01"
    func head(_ headers: HTTPHeaders) throws -> RequestHead {
      RequestHead(
        method: "GET", target: try RequestTarget(bytes: [ASCII.slash], method: "GET"),
        version: .http11, headers: headers)
    }
    #expect(try head(["traceparent": field]).traceParent?.traceID == Self.trace)
    #expect(try head(["traceparent": field, "Traceparent": field]).traceParent == nil)
  }
}
