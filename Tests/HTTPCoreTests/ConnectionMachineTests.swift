import HTTPCore
import Testing

@Suite("ConnectionMachine")
struct ConnectionMachineTests {
  private let request = "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"
  private let slow = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"

  private func driver(_ limits: HTTPLimits = HTTPLimits()) -> ConnectionDriver {
    var router = tableRouter()
    router.add(method: "GET", "/slow", .deferred { _, _ in HTTPResponse(status: 200) })
    return ConnectionDriver(router: router, limits: limits)
  }

  private func respond(
    _ driver: inout ConnectionDriver, _ text: String, exchange: UInt64 = 1
  ) {
    let response = HTTPResponse(status: 200, body: .bytes(bytes(text)))
    driver.perform(driver.machine.responded(response, exchange: exchange, at: at(2)))
  }

  @Test("answers 1000 requests of one write in order, the last with close")
  func pipelining() {
    var driver = driver()
    let requests = (0..<1000).map { number in
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\(1000 + number)"
    }
    driver.receive(requests.joined())
    #expect(driver.responses.map(\.body) == (1000..<2000).map(String.init))
    #expect(driver.end == "finishSending")
  }

  @Test("keeps the second request waiting while the first is in work")
  func oneInFlight() {
    var driver = driver()
    driver.receive(slow + request)
    #expect(driver.output.isEmpty)
    #expect(driver.pending.map(\.exchange) == [1])
    respond(&driver, "first")
    #expect(driver.responses.map(\.body) == ["first", "ok"])
  }

  @Test("sends 100 before the body only if a handler wants it and no byte of it has come")
  func expectContinue() {
    let head =
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
    var waiting = driver()
    waiting.receive(head)
    #expect(waiting.responses.map(\.status) == [100])
    waiting.receive("hello")
    #expect(waiting.responses.map(\.status) == [100, 200])
    var eager = driver()
    eager.receive(head + "hello")
    #expect(eager.responses.map(\.status) == [200])
  }

  @Test("ignores an expectation of HTTP/1.0")
  func expectWithHTTP10() {
    var driver = driver()
    driver.receive("POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    #expect(driver.output.isEmpty)
  }

  @Test("answers HEAD with the fields of GET and no body")
  func head() {
    var get = driver()
    get.receive(request)
    var head = driver()
    head.receive("HEAD /ok HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(head.output == Array(get.output.dropLast(2)))
  }

  @Test("names the allowed methods in 405 and in the answer to OPTIONS")
  func allow() {
    var driver = driver()
    driver.receive("DELETE /ok HTTP/1.1\r\nHost: a\r\n\r\n")
    driver.receive("OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(driver.responses.map(\.fields["allow"]) == ["GET, HEAD, OPTIONS", "POST, OPTIONS"])
  }

  @Test("says keep-alive to HTTP/1.0 that asked for it")
  func keepAliveHTTP10() {
    var driver = driver()
    driver.receive("GET /ok HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    #expect(driver.responses.first?.fields["connection"] == "keep-alive")
  }

  @Test("never runs the handler of a body that ends too soon")
  func bodyCutShort() {
    var driver = driver()
    driver.receive("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell")
    driver.perform(driver.machine.peerClosed(at: at(2)))
    #expect(driver.rejected == ["body_incomplete"])
    #expect(driver.statuses == [400])
    #expect(driver.end == "close")
  }

  @Test("cancels the handler when the peer closes, and still sends an answer that comes")
  func peerClosesDuringHandler() {
    var driver = driver()
    driver.receive(slow)
    driver.perform(driver.machine.peerClosed(at: at(2)))
    #expect(driver.cancelled == [1])
    #expect(!driver.machine.wantsReading)
    respond(&driver, "late")
    #expect(driver.responses.map(\.body) == ["late"])
    #expect(driver.end == "close")
  }

  @Test("cancels the handler when the connection is lost, and drops its answer")
  func lostDuringHandler() {
    var driver = driver()
    driver.receive(slow)
    driver.perform(driver.machine.connectionLost(at: at(2)))
    #expect(driver.cancelled == [1])
    respond(&driver, "late")
    #expect(driver.output.isEmpty)
    #expect(driver.machine.isClosed)
  }

  @Test("serves the requests of a peer that half-closed after them")
  func halfClose() {
    var driver = driver()
    driver.writesAtOnce = false
    driver.receive(request + request + "GET /")
    driver.perform(driver.machine.peerClosed(at: at(2)))
    driver.writesAtOnce = true
    driver.perform(driver.machine.written(driver.output.count, at: at(2)))
    #expect(driver.statuses == [200, 200])
    #expect(driver.end == "close")
  }

  @Test("refuses a request in work when the server is overloaded, with Retry-After")
  func overloaded() {
    var driver = driver()
    driver.receive("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
    driver.perform(driver.machine.overloaded(.requestMemoryExhausted(bytesMax: 9), at: at(2)))
    #expect(driver.statuses == [503])
    #expect(driver.responses.first?.fields["retry-after"] == "1")
  }

  @Test("answers 500 in place of a response that cannot be sent")
  func unsafeResponse() {
    var split = driver()
    split.receive(slow)
    let headers: HTTPHeaders = ["Location": "/\r\nSet-Cookie: a"]
    split.perform(
      split.machine.responded(HTTPResponse(status: 200, headers: headers), exchange: 1, at: at(2)))
    #expect(split.responses.map(\.body) == ["unsafe_response_header"])
    var status = driver()
    status.receive(slow)
    status.perform(status.machine.responded(HTTPResponse(status: 99), exchange: 1, at: at(2)))
    #expect(status.responses.map(\.body) == ["bad_response_status"])
  }

  @Test("drops the body and the length of 204 and 304", arguments: [204, 304])
  func noContent(status: Int) {
    var driver = driver()
    driver.receive(slow)
    let response = HTTPResponse(status: status, body: .bytes([1, 2, 3]))
    driver.perform(driver.machine.responded(response, exchange: 1, at: at(2)))
    #expect(driver.responses.first?.fields["content-length"] == nil)
    #expect(driver.output.suffix(4) == bytes("\r\n\r\n")[...])
  }

  @Test("drains: a used idle connection ends, a new one has a moment, one in work finishes")
  func drain() {
    var used = driver()
    used.receive(request)
    used.perform(used.machine.drain(at: at(5)))
    #expect(used.end == "finishSending")
    var new = driver()
    new.perform(new.machine.drain(at: at(5)))
    #expect(new.end == nil)
    #expect(new.machine.deadline == at(6).instant)
    var busy = driver()
    busy.receive(slow)
    busy.perform(busy.machine.drain(at: at(5)))
    respond(&busy, "done")
    #expect(busy.responses.first?.fields["connection"] == "close")
    #expect(busy.end == "finishSending")
  }

  @Test("records an answer with its template, never with its path")
  func records() {
    var driver = driver()
    driver.receive("GET /items/secret HTTP/1.1\r\nHost: a\r\n\r\n")
    driver.receive("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(driver.records.map(\.template) == ["/items/{name}", nil])
    #expect(driver.records.map(\.status) == [200, 404])
  }
}
