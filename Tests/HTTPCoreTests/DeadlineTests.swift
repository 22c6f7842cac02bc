import HTTPCore
import Testing

/// One deadline for every state, by moments that are passed in.
@Suite("Deadlines")
struct DeadlineTests {
  private func driver(deadline: Duration? = .seconds(60)) -> ConnectionDriver {
    var router = tableRouter()
    router.add(
      method: "GET", "/slow", RouteOptions(deadline: deadline),
      .deferred { _, _ in HTTPResponse(status: 200) })
    router.add(
      method: "POST", "/bulk", RouteOptions(isBulk: true),
      .deferred { _, _ in HTTPResponse(status: 200) })
    return ConnectionDriver(router: router)
  }

  /// Expects the deadline at so many seconds: nothing happens before it, and something at it.
  private func expectDeadline(_ driver: inout ConnectionDriver, seconds: Double) {
    #expect(driver.machine.deadline == at(seconds).instant)
    #expect(driver.machine.deadlinePassed(at: at(seconds - 0.001)).isEmpty)
    driver.perform(driver.machine.deadlinePassed(at: at(seconds)), at: at(seconds))
  }

  private let request = "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test("closes silently a connection without a byte 10 s after accept")
  func noByte() {
    var driver = driver()
    expectDeadline(&driver, seconds: 10)
    #expect(driver.end == "close")
    #expect(driver.output.isEmpty)
  }

  @Test("answers 408 to a head that is not whole 10 s after its first byte")
  func slowHead() {
    var driver = driver()
    driver.receive("G", at: at(3))
    driver.receive("ET /", at: at(12))
    expectDeadline(&driver, seconds: 13)
    #expect(driver.statuses == [408])
    #expect(driver.end == "finishSending")
    #expect(driver.rejected == ["header_timeout"])
  }

  @Test("closes an idle connection after 65 s, and no later than its first hour")
  func idle() {
    var driver = driver()
    driver.receive(request, at: at(5))
    #expect(driver.machine.deadline == at(70).instant)
    driver.receive(request, at: at(3590))
    expectDeadline(&driver, seconds: 3600)
    #expect(driver.end == "close")
  }

  @Test("says close after the first hour")
  func age() {
    var driver = driver()
    driver.receive(request, at: at(3600))
    #expect(driver.responses.last?.fields["connection"] == "close")
  }

  @Test("answers 408 to a body below 240 B/s after 15 s, counting what came")
  func slowBody() {
    var driver = driver()
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n"
    driver.receive(head, at: at(1))
    // 15 s of grace from 1 s on, and 240 bytes earn one second.
    driver.receive(String(repeating: "a", count: 480), at: at(10))
    expectDeadline(&driver, seconds: 18)
    #expect(driver.statuses == [408])
    #expect(driver.rejected == ["body_timeout"])
  }

  @Test("holds a bulk body to 16 KiB/s after 10 s, and every body to 30 s between pieces")
  func bulkBody() {
    var driver = driver()
    driver.receive("POST /bulk HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n", at: at(0))
    #expect(driver.machine.deadline == at(10).instant)
    driver.receive(String(repeating: "a", count: 16_384 * 100), at: at(5))
    expectDeadline(&driver, seconds: 35)
    #expect(driver.statuses == [408])
  }

  @Test("answers 503 and cancels the handler when its time is over, once")
  func handler() {
    var driver = driver()
    driver.receive("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n", at: at(2))
    expectDeadline(&driver, seconds: 62)
    #expect(driver.cancelled == [1])
    #expect(driver.statuses == [503])
    let late = driver.machine.responded(HTTPResponse(status: 200), exchange: 1, at: at(63))
    #expect(late.isEmpty)
  }

  @Test("leaves an exempt handler all the time it takes")
  func exemptHandler() {
    var driver = driver(deadline: nil)
    driver.receive("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(driver.machine.deadline == nil)
  }

  @Test("resets a client that takes no byte of its response for 30 s")
  func slowReader() {
    var limits = HTTPLimits()
    limits.responseBytesPerSecondMin = 1
    var driver = ConnectionDriver(router: tableRouter(), limits: limits)
    driver.writesAtOnce = false
    driver.receive(request, at: at(1))
    driver.perform(driver.machine.written(1, at: at(20)), at: at(20))
    expectDeadline(&driver, seconds: 50)
    #expect(driver.end == "reset")
    #expect(driver.rejected == ["response_timeout"])
  }

  @Test("resets a client that takes its response at less than the least rate")
  func slowlyReading() {
    var router = tableRouter()
    router.add(method: "GET", "/large", .immediateText(String(repeating: "a", count: 40_000)))
    var limits = HTTPLimits()
    limits.responseBytesPerSecondMin = 1000
    var driver = ConnectionDriver(router: router, limits: limits)
    driver.writesAtOnce = false
    driver.receive("GET /large HTTP/1.1\r\nHost: a\r\n\r\n", at: at(1))
    let head = driver.output.count - 40_000
    for second in [20.0, 40.0, 60.0] {
      driver.perform(driver.machine.written(100, at: at(second)), at: at(second))
    }
    // 30 s, and 40 s and the head's for so many bytes.
    expectDeadline(&driver, seconds: 71 + Double(head) / 1000)
    #expect(driver.end == "reset")
    #expect(driver.rejected == ["response_too_slow"])
  }

  @Test("lingers 2 s after the last byte, 10 s and 1 MiB in all")
  func linger() {
    var driver = driver()
    driver.receive("bad\r\n", at: at(1))
    #expect(driver.end == "finishSending")
    #expect(driver.machine.deadline == at(3).instant)
    for second in 2...10 { driver.receive("more", at: at(Double(second))) }
    var flooded = driver
    expectDeadline(&driver, seconds: 11)
    #expect(driver.end == "close")
    flooded.receive(ArraySlice([UInt8](repeating: 0, count: 1 << 20)), at: at(10))
    #expect(flooded.end == "reset")
  }
}
