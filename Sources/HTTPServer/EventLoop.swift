import Dispatch
import HTTPCore

/// A serial queue with the connections that belong to it for their whole life.
///
/// Unchecked: every stored variable is touched on `queue` only.
final class EventLoop: @unchecked Sendable {
  /// Connections served before other work of the queue gets its turn.
  private static let eventsAtOnce = 128

  let queue: DispatchQueue
  let shared: ServerShared
  /// The buffer that every connection of the loop reads into.
  var readBuffer = [UInt8](repeating: 0, count: 64 * 1024)

  private var connections: [UInt64: Connection] = [:]
  private var nextNumber: UInt64 = 0
  private let poller = Poller(eventsAtOnce: eventsAtOnce)
  private let pollSource: any DispatchSourceRead
  private var deadlines = DeadlineQueue()
  private var timer: (any DispatchSourceTimer)?
  private var armedTick: Int64?
  private let onConnectionClosed: @Sendable () -> Void
  private let index: Int

  init(index: Int, shared: ServerShared, onConnectionClosed: @escaping @Sendable () -> Void) {
    queue = DispatchQueue(label: "http.loop.\(index)")
    self.index = index
    self.shared = shared
    self.onConnectionClosed = onConnectionClosed
    pollSource = DispatchSource.makeReadSource(fileDescriptor: poller.descriptor, queue: queue)
    pollSource.setEventHandler { [weak self] in self?.somethingReady() }
    // The poller's descriptor stays open until the source has let go of it.
    pollSource.setCancelHandler { [poller] in withExtendedLifetime(poller) {} }
    pollSource.activate()
  }

  deinit {
    pollSource.cancel()
  }

  // MARK: Connections

  /// Takes over an accepted descriptor, which is already counted; with a failure only to refuse it.
  func adopt(_ descriptor: Int32, refusing failure: HTTPFailure?) {
    dispatchPrecondition(condition: .onQueue(queue))
    SystemSocket.prepare(descriptor)
    nextNumber += 1
    let connection = Connection(number: nextNumber, descriptor: descriptor, loop: self)
    connections[nextNumber] = connection
    poller.add(descriptor, number: nextNumber, for: connection.awaited)
    connection.open(refusing: failure)
  }

  /// What tells a connection from every other of this server and of its earlier starts.
  func identity(of descriptor: Int32, number: UInt64) -> ConnectionIdentity {
    ConnectionIdentity(
      requestIDPrefix: "\(shared.requestIDPrefix)-\(index)-\(number)-",
      peer: shared.onAnswer == nil ? nil : SystemSocket.peerAddress(descriptor))
  }

  /// Forgets a connection whose descriptor is closed.
  func remove(_ connection: Connection) {
    connections[connection.number] = nil
    shared.release(shared.connectionsOpen)
    if connections.isEmpty {
      deadlines.removeAll()
      armTimer()
    }
    onConnectionClosed()
  }

  /// Does something with every connection.
  func forEachConnection(_ body: (Connection) -> Void) {
    for connection in Array(connections.values) { body(connection) }
  }

  // MARK: Readiness

  /// Changes what a connection waits for.
  func watch(_ connection: Connection, for awaited: Poller.Readiness) {
    poller.change(connection.descriptor, number: connection.number, to: awaited)
  }

  /// Serves what is ready until nothing is.
  ///
  /// The source sleeps meanwhile: each of its events takes a change of thread.
  private func somethingReady() {
    pollSource.suspend()
    serveReady()
  }

  private func serveReady() {
    let count = poller.forEachReady { number, found in
      // A connection that has ended since the events were taken is not there any more.
      connections[number]?.ready(found)
    }
    guard count > 0 else { return pollSource.resume() }
    queue.async { self.serveReady() }
  }

  // MARK: Deadlines

  /// Looks at a connection once its deadline has passed.
  func watch(_ connection: Connection, deadline: Instant) {
    let tick = DeadlineQueue.tick(of: deadline)
    if let watched = connection.watchedTick, watched <= tick { return }
    connection.watchedTick = tick
    deadlines.insert(connection.number, tick: tick)
    armTimer()
  }

  /// Fires what is due by the clock.
  func checkDeadlines() {
    armedTick = nil
    for entry in deadlines.removeDue(at: shared.clock.now().instant) {
      guard let connection = connections[entry.connection], connection.watchedTick == entry.tick
      else { continue }
      connection.watchedTick = nil
      connection.perform { $0.deadlinePassed(at: $1) }
    }
    armTimer()
  }

  /// Ends the timer's life.
  func stop() {
    timer?.cancel()
    timer = nil
  }

  /// Sets the timer to the first tick, or to never: a loop that waits for nothing never wakes.
  private func armTimer() {
    guard armedTick != deadlines.firstTick else { return }
    armedTick = deadlines.firstTick
    guard let tick = deadlines.firstTick else {
      timer?.schedule(deadline: .distantFuture)
      return
    }
    let now = shared.clock.now().instant.nanoseconds
    let delay = max(0, tick &* DeadlineQueue.tickNanoseconds &- now)
    let timer = self.timer ?? makeTimer()
    timer.schedule(
      deadline: .now() + .nanoseconds(Int(delay)), leeway: .milliseconds(50))
  }

  private func makeTimer() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.setEventHandler { [weak self] in self?.checkDeadlines() }
    self.timer = timer
    timer.activate()
    return timer
  }
}
