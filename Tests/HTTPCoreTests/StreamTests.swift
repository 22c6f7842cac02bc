import HTTPCore
import Testing

@Suite("Streamed responses")
struct StreamTests {
  private func streaming(
    _ request: String = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n", writesAtOnce: Bool = true
  ) -> ConnectionDriver {
    var router = tableRouter()
    router.add(
      method: "GET", "/events",
      .immediate { _, _ in HTTPResponse(status: 200, body: .stream { _ in }) })
    var driver = ConnectionDriver(router: router)
    driver.writesAtOnce = writesAtOnce
    driver.receive(request)
    return driver
  }

  private func write(_ driver: inout ConnectionDriver, _ piece: [UInt8]) {
    driver.perform(driver.machine.streamWrote(piece, exchange: 1, at: at(2)), at: at(2))
  }

  @Test("go out in chunks to HTTP/1.1, and the connection lives on")
  func chunked() {
    var driver = streaming()
    write(&driver, bytes("hello, world, 16"))
    write(&driver, [])
    driver.perform(driver.machine.streamFinished(exchange: 1, at: at(3)))
    let response = driver.responses.first
    #expect(response?.fields["transfer-encoding"] == "chunked")
    #expect(response?.body == "10\r\nhello, world, 16\r\n0\r\n\r\n")
    #expect(driver.end == nil)
    #expect(!driver.machine.isStreaming(exchange: 1))
  }

  @Test("end with the connection to HTTP/1.0")
  func untilClose() {
    var driver = streaming("GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    write(&driver, bytes("hello"))
    driver.perform(driver.machine.streamFinished(exchange: 1, at: at(3)))
    #expect(driver.output.suffix(9) == bytes("\r\n\r\nhello")[...])
    #expect(driver.responses.first?.fields["transfer-encoding"] == nil)
    #expect(driver.responses.first?.fields["connection"] == "close")
    #expect(driver.end == "finishSending")
  }

  @Test("are not started for HEAD")
  func head() {
    let driver = streaming("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(driver.streams.isEmpty)
    #expect(driver.responses.first?.fields["transfer-encoding"] == "chunked")
  }

  @Test("pause above 256 KiB and resume at 64 KiB")
  func backPressure() {
    var driver = streaming(writesAtOnce: false)
    driver.perform(driver.machine.written(driver.output.count, at: at(1)))
    let piece = [UInt8](repeating: 1, count: 64 * 1024 - 8)  // 64 KiB with its framing of 8 bytes
    for _ in 0..<4 { write(&driver, piece) }
    #expect(!driver.machine.isStreamPaused)
    write(&driver, [1])
    #expect(driver.machine.isStreamPaused)
    driver.perform(driver.machine.written(192 * 1024 + 5, at: at(3)))
    #expect(driver.resumes == 0)
    driver.perform(driver.machine.written(1, at: at(3)))
    #expect(driver.resumes == 1)
    #expect(!driver.machine.isStreamPaused)
  }

  @Test("have a deadline only while bytes wait to be sent")
  func deadline() {
    var driver = streaming(writesAtOnce: false)
    driver.perform(driver.machine.written(driver.output.count, at: at(1)))
    #expect(driver.machine.deadline == nil)
    write(&driver, [1])
    #expect(driver.machine.deadline == at(32).instant)
  }

  @Test("end when the peer closes, cancelling their producer")
  func disconnect() {
    var driver = streaming()
    driver.perform(driver.machine.peerClosed(at: at(3)))
    #expect(driver.cancelled == [1])
    #expect(driver.end == "close")
    #expect(driver.machine.streamWrote([1], exchange: 1, at: at(3)).isEmpty)
  }

  @Test("are cut with a reset when their producer fails")
  func failure() {
    var driver = streaming()
    driver.perform(driver.machine.streamFailed(exchange: 1, at: at(3)))
    #expect(driver.end == "reset")
  }

  @Test("are cancelled by a drain and may still write a last piece")
  func drain() {
    var driver = streaming()
    driver.perform(driver.machine.drain(at: at(3)))
    #expect(driver.cancelled == [1])
    write(&driver, bytes("bye"))
    driver.perform(driver.machine.streamFinished(exchange: 1, at: at(3)))
    #expect(driver.responses.first?.body == "3\r\nbye\r\n0\r\n\r\n")
    #expect(driver.end == "finishSending")
  }
}
