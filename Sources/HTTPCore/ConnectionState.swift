/// What a connection is about, with what it needs for it and nothing else.
enum ConnectionState: Sendable {
  /// No byte of a request has come since the time.
  case idle(since: Instant)
  // Indirect, so that the many connections that read nothing are small.
  indirect case readingHead(RequestHeadParser, since: Instant)
  indirect case readingBody(BodyReading)
  /// The handler works.
  case handling(Exchange, deadline: Instant?)
  /// A response is handed over as a whole; some of it may wait to be sent.
  case sending(then: AfterResponse, progressAt: Instant, due: Instant)
  case streaming(Exchange, StreamState)
  /// The writing side is shut down; bytes are discarded until the peer closes.
  case lingering(since: Instant, lastByteAt: Instant)
  case closed

  /// How the connection goes on after a response.
  enum AfterResponse: Sendable {
    case nextRequest
    case linger
  }
}

/// One request and its response.
struct Exchange: Sendable {
  let number: UInt64
  let head: RequestHead
  let startedAt: Instant
  /// Whether the request lets the connection live on; cleared if its body is left unread.
  var keepsAlive: Bool
  var route: Route?
  var parameters = PathParameters()
  /// Who sends it, as the admission has found.
  var caller: String?
  var requestBodyBytes = 0
  /// Whether the handler may still hold the body.
  var holdsBody = true
}

/// A body on its way.
struct BodyReading: Sendable {
  enum Framing: Sendable {
    case length(remaining: Int)
    case chunked(ChunkDecoder)
  }

  var exchange: Exchange
  let route: Route
  var framing: Framing
  /// The limit of the route.
  let bytesMax: Int
  var startedAt: Instant
  var lastByteAt: Instant
  /// The content so far, or what has not been delivered of it; emptied as it comes if the method
  /// gives it no meaning.
  var body: [UInt8] = []
  var bytesReceived = 0
  /// Whether the handler reads the body as it comes.
  var isHandled = false
  /// Bytes delivered that the handler has not taken yet.
  var undelivered = 0
  /// Since when nothing more is received, because the handler has much to read; nil if it is.
  var pausedAt: Instant?

  /// The exchange as it is to be answered before the body is whole.
  var givenUp: Exchange {
    var exchange = exchange
    exchange.keepsAlive = false
    exchange.requestBodyBytes = bytesReceived
    return exchange
  }

  /// Whether the body is, or will be, larger than those of other routes may be.
  func isLarge(_ limits: HTTPLimits) -> Bool {
    guard route.options.isBulk else { return false }
    switch framing {
    case .length(let remaining):
      return remaining > limits.bodyBytesMax || bytesReceived > limits.bodyBytesMax - remaining
    case .chunked: return bytesReceived > limits.bodyBytesMax
    }
  }

  /// The time by which the next byte, the mean rate or the whole body is due, whichever is first; of
  /// a body that is not received because of its handler, the time by which that must go on.
  func deadline(_ limits: HTTPLimits) -> Instant? {
    if let pausedAt { return route.options.deadline.map { pausedAt.advanced(by: $0) } }
    let isBulk = isLarge(limits)
    let rate = max(1, isBulk ? limits.bulkBodyBytesPerSecondMin : limits.bodyBytesPerSecondMin)
    let grace = isBulk ? limits.bulkBodyGrace : limits.bodyGrace
    let earned = Duration.milliseconds(bytesReceived &* 1000 / rate)
    return min(
      lastByteAt.advanced(by: limits.bodyIdleTime),
      startedAt.advanced(by: limits.bodyTime),
      startedAt.advanced(by: grace).advanced(by: earned))
  }
}

/// A streamed response on its way.
struct StreamState: Sendable {
  /// Whether pieces are sent as chunks; otherwise the close ends the body.
  let isChunked: Bool
  /// When bytes last left, or began to wait.
  var progressAt: Instant
  /// Whether a producer was told to wait.
  var isPaused = false
}
