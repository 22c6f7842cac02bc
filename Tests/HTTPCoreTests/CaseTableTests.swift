import HTTPCore
import Testing

/// The routes that the case table is played on.
func tableRouter() -> Router {
  var router = Router()
  router.add(method: "GET", "/ok", .immediateText("ok"))
  router.add(method: "GET", "/items/{name}", .immediateText("item"))
  router.add(
    method: "POST", "/echo", RouteOptions(bodyBytesMax: 1000),
    .immediate { request, _ in HTTPResponse(status: 200, body: .bytes(request.body)) })
  return router
}

extension RouteHandler {
  static func immediateText(_ text: String) -> RouteHandler {
    .immediate { _, _ in HTTPResponse(status: 200, body: .bytes(Array(text.utf8))) }
  }
}

extension Router {
  mutating func add(method: String, _ template: String, _ handler: RouteHandler) {
    add(method: method, template, RouteOptions(), handler)
  }
}

@Suite("The case table of HTTP/1.1")
struct CaseTableTests {
  private static let valid = "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"

  private func play(_ pieces: [ArraySlice<UInt8>]) -> ConnectionDriver {
    var driver = ConnectionDriver(router: tableRouter())
    for piece in pieces { driver.receive(piece) }
    return driver
  }

  /// Asks the row's outcome of a connection that was given the row after `before` valid requests.
  private func check(
    _ driver: ConnectionDriver, _ row: WireCase, before: Int = 0, _ way: Comment
  ) {
    let expected = Array(repeating: 200, count: before) + [row.status]
    #expect(driver.statuses == expected, way)
    #expect((driver.end == "finishSending") == row.closes, way)
    let connection = driver.responses.last?.fields["connection"]
    #expect((connection == "close") == row.closes, way)
    var after = driver
    after.receive(Self.valid)
    #expect(after.statuses == (row.closes ? expected : expected + [200]), way)
  }

  @Test("holds in one write", arguments: caseTable)
  func oneWrite(row: WireCase) {
    check(play([bytes(row.request)[...]]), row, "one write")
  }

  @Test("holds byte by byte", arguments: caseTable)
  func byteByByte(row: WireCase) {
    let all = bytes(row.request)
    check(play(all.indices.map { all[$0...$0] }), row, "byte by byte")
  }

  @Test("holds for random splits", arguments: caseTable)
  func randomSplits(row: WireCase) {
    for seed in UInt64(1)...5 {
      var splits = SeededSplits(seed: seed)
      check(play(splits.split(bytes(row.request))), row, "random splits of seed \(seed)")
    }
  }

  @Test("holds behind a valid request in the same write", arguments: caseTable)
  func pipelined(row: WireCase) {
    check(play([bytes(Self.valid + row.request)[...]]), row, before: 1, "pipelined")
  }

  @Test("gives every row its own name")
  func namesAreUnique() {
    #expect(Set(caseTable.map(\.name)).count == caseTable.count)
  }
}
