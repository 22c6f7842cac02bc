import HTTPCore
import Synchronization
import Testing

@testable import HTTPServer

private let gated = "GET /gated HTTP/1.1\r\nHost: a\r\n\r\n"
private let events = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite("Streams, disconnects and drain of a server")
struct ServerLifeTests {
  @Test("cancels the handler of a client that leaves")
  func disconnectDuringHandler() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes) { _, port in
      var client: SocketClient? = SocketClient(port: port)
      client?.send(gated)
      await routes.started.wait()
      client = nil
      await routes.cancelled.wait()
    }
  }

  @Test("ends the stream of a client that leaves")
  func disconnectDuringStream() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes) { _, port in
      await onThread {
        let client = SocketClient(port: port)
        client.send(events)
        _ = client.response(withBody: false)
      }
      await routes.cancelled.wait()
    }
  }

  @Test("answers a client that half-closed after its request")
  func halfClose() async throws {
    let routes = TestRoutes()
    routes.release.open()
    try await withServer(routes: routes) { _, port in
      let text = await onThread {
        let client = SocketClient(port: port)
        client.send(gated)
        client.finishSending()
        return client.response()?.text
      }
      #expect(text == "gated")
    }
  }

  @Test("does not run ahead of a slow reader by more than the buffers hold")
  func backPressure() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes) { _, port in
      let pieces = 800
      let (read, ahead) = await onThread {
        let client = SocketClient(port: port)
        client.send("GET /large/\(pieces) HTTP/1.0\r\n\r\n")
        var read = 0
        var ahead = 0
        while let piece = client.receive(16 * 1024), !piece.isEmpty {
          read += piece.count
          let written = routes.piecesWritten.value.load(ordering: .relaxed) * 64 * 1024
          ahead = max(ahead, written - read)
        }
        return (read, ahead)
      }
      #expect(read > pieces * 64 * 1024)
      // 256 KiB of ours, and what the kernel's two buffers may grow to on this machine.
      #expect(ahead < 24 << 20)
    }
  }

  @Test("sends a stream in chunks to HTTP/1.1 and serves on")
  func chunkedStream() async throws {
    try await withServer { _, port in
      let sizes = await onThread {
        let client = SocketClient(port: port)
        return [3, 0, 5].map { count in
          client.send("GET /large/\(count) HTTP/1.1\r\nHost: a\r\n\r\n")
          return client.response()?.body.count
        }
      }
      #expect(sizes == [3 << 16, 0, 5 << 16])
    }
  }

  @Test("drains: the request in work is finished, idle connections end, no new ones come")
  func drainFinishesRequests() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes) { server, port in
      let idle = SocketClient(port: port)
      let busy = SocketClient(port: port)
      await onThread {
        idle.send("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = idle.response()
        busy.send(gated)
      }
      await routes.started.wait()
      async let drained: Void = server.drain()
      #expect(await onThread { idle.isAtEnd() })
      #expect(server.isDraining)
      routes.release.open()
      let response = await onThread { busy.response() }
      #expect(response?.text == "gated")
      #expect(response?.fields["connection"] == "close")
      #expect(await onThread { busy.isAtEnd() })
      _ = await onThread { [idle.finishSending(), busy.finishSending()] }
      await drained
      #expect(server.metrics.connectionsOpen == 0)
      #expect(await onThread { SocketClient(port: port).isOver() })
    }
  }

  @Test("drains: a stream may send a last piece")
  func drainEndsStreams() async throws {
    try await withServer { server, port in
      let client = SocketClient(port: port)
      let head = await onThread {
        client.send(events)
        return client.response(withBody: false)
      }
      #expect(head?.status == 200)
      async let drained: Void = server.drain()
      let lines = await onThread { (0..<9).map { _ in client.line() } }
      #expect(lines.joined(separator: "|").contains("data: last"))
      _ = await onThread { client.isAtEnd() }
      client.finishSending()
      await drained
    }
  }

  @Test("resets what is left when the time to drain is over")
  func drainAborts() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes, limits: .with { $0.drainTime = .zero }) { server, port in
      let client = SocketClient(port: port)
      client.send(gated)
      await routes.started.wait()
      await server.drain()
      #expect(await onThread { client.isOver() })
      #expect(server.metrics.connectionsOpen == 0)
    }
  }

  @Test(
    "notices clients that reset at every byte of a request, at once", .timeLimit(.minutes(1)),
    arguments: [0, 1])
  func resetsAtEveryByte(requestsBefore: Int) async throws {
    // The clock stands still, so that no deadline can close a connection.
    try await withServer(clock: ManualClock().clock) { server, port in
      let request = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
      await onThread {
        for length in 0...request.utf8.count {
          let client = SocketClient(port: port)
          for _ in 0..<requestsBefore {
            client.send(request)
            _ = client.response()
          }
          client.send(String(request.prefix(length)))
          client.resetOnClose()
        }
      }
      let clients = request.utf8.count + 1
      while server.metrics.connectionsAccepted < clients || server.metrics.connectionsOpen > 0 {
        await Task.yield()
      }
      #expect(server.metrics.connectionsAccepted == clients)
    }
  }
}
