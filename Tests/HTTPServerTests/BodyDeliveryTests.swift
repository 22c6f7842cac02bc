import HTTPCore
import Synchronization
import Testing

@testable import HTTPServer

@Suite("Large bodies through a server")
struct BodyDeliveryTests {
  @Test("gives a handler every byte of a body of 2 MiB", arguments: [false, true])
  func whole(isChunked: Bool) async throws {
    try await withServer { server, port in
      let piece = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let sum = piece.reduce(0) { $0 + Int($1) } * 32
      let answer = await onThread {
        let client = SocketClient(port: port)
        let head = "POST /bulk HTTP/1.1\r\nHost: a\r\n"
        client.send(
          head + (isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(65_536 * 32)")
            + "\r\n\r\n")
        for _ in 0..<32 {
          if isChunked { client.send("10000\r\n") }
          client.send(piece)
          if isChunked { client.send("\r\n") }
        }
        if isChunked { client.send("0\r\n\r\n") }
        return client.response()?.text
      }
      #expect(answer == "\(65_536 * 32) \(sum)")
      while server.metrics.requestBytesHeld > 0 { await Task.yield() }
      #expect(server.metrics.bulkUploads == 0)
    }
  }

  @Test("does not receive more than the handler reads, and answers before the end of a body")
  func unread() async throws {
    let routes = TestRoutes()
    let limits = HTTPLimits.with { $0.lingerBytesMax = 1 << 30 }
    try await withServer(routes: routes, limits: limits) { server, port in
      async let answer = onThread {
        let client = SocketClient(port: port)
        client.send("POST /refusing HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
        client.send([UInt8](repeating: 1, count: 100_000_000))
        return client.response()?.status
      }
      // The beginning, what may wait to be read, and the piece that went beyond.
      let most = 3 * 65_536 + limits.highWaterBytes
      while server.metrics.requestBytesHeld <= limits.highWaterBytes { await Task.yield() }
      for _ in 0..<100 { await Task.yield() }
      #expect(server.metrics.requestBytesHeld <= most)
      routes.release.open()
      #expect(await answer == 422)
    }
  }

  @Test("tells the handler when the client leaves in the middle of a body")
  func leaving() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes) { server, port in
      await onThread {
        let client = SocketClient(port: port)
        client.send("POST /bulk HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        client.send([UInt8](repeating: 1, count: 200_000))
      }
      await routes.cancelled.wait()
      // Nothing is held any more once the handler has ended, whose body was never whole.
      while server.metrics.connectionsOpen > 0 || server.metrics.requestBytesHeld > 0 {
        await Task.yield()
      }
    }
  }

  @Test("a body under way takes no place among the handlers, a whole one does")
  func places() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes, limits: .with { $0.deferredHandlersMax = 1 }) {
      server, port in
      let uploading = SocketClient(port: port)
      await onThread {
        uploading.send("POST /bulk HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
        uploading.send([UInt8](repeating: 1, count: 150_000))
      }
      await routes.started.wait()
      let other = SocketClient(port: port)
      await onThread { _ = other.send("GET /gated HTTP/1.1\r\nHost: a\r\n\r\n") }
      while server.metrics.handlersRunning < 1 { await Task.yield() }
      let refused = await onThread {
        uploading.send([UInt8](repeating: 1, count: 50_000))
        return uploading.response()?.status
      }
      #expect(refused == 503)
      routes.release.open()
      #expect(await onThread { other.response()?.text } == "gated")
      while server.metrics.handlersRunning > 0 { await Task.yield() }
    }
  }

  @Test("an answer that comes while the last of the body does takes no place for ever")
  func earlyAnswer() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes) { server, port in
      let client = SocketClient(port: port)
      await onThread {
        client.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
        client.send([UInt8](repeating: 1, count: 150_000))
      }
      // The handler has ended and only waits; then the body becomes whole.
      while routes.waits.value.load(ordering: .relaxed) < 1 { await Task.yield() }
      await onThread { _ = client.send([UInt8](repeating: 1, count: 50_000)) }
      routes.release.open()
      #expect(await onThread { client.response()?.status } == 422)
      while server.metrics.requestBytesHeld > 0 { await Task.yield() }
      #expect(server.metrics.handlersRunning == 0)
    }
  }

  @Test("bytes count as held while a handler works that nobody waits for")
  func abandoned() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes) { server, port in
      await onThread {
        let client = SocketClient(port: port)
        client.resetOnClose()
        client.send("POST /stubborn HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n")
        client.send([UInt8](repeating: 1, count: 50_000))
      }
      await routes.started.wait()
      while server.metrics.connectionsOpen > 0 { await Task.yield() }
      #expect(server.metrics.requestBytesHeld == 50_000)
      routes.stubborn.open()
      while server.metrics.requestBytesHeld > 0 { await Task.yield() }
      #expect(server.metrics.handlersRunning == 0)
    }
  }

  @Test("answers that wait to be sent count too, and one too many is refused")
  func unsentAnswers() async throws {
    try await withServer(limits: .with { $0.requestBytesMax = 20_000_000 }) { server, port in
      let ask = "GET /bytes/15000000 HTTP/1.1\r\nHost: a\r\n\r\n"
      let slow = SocketClient(port: port)
      _ = await onThread { slow.send(ask) }
      while server.metrics.answerBytesHeld < 5_000_000 { await Task.yield() }
      let refused = await onThread {
        let other = SocketClient(port: port)
        other.send(ask)
        return other.response()?.status
      }
      #expect(refused == 503)
      #expect(await onThread { slow.response()?.body.count } == 15_000_000)
      while server.metrics.answerBytesHeld > 0 { await Task.yield() }
    }
  }
}
