/// One connection as a pure value: events go in with their time, actions come out.
///
/// It owns no socket, no clock and no task. After each event its owner performs the actions in
/// order, reads while ``wantsReading``, and calls ``deadlinePassed(at:)`` once ``deadline`` is there.
/// One request is in work at a time; bytes that follow it wait, up to a limit.
package struct ConnectionMachine: Sendable {
  let rules: ConnectionRules
  let identity: ConnectionIdentity
  let acceptedAt: Instant
  var state: ConnectionState
  /// Bytes that follow the request in work.
  var unread: ArraySlice<UInt8> = []
  /// Bytes handed over with `send` and not yet reported as written.
  var unsentBytes = 0
  /// Bytes thrown away since the last answer was decided.
  var discardedBytes = 0
  var exchanges: UInt64 = 0
  var peerHasClosed = false
  /// When the server began to drain; nil if it does not.
  var drainingSince: Instant?

  package init(
    rules: ConnectionRules, identity: ConnectionIdentity = ConnectionIdentity(),
    acceptedAt moment: Moment, isDraining: Bool = false
  ) {
    self.rules = rules
    self.identity = identity
    drainingSince = isDraining ? moment.instant : nil
    acceptedAt = moment.instant
    state = .idle(since: moment.instant)
  }

  var limits: HTTPLimits { rules.limits }

  /// Whether the connection is over; every later event is without effect.
  package var isClosed: Bool {
    if case .closed = state { true } else { false }
  }

  /// What the owner has to know after each event, all at once.
  ///
  /// Mutating, though it changes nothing, so that an owner that is an object need not copy the machine
  /// in order to ask.
  package mutating func needs() -> Needs {
    Needs(
      wantsReading: wantsReading, deadline: deadline, requestBytesHeld: requestBytesHeld,
      isReceivingBulk: isReceivingBulk)
  }

  /// What a connection waits for and what it holds.
  package struct Needs: Sendable {
    package let wantsReading: Bool
    package let deadline: Instant?
    package let requestBytesHeld: Int
    package let isReceivingBulk: Bool
  }

  /// Whether bytes from the peer should be read and given to ``received(_:at:)``.
  package var wantsReading: Bool {
    guard !peerHasClosed else { return false }
    switch state {
    case .idle, .readingHead, .lingering: return true
    case .readingBody(let reading): return reading.pausedAt == nil
    case .handling, .streaming, .sending(then: .nextRequest, _, _):
      return unread.count < limits.pipelineBytesMax
    case .sending(then: .linger, _, _): return discardedBytes < limits.lingerBytesMax
    case .closed: return false
    }
  }

  /// The instant at which ``deadlinePassed(at:)`` is to be called; nil if nothing is awaited.
  package var deadline: Instant? {
    switch state {
    case .idle(let since):
      if exchanges == 0 { return firstByteDeadline }
      return min(
        since.advanced(by: limits.keepAliveIdleTime), acceptedAt.advanced(by: limits.keepAliveAge))
    case .readingHead(_, let since): return since.advanced(by: limits.headerTime)
    case .readingBody(let reading): return reading.deadline(limits)
    case .handling(_, let deadline): return deadline
    case .sending(_, let progressAt, let due):
      return min(progressAt.advanced(by: limits.responseIdleTime), due)
    case .streaming(_, let stream):
      return unsentBytes > 0 ? stream.progressAt.advanced(by: limits.responseIdleTime) : nil
    case .lingering(let since, let lastByteAt):
      return min(
        since.advanced(by: limits.lingerTime), lastByteAt.advanced(by: limits.lingerIdleTime))
    case .closed: return nil
    }
  }

  /// A draining server waits only as long as a request may be under way on a new connection.
  private var firstByteDeadline: Instant {
    let deadline = acceptedAt.advanced(by: limits.headerTime)
    guard let drainingSince else { return deadline }
    return min(deadline, drainingSince.advanced(by: limits.drainListenerDelay))
  }

  /// Bytes of requests that are held for this connection, in work or waiting.
  package var requestBytesHeld: Int {
    switch state {
    case .readingBody(let reading):
      // What was delivered is still held by its handler, in one form or another.
      unread.count + (reading.isHandled ? reading.bytesReceived : reading.body.count)
    case .handling(let exchange, _):
      unread.count + (exchange.holdsBody ? exchange.requestBodyBytes : 0)
    case .idle, .readingHead, .sending, .streaming, .lingering, .closed: unread.count
    }
  }

  /// Whether a body that is larger than those of most routes may be is on its way.
  package var isReceivingBulk: Bool {
    if case .readingBody(let reading) = state { reading.isLarge(limits) } else { false }
  }

  /// Whether the response of the exchange is awaited.
  package func isHandling(exchange: UInt64) -> Bool { handled(exchange) != nil }

  /// The exchange if its handler works, the body perhaps still coming; then it cannot live on.
  func handled(_ number: UInt64) -> Exchange? {
    switch state {
    case .handling(let exchange, _): return exchange.number == number ? exchange : nil
    case .readingBody(let reading):
      guard reading.isHandled, reading.exchange.number == number else { return nil }
      return reading.givenUp
    case .idle, .readingHead, .streaming, .sending, .lingering, .closed: return nil
    }
  }

  /// Whether the stream of the exchange can still be written to.
  package func isStreaming(exchange: UInt64) -> Bool {
    if case .streaming(let current, _) = state { current.number == exchange } else { false }
  }

  /// Whether the producer of the stream is to wait for `resumeStream`.
  package var isStreamPaused: Bool {
    if case .streaming(_, let stream) = state { stream.isPaused } else { false }
  }
}
