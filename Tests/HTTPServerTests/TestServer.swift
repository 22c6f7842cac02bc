import HTTPCore
import Logging
import Synchronization

@testable import HTTPServer

/// A clock that stands still until it is moved.
final class ManualClock: Sendable {
  private let seconds = Mutex<Int64>(1000)

  var clock: ServerClock {
    ServerClock { [self] in
      let now = seconds.withLock { $0 }
      return Moment(instant: Instant(nanoseconds: now * 1_000_000_000), unixTime: 784_111_777)
    }
  }

  func advance(seconds count: Int64) {
    seconds.withLock { $0 += count }
  }
}

/// A door that tasks wait at until it is opened.
final class Gate: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() {
    (stream, continuation) = AsyncStream.makeStream()
  }

  func open() { continuation.finish() }

  /// Returns when the gate is open or the task is cancelled.
  func wait() async { for await _ in stream {} }
}

/// A door that even a cancelled task waits at until it is opened.
final class StubbornGate: Sendable {
  private struct State {
    var isOpen = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  func open() {
    let waiter = state.withLock { state in
      state.isOpen = true
      return state.waiter
    }
    waiter?.resume()
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiter = continuation }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}

/// The routes the tests ask for, with the gates that they pass.
struct TestRoutes: Sendable {
  let started = Gate()
  let release = Gate()
  let cancelled = Gate()
  let piecesWritten = ByteCounter()
  let waits = ByteCounter()
  /// Passed by a handler that does not care whether it is cancelled.
  let stubborn = StubbornGate()

  final class ByteCounter: Sendable {
    let value = Atomic(0)
  }

  var router: Router {
    var router = Router()
    let options = RouteOptions()
    router.add(
      method: "GET", "/ok", options,
      .immediate { _, _ in HTTPResponse(status: 200, body: .bytes(Array("ok".utf8))) })
    router.add(
      method: "POST", "/echo", RouteOptions(bodyBytesMax: 1 << 20),
      .deferred { request, _ in HTTPResponse(status: 200, body: .bytes(request.body)) })
    router.add(method: "GET", "/gated", options, gated)
    router.add(
      method: "POST", "/waiting", options,
      .waiting { _, _ in
        waits.value.add(1, ordering: .relaxed)
        return {
          await release.wait()
          if Task.isCancelled { cancelled.open() }
          return HTTPResponse(status: 200, body: .bytes(Array("waited".utf8)))
        }
      })
    router.add(method: "GET", "/events", options, events)
    router.add(method: "GET", "/large/{count}", options, large)
    router.add(
      method: "POST", "/bulk", RouteOptions(isBulk: true), bulk)
    router.add(
      method: "POST", "/refusing", RouteOptions(isBulk: true),
      .deferred { request, _ in
        await release.wait()
        return HTTPResponse(status: 422, body: .bytes(Array(String(request.body.count).utf8)))
      })
    router.add(
      method: "POST", "/early", RouteOptions(isBulk: true),
      .waiting { _, _ in
        waits.value.add(1, ordering: .relaxed)
        return {
          await release.wait()
          return HTTPResponse(status: 422)
        }
      })
    router.add(
      method: "GET", "/bytes/{count}", options,
      .deferred { _, parameters in
        let count = Int(parameters["count"]) ?? 0
        return HTTPResponse(status: 200, body: .bytes([UInt8](repeating: 0x61, count: count)))
      })
    router.add(
      method: "POST", "/stubborn", options,
      .deferred { _, _ in
        started.open()
        await stubborn.wait()
        return HTTPResponse(status: 200)
      })
    return router
  }

  /// Answers with the number of bytes and their sum, or tells that they broke off.
  private var bulk: RouteHandler {
    .deferred { request, _ in
      var count = request.body.count
      var sum = request.body.reduce(0) { $0 + Int($1) }
      started.open()
      do {
        while let piece = try await request.rest?.next() {
          count += piece.count
          sum += piece.reduce(0) { $0 + Int($1) }
        }
      } catch {
        cancelled.open()
      }
      return HTTPResponse(status: 200, body: .bytes(Array("\(count) \(sum)".utf8)))
    }
  }

  private var gated: RouteHandler {
    .deferred { _, _ in
      started.open()
      await release.wait()
      if Task.isCancelled { cancelled.open() }
      return HTTPResponse(status: 200, body: .bytes(Array("gated".utf8)))
    }
  }

  private var events: RouteHandler {
    .deferred { _, _ in
      HTTPResponse(
        status: 200, headers: ["Content-Type": "text/event-stream"],
        body: .stream { writer in
          defer { if Task.isCancelled { cancelled.open() } }
          try await writer.write(Array("data: 1\n\n".utf8))
          await release.wait()
          try await writer.write(Array("data: last\n\n".utf8))
        })
    }
  }

  private var large: RouteHandler {
    .deferred { _, parameters in
      let count = Int(parameters["count"]) ?? 0
      return HTTPResponse(
        status: 200,
        body: .stream { writer in
          for _ in 0..<count {
            piecesWritten.value.add(1, ordering: .relaxed)
            try await writer.write([UInt8](repeating: 0x61, count: 64 * 1024))
          }
        })
    }
  }
}

extension HTTPLimits {
  /// The defaults with a change.
  static func with(_ change: (inout HTTPLimits) -> Void) -> HTTPLimits {
    var limits = HTTPLimits()
    change(&limits)
    return limits
  }
}

/// Starts a server on a free port, gives it to the test, and stops it.
func withServer(
  routes: TestRoutes = TestRoutes(), host: String = "127.0.0.1", loops: Int = 2,
  limits: HTTPLimits = HTTPLimits(), clock: ServerClock = .system,
  _ body: (Server, UInt16) async throws -> Void
) async throws {
  var limits = limits
  limits.drainListenerDelay = .zero
  let server = Server(
    configuration: ServerConfiguration(host: host, port: 0, eventLoops: loops, limits: limits),
    router: routes.router,
    failureResponse: { failure in
      HTTPResponse(status: failure.status, body: .bytes(Array(failure.description.utf8)))
    }, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), clock: clock)
  let port = try server.start().port
  do {
    try await body(server, port)
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}
