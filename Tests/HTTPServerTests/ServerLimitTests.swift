import Glibc
import HTTPCore
import Synchronization
import Testing

@testable import HTTPServer

private let ok = "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"
private let gated = "GET /gated HTTP/1.1\r\nHost: a\r\n\r\n"
private let events = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite("Limits and deadlines of a server")
struct ServerLimitTests {
  @Test("the limit of open files is raised as far as it may be, and stays there")
  func descriptorLimit() {
    let raised = SystemSocket.raiseDescriptorLimit()
    var limit = rlimit()
    #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    #expect(limit.rlim_cur == limit.rlim_max)
    #expect(raised == Int(clamping: limit.rlim_max))
  }

  @Test("answers 408 to a head that stays unfinished, and closes an idle connection")
  func deadlines() async throws {
    let clock = ManualClock()
    try await withServer(clock: clock.clock) { server, port in
      let idle = SocketClient(port: port)
      let partial = SocketClient(port: port)
      // The answer to the first request shows that the beginning of the second has come too.
      let ready = await onThread {
        idle.send(ok)
        partial.send(ok + "GET /o")
        return [idle.response()?.status, partial.response()?.status]
      }
      #expect(ready == [200, 200])
      clock.advance(seconds: 11)
      server.checkDeadlines()
      #expect(await onThread { partial.response()?.status } == 408)
      clock.advance(seconds: 65)
      server.checkDeadlines()
      #expect(await onThread { idle.isAtEnd() })
      #expect(server.metrics.rejected["header_timeout"] == 1)
    }
  }

  @Test("answers 503 and cancels a handler whose time is over")
  func handlerDeadline() async throws {
    let clock = ManualClock()
    let routes = TestRoutes()
    try await withServer(routes: routes, clock: clock.clock) { server, port in
      let client = SocketClient(port: port)
      _ = await onThread { client.send(gated) }
      await routes.started.wait()
      clock.advance(seconds: 61)
      server.checkDeadlines()
      #expect(await onThread { client.response()?.status } == 503)
      await routes.cancelled.wait()
    }
  }

  @Test("answers 503 with Retry-After to one handler too many")
  func handlers() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes, limits: .with { $0.deferredHandlersMax = 1 }) { _, port in
      let first = SocketClient(port: port)
      _ = await onThread { first.send(gated) }
      await routes.started.wait()
      let refused = await onThread {
        let second = SocketClient(port: port)
        second.send(gated)
        return second.response()
      }
      #expect(refused?.status == 503)
      #expect(refused?.fields["retry-after"] == "1")
      routes.release.open()
      #expect(await onThread { first.response()?.text } == "gated")
    }
  }

  @Test("a wait counts neither as a handler nor as a body in memory")
  func waits() async throws {
    let routes = TestRoutes()
    let limits = HTTPLimits.with {
      $0.deferredHandlersMax = 1
      $0.requestBytesMax = 100_000
    }
    try await withServer(routes: routes, limits: limits) { server, port in
      let body = [UInt8](repeating: 1, count: 60_000)
      var clients: [SocketClient] = []
      for count in 1...3 {
        let client = SocketClient(port: port)
        _ = await onThread {
          client.send("POST /waiting HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n")
          client.send(body)
        }
        while routes.waits.value.load(ordering: .relaxed) < count { await Task.yield() }
        while server.metrics.requestBytesHeld > 0 { await Task.yield() }
        clients.append(client)
      }
      let answer = await onThread {
        let other = SocketClient(port: port)
        other.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
        return other.response()?.text
      }
      #expect(answer == "hi")
      routes.release.open()
      for client in clients { #expect(await onThread { client.response()?.text } == "waited") }
    }
  }

  @Test("a wait is cancelled when its time is over")
  func waitDeadline() async throws {
    let clock = ManualClock()
    let routes = TestRoutes()
    try await withServer(routes: routes, clock: clock.clock) { server, port in
      let client = SocketClient(port: port)
      _ = await onThread {
        client.send("POST /waiting HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
      }
      while routes.waits.value.load(ordering: .relaxed) < 1 { await Task.yield() }
      while server.metrics.requestBytesHeld > 0 { await Task.yield() }
      clock.advance(seconds: 61)
      server.checkDeadlines()
      #expect(await onThread { client.response()?.status } == 503)
      await routes.cancelled.wait()
    }
  }

  @Test("answers 503 to one connection too many, and serves the next after one has gone")
  func connections() async throws {
    try await withServer(limits: .with { $0.connectionsMax = 1 }) { server, port in
      let first = SocketClient(port: port)
      let refused = await onThread {
        first.send(ok)
        _ = first.response()
        return SocketClient(port: port).response()
      }
      #expect(refused?.status == 503)
      #expect(server.metrics.rejected == ["too_many_connections": 1])
      #expect(
        await onThread {
          first.send(ok)
          return first.response()?.status
        } == 200)
    }
  }

  @Test("answers 503 to one stream too many")
  func streams() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes, limits: .with { $0.streamsMax = 1 }) { server, port in
      let first = SocketClient(port: port)
      let (head, refused) = await onThread {
        first.send(events)
        let head = first.response(withBody: false)
        let second = SocketClient(port: port)
        second.send(events)
        return (head, second.response())
      }
      #expect(head?.status == 200)
      #expect(refused?.status == 503)
      #expect(server.metrics.streamsOpen == 1)
    }
  }

  @Test("answers 503 to one large upload too many")
  func bulkUploads() async throws {
    let limits = HTTPLimits.with {
      $0.bulkUploadsMax = 1
      $0.bodyBytesMax = 4
    }
    try await withServer(limits: limits) { _, port in
      let head =
        "POST /bulk HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
      let statuses = await onThread {
        let first = SocketClient(port: port)
        first.send(head)
        var statuses = [first.response()?.status]
        let second = SocketClient(port: port)
        second.send(head)
        // An interim answer may come before the refusal.
        let answer = second.response()
        statuses.append(answer?.status == 100 ? second.response()?.status : answer?.status)
        first.send("hello")
        statuses.append(first.response()?.status)
        return statuses
      }
      #expect(statuses == [100, 503, 200])
    }
  }

  @Test("refuses a body when the requests in memory are too many bytes")
  func requestMemory() async throws {
    try await withServer(limits: .with { $0.requestBytesMax = 100_000 }) { server, port in
      let statuses = await onThread {
        let client = SocketClient(port: port)
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
        client.send([UInt8](repeating: 1, count: 150_000))
        return [client.response()?.status]
      }
      #expect(statuses == [503])
      #expect(server.metrics.rejected == ["request_memory_exhausted": 1])
    }
  }
}
