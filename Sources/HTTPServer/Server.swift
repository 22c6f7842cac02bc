import Dispatch
package import HTTPCore
package import Logging
import Synchronization

/// An HTTP server: it listens, reads requests, calls the router's handlers and sends what they answer.
package final class Server: Sendable {
  /// What the start and the end of a server change.
  private struct State {
    var listener: Listener?
    var wasStarted = false
    var listenerIsClosed = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let configuration: ServerConfiguration
  private let shared: ServerShared
  private let logger: Logger
  private let state = Mutex(State())
  private let loops: [EventLoop]
  private let ended: Ended

  /// Lets the loops tell the server, which owns them, that a connection has closed.
  private final class Ended: Sendable {
    /// A closure by itself would be wrapped once more at each access to the mutex.
    struct Handler {
      var call: (@Sendable () -> Void)?
    }

    let handler = Mutex(Handler())
    func callAsFunction() { handler.withLock { $0 }.call?() }
  }

  /// Makes a server that does not listen yet.
  ///
  /// - Parameters:
  ///   - configuration: The address, the loops and every limit.
  ///   - router: The routes; none can be added later.
  ///   - failureResponse: Renders what the server itself refuses.
  ///   - logger: Told about the listener; requests are reported to `onAnswer`.
  ///   - admit: Asked on an event loop before a request's body is awaited, so it must be quick; all
  ///     are admitted by default.
  ///   - clock: The time for deadlines and dates; tests give their own.
  ///   - onAnswer: Called on an event loop for every answer, so it must be quick; nil by default, and then
  ///     nobody's address is looked up.
  package init(
    configuration: ServerConfiguration, router: Router,
    failureResponse: @escaping @Sendable (HTTPFailure) -> HTTPResponse, logger: Logger,
    admit: @escaping @Sendable (RequestHead, Route, Moment) -> Admission = { _, _, _ in
      .admitted(caller: nil)
    },
    clock: ServerClock = .system, onAnswer: (@Sendable (ExchangeRecord) -> Void)? = nil
  ) {
    self.configuration = configuration
    self.logger = logger
    let rules = ConnectionRules(
      router: router, limits: configuration.limits, admit: admit, failureResponse: failureResponse)
    let shared = ServerShared(rules: rules, clock: clock, onAnswer: onAnswer)
    let ended = Ended()
    self.shared = shared
    self.ended = ended
    loops = (0..<max(1, configuration.eventLoops)).map { index in
      EventLoop(index: index, shared: shared) { ended() }
    }
  }

  /// Whether the server is on its way to its end; readiness probes answer 503 then.
  package var isDraining: Bool { shared.isDraining }

  /// The counters at this moment.
  package var metrics: ServerMetrics { shared.metrics }

  /// The counters at this moment, and how requests were answered so far, for Prometheus.
  package var metricFamilies: [MetricFamily] {
    shared.statistics.withLock(\.families) + metrics.families
  }

  /// Begins to listen and returns the address, with the port that the system chose if it was 0.
  package func start() throws(ServerStartError) -> ServerAddress {
    let isFirst = state.withLock { state in
      defer { state.wasStarted = true }
      return !state.wasStarted
    }
    guard isFirst else { throw .alreadyStarted }
    let (descriptor, address) = try ListeningSocket.open(
      host: configuration.host, port: configuration.port, backlog: configuration.backlog)
    let listener = Listener(
      descriptor: descriptor, loops: loops, shared: shared, logger: logger)
    state.withLock { $0.listener = listener }
    ended.handler.withLock { $0.call = { [weak self] in self?.resumeIfEnded() } }
    listener.start { [weak self] in self?.listenerClosed() }
    logger.info("listening", metadata: ["address": "\(address)"])
    return address
  }

  /// Finishes what is in work and ends: returns when every connection is closed.
  ///
  /// Idle connections close at once, the listener after ``HTTPLimits/drainListenerDelay``; requests
  /// in work are answered with `Connection: close`; streams are cancelled and may write a last
  /// piece; what is left after ``HTTPLimits/drainTime`` is reset.
  package func drain() async {
    let limits = configuration.limits
    await end(listenerDelay: limits.drainListenerDelay, abortDelay: limits.drainTime)
  }

  /// Ends at once: every connection is reset.
  package func stop() async {
    await end(listenerDelay: .zero, abortDelay: .zero)
  }

  /// Fires the deadlines that are due; for tests with a clock of their own.
  package func checkDeadlines() {
    for loop in loops { loop.queue.sync { loop.checkDeadlines() } }
  }

  private func end(listenerDelay: Duration, abortDelay: Duration) async {
    if !shared.draining.exchange(true, ordering: .acquiringAndReleasing) {
      logger.info("draining", metadata: ["connections": "\(metrics.connectionsOpen)"])
    }
    for loop in loops {
      loop.queue.async { loop.forEachConnection { $0.perform { $0.drain(at: $1) } } }
    }
    let first = loops[0].queue
    first.asyncAfter(deadline: .now() + Self.interval(listenerDelay)) { [self] in
      state.withLock { $0.listener }?.close()
    }
    let abort = DispatchWorkItem { [self] in abortAll() }
    first.asyncAfter(deadline: .now() + Self.interval(abortDelay), execute: abort)
    await withCheckedContinuation { continuation in
      state.withLock { $0.waiters.append(continuation) }
      resumeIfEnded()
    }
    abort.cancel()
    for loop in loops { loop.queue.async { loop.stop() } }
  }

  /// Resets every connection, those included that the listener has dealt out but not delivered.
  private func abortAll() {
    state.withLock { $0.listener }?.close()
    for loop in loops {
      loop.queue.async { loop.forEachConnection { $0.perform { $0.abort(at: $1) } } }
    }
  }

  private func listenerClosed() {
    state.withLock { $0.listenerIsClosed = true }
    resumeIfEnded()
  }

  private func resumeIfEnded() {
    guard shared.connectionsOpen.load(ordering: .acquiring) == 0 else { return }
    let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      guard state.listenerIsClosed || state.listener == nil else { return [] }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  private static func interval(_ duration: Duration) -> DispatchTimeInterval {
    let (seconds, attoseconds) = duration.components
    let nanoseconds = Double(seconds) * 1e9 + Double(attoseconds) / 1e9
    return .nanoseconds(Int(min(max(nanoseconds, 0), 1e18)))
  }
}
