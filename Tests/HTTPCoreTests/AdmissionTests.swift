import HTTPCore
import Testing

@Suite("Admission")
struct AdmissionTests {
  /// Admits who says a name, and refuses who says none.
  private func driver() -> ConnectionDriver {
    var router = Router()
    router.add(
      method: "POST", "/who",
      .immediate { request, _ in
        HTTPResponse(status: 200, body: .bytes(bytes(request.caller ?? "nobody")))
      })
    return ConnectionDriver(router: router) { head, _, _ in
      if let name = head.headers.first("Name") { return .admitted(caller: name) }
      return .refused(
        HTTPResponse(status: 401, body: .bytes(bytes("who?"))), code: "missing_name", caller: nil)
    }
  }

  private let refused = "POST /who HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
  private let admitted = "POST /who HTTP/1.1\r\nHost: a\r\nName: me\r\nContent-Length: 0\r\n\r\n"

  @Test("a handler is told who was admitted")
  func caller() {
    var driver = driver()
    driver.receive(admitted)
    #expect(driver.responses.map(\.body) == ["me"])
    #expect(driver.rejected.isEmpty)
  }

  @Test("a refusal comes before the body, without 100, and is counted; the connection closes")
  func refusal() {
    var driver = driver()
    driver.receive(refused + "Expect: 100-continue\r\n\r\n")
    #expect(driver.responses.map(\.status) == [401])
    #expect(driver.responses.map(\.body) == ["who?"])
    #expect(driver.responses.map(\.fields["connection"]) == ["close"])
    #expect(driver.rejected == ["missing_name"])
    #expect(driver.end == "finishSending")
    #expect(driver.pending.isEmpty)
    driver.receive("hello" + admitted)
    #expect(driver.responses.count == 1)
    #expect(driver.records.map(\.template) == ["/who"])
  }

  @Test("a refusal of a request without a body leaves the connection open")
  func keepsConnection() {
    var driver = driver()
    driver.receive("POST /who HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + admitted)
    #expect(driver.statuses == [401, 200])
    #expect(driver.end == nil)
  }

  @Test(
    "what has no route is answered without asking",
    arguments: [("GET /no", 404), ("GET /who", 405), ("OPTIONS /who", 204)])
  func unmatched(start: String, status: Int) {
    var driver = driver()
    driver.receive("\(start) HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(driver.statuses == [status])
  }

  @Test("a refusal comes before the limit of the body is told")
  func beforeBodyLimit() {
    var driver = driver()
    driver.receive("POST /who HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n")
    #expect(driver.statuses == [401])
  }
}
