import HTTPCore
import Testing

/// Every limit of a request at n - 1, n and n + 1.
@Suite("Limits")
struct LimitTests {
  private func status(_ request: String, _ change: (inout HTTPLimits) -> Void) -> [Int] {
    var limits = HTTPLimits()
    change(&limits)
    var driver = ConnectionDriver(router: tableRouter(), limits: limits)
    driver.receive(request)
    return driver.statuses
  }

  private func get(_ lines: String...) -> String {
    "GET /ok HTTP/1.1\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
  }

  private func chunked(_ body: String) -> String {
    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body
  }

  private func text(_ count: Int) -> String { String(repeating: "a", count: count) }

  @Test("request line", arguments: [(-1, 200), (0, 200), (1, 414)])
  func requestLine(offset: Int, expected: Int) {
    // "GET /ok? HTTP/1.1" has 17 bytes.
    let request = "GET /ok?\(text(83 + offset)) HTTP/1.1\r\nHost: a\r\n\r\n"
    #expect(status(request) { $0.requestLineBytesMax = 100 } == [expected])
  }

  @Test("method", arguments: [(-1, 501), (0, 501), (1, 501)])
  func method(offset: Int, expected: Int) {
    let request = String(repeating: "M", count: 5 + offset) + " / HTTP/1.1\r\nHost: a\r\n\r\n"
    var limits = HTTPLimits()
    limits.methodBytesMax = 5
    var driver = ConnectionDriver(router: tableRouter(), limits: limits)
    driver.receive(request)
    #expect(driver.statuses == [expected])
    #expect(driver.rejected == [offset > 0 ? "method_too_long" : "method_not_implemented"])
  }

  @Test("empty lines", arguments: [(0, 200), (1, 200), (2, 400)])
  func emptyLines(count: Int, expected: Int) {
    let request = String(repeating: "\r\n", count: count) + get("Host: a")
    #expect(status(request) { $0.emptyLinesMax = 1 } == [expected])
  }

  @Test("header line", arguments: [(-1, 200), (0, 200), (1, 431)])
  func headerLine(offset: Int, expected: Int) {
    let request = get("Host: a", "B: " + text(47 + offset))
    #expect(status(request) { $0.headerLineBytesMax = 50 } == [expected])
  }

  @Test("header block", arguments: [(-1, 200), (0, 200), (1, 431)])
  func headerBlock(offset: Int, expected: Int) {
    // "Host: a" + CRLF = 9, "B: " + CRLF = 5, the empty line = 2.
    let request = get("Host: a", "B: " + text(84 + offset))
    #expect(status(request) { $0.headerBlockBytesMax = 100 } == [expected])
  }

  @Test("header count", arguments: [(-1, 200), (0, 200), (1, 431)])
  func headerCount(offset: Int, expected: Int) {
    let request = get(
      (["Host: a"] + Array(repeating: "B: c", count: 4 + offset))
        .joined(separator: "\r\n"))
    #expect(status(request) { $0.headerCountMax = 5 } == [expected])
  }

  @Test("body with a length", arguments: [(-1, 200), (0, 200), (1, 413)])
  func bodyLength(offset: Int, expected: Int) {
    let body = text(1000 + offset)
    let request = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n" + body
    #expect(status(request) { _ in } == [expected])
  }

  @Test("body in chunks", arguments: [(-1, 200), (0, 200), (1, 413)])
  func bodyChunked(offset: Int, expected: Int) {
    let rest = text(500 + offset)
    let size = String(rest.count, radix: 16)
    let request = chunked("1f4\r\n\(text(500))\r\n\(size)\r\n\(rest)\r\n0\r\n\r\n")
    #expect(status(request) { _ in } == [expected])
  }

  @Test("digits of a chunk size", arguments: [(-1, 200), (0, 200), (1, 400)])
  func chunkDigits(offset: Int, expected: Int) {
    let zeros = String(repeating: "0", count: 5 + offset)
    #expect(
      status(chunked("\(zeros)\r\n\r\n")) { $0.chunkSizeDigitsMax = 5 } == [expected])
  }

  @Test("chunk extensions of a body", arguments: [(-1, 200), (0, 200), (1, 400)])
  func chunkExtensions(offset: Int, expected: Int) {
    let request = chunked("1;\(text(9))\r\na\r\n0;\(text(9 + offset))\r\n\r\n")
    #expect(status(request) { $0.chunkExtensionBytesMax = 20 } == [expected])
  }

  @Test("trailer bytes", arguments: [(-1, 200), (0, 200), (1, 400)])
  func trailerBytes(offset: Int, expected: Int) {
    // "B: " + CRLF + CRLF = 7.
    let request = chunked("0\r\nB: \(text(43 + offset))\r\n\r\n")
    #expect(status(request) { $0.trailerBytesMax = 50 } == [expected])
  }

  @Test("trailer count", arguments: [(-1, 200), (0, 200), (1, 400)])
  func trailerCount(offset: Int, expected: Int) {
    let lines = String(repeating: "B: c\r\n", count: 3 + offset)
    #expect(status(chunked("0\r\n\(lines)\r\n")) { $0.trailerCountMax = 3 } == [expected])
  }

  @Test("mean of tiny chunks", arguments: [(3, 400), (4, 200), (5, 200)])
  func tinyChunks(size: Int, expected: Int) {
    let chunk = "\(size)\r\n\(text(size))\r\n"
    let request = chunked(String(repeating: chunk, count: 20) + "0\r\n\r\n")
    #expect(
      status(request) {
        $0.tinyChunkBytesMin = 100
        $0.chunkBytesMeanMin = 4
      } == [expected])
  }

  @Test("requests of one connection", arguments: [1, 2, 3])
  func keepAliveRequests(max: Int) {
    let requests = String(repeating: get("Host: a"), count: 5)
    #expect(
      status(requests) { $0.keepAliveRequestsMax = max } == Array(repeating: 200, count: max))
  }

  @Test("unread bytes pause reading", arguments: [(-1, true), (0, false), (1, false)])
  func pipelineBytes(offset: Int, reads: Bool) {
    var router = Router()
    router.add(method: "GET", "/slow", .deferred { _, _ in HTTPResponse(status: 200) })
    var limits = HTTPLimits()
    limits.pipelineBytesMax = 50
    var driver = ConnectionDriver(router: router, limits: limits)
    driver.receive("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + text(50 + offset))
    #expect(driver.machine.wantsReading == reads)
  }
}
