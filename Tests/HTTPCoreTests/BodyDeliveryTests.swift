import HTTPCore
import Testing

/// Bodies on bulk routes: the handler begins with the first part and is given the rest as it comes.
@Suite("Delivery of large bodies")
struct BodyDeliveryTests {
  private func driver(_ change: (inout HTTPLimits) -> Void = { _ in }) -> ConnectionDriver {
    var router = tableRouter()
    router.add(
      method: "POST", "/bulk", RouteOptions(isBulk: true),
      .deferred { _, _ in HTTPResponse(status: 200) })
    var limits = HTTPLimits()
    limits.inlineBodyBytesMax = 10
    limits.highWaterBytes = 20
    limits.lowWaterBytes = 5
    limits.bodyBytesMax = 100
    limits.bulkBodyBytesMax = 1000
    change(&limits)
    return ConnectionDriver(router: router, limits: limits)
  }

  private func head(_ length: Int) -> String {
    "POST /bulk HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n"
  }

  private let chunkedHead = "POST /bulk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

  private func text(_ count: Int) -> String { String(repeating: "a", count: count) }

  private let answer = HTTPResponse(status: 200, body: .bytes(bytes("done")))

  @Test("starts the handler with the beginning once it is too long to wait for", arguments: 9...11)
  func start(count: Int) {
    var driver = driver()
    driver.receive(head(100) + text(count))
    #expect(driver.pending.count == (count > 10 ? 1 : 0))
    #expect(driver.pending.allSatisfy { !$0.isBodyWhole && $0.request.body.count == count })
  }

  @Test("gives a small body to the handler as a whole")
  func small() {
    var driver = driver()
    driver.receive(head(10) + text(10))
    #expect(driver.pending.map(\.isBodyWhole) == [true])
    #expect(driver.delivered.isEmpty)
  }

  @Test(
    "delivers every byte once, in order, and serves the next request", arguments: [false, true])
  func delivery(isChunked: Bool) {
    let body = (0..<90).map { String(Unicode.Scalar(UInt8(33 + $0))) }.joined()
    let first = isChunked ? chunkedHead + "2d\r\n" : head(90)
    var wire = first + body.prefix(45) + (isChunked ? "\r\n2d\r\n" : "") + body.dropFirst(45)
    if isChunked { wire += "\r\n0\r\n\r\n" }
    for seed in UInt64(1)...50 {
      var splits = SeededSplits(seed: seed)
      var driver = driver { $0.highWaterBytes = 1000 }
      for piece in splits.split(bytes(wire + "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")) {
        driver.receive(piece)
      }
      var received = driver.pending.first?.request.body ?? []
      for piece in driver.delivered { received += piece.bytes }
      #expect(received == bytes(body), "seed \(seed)")
      #expect(driver.delivered.filter(\.isLast).count == (driver.delivered.isEmpty ? 0 : 1))
      driver.perform(driver.machine.responded(answer, exchange: 1, at: at(2)))
      #expect(driver.statuses == [200, 200], "seed \(seed)")
      #expect(driver.records.first?.requestBodyBytes == 90)
    }
  }

  @Test("stops receiving above the high-water mark and goes on at the low one")
  func backPressure() {
    var driver = driver()
    driver.receive(head(90) + text(11))
    driver.receive(text(20))
    #expect(driver.machine.wantsReading)
    driver.receive(text(1))
    #expect(!driver.machine.wantsReading)
    #expect(driver.machine.requestBytesHeld == 32)
    driver.perform(driver.machine.delivered(15, exchange: 1, at: at(3)))
    #expect(!driver.machine.wantsReading)
    driver.perform(driver.machine.delivered(1, exchange: 1, at: at(3)))
    #expect(driver.machine.wantsReading)
  }

  @Test("does not charge the client for the time in which its handler did not read")
  func pause() {
    var driver = driver { $0.bodyGrace = .seconds(15) }
    driver.receive(head(90) + text(11), at: at(0))
    driver.receive(text(21), at: at(1))
    #expect(driver.machine.deadline == at(61).instant)
    driver.perform(driver.machine.delivered(21, exchange: 1, at: at(51)))
    // 15 s of grace from the beginning, the 50 s of the pause, and what 32 bytes earn at 240 B/s.
    #expect(driver.machine.deadline == Instant(nanoseconds: 65_133_000_000))
  }

  @Test("answers 503 when the handler does not read on, and cancels it")
  func stuckHandler() {
    var driver = driver()
    driver.receive(head(90) + text(11), at: at(0))
    driver.receive(text(21), at: at(1))
    driver.perform(driver.machine.deadlinePassed(at: at(61)), at: at(61))
    #expect(driver.statuses == [503])
    #expect(driver.rejected == ["handler_timeout"])
    #expect(driver.cancelled == [1])
  }

  @Test("answers before the body is whole and closes")
  func early() {
    var driver = driver()
    driver.receive(head(90) + text(50))
    #expect(driver.machine.isHandling(exchange: 1))
    driver.perform(driver.machine.responded(answer, exchange: 1, at: at(2)))
    #expect(driver.statuses == [200])
    #expect(driver.responses[0].fields["connection"] == "close")
    #expect(driver.end == "finishSending")
    driver.receive(text(40))
    #expect(driver.statuses == [200])
  }

  @Test("tells the handler that the body broke off", arguments: Break.allCases)
  func breaks(kind: Break) {
    var driver = driver()
    driver.receive(chunkedHead + "20\r\n" + text(32))
    switch kind {
    case .close: driver.perform(driver.machine.peerClosed(at: at(2)))
    case .reset: driver.perform(driver.machine.connectionLost(at: at(2)))
    case .framing: driver.receive("XX")
    case .tooLarge: driver.receive("\r\n3c9\r\n")
    case .idle: driver.perform(driver.machine.deadlinePassed(at: at(31)), at: at(31))
    case .overload:
      driver.perform(driver.machine.overloaded(.tooManyBulkUploads(max: 1), at: at(2)))
    case .abort: driver.perform(driver.machine.abort(at: at(2)))
    }
    #expect(driver.cancelled == [1])
    #expect(driver.statuses == (kind.status.map { [$0] } ?? []))
    // What the handler still answers is dropped.
    driver.perform(driver.machine.responded(answer, exchange: 1, at: at(3)))
    #expect(driver.statuses.count == (kind.status == nil ? 0 : 1))
  }

  enum Break: CaseIterable {
    case close, reset, framing, tooLarge, idle, overload, abort

    var status: Int? {
      switch self {
      case .close, .framing: 400
      case .reset, .abort: nil
      case .tooLarge: 413
      case .idle: 408
      case .overload: 503
      }
    }
  }

  @Test("counts as large what is over the limit of other routes", arguments: [99, 100, 101])
  func large(count: Int) {
    var declared = driver()
    declared.receive(head(count) + "a")
    #expect(declared.machine.isReceivingBulk == (count > 100))
    var chunked = driver()
    chunked.receive(chunkedHead + String(count, radix: 16) + "\r\n" + text(count))
    #expect(chunked.machine.isReceivingBulk == (count > 100))
  }

  @Test("bounds a body on a bulk route", arguments: [(999, []), (1000, []), (1001, [413])])
  func limit(count: Int, expected: [Int]) {
    var driver = driver()
    driver.receive(head(count))
    #expect(driver.statuses == expected)
  }
}
