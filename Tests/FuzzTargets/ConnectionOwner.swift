import HTTPCore

/// Owns a connection as a server does, and checks after every event what the machine promises.
struct ConnectionOwner {
  /// What a peer and a handler can tell apart; the same however bytes were cut.
  struct History: Hashable {
    var output: [UInt8] = []
    var requests: [HTTPRequest] = []
    var rejected: [HTTPFailure] = []
    var end: Ending?
  }

  enum Ending { case close, reset }

  private(set) var machine = ConnectionMachine(rules: rules, acceptedAt: moment(.zero))
  private(set) var history = History()
  /// Whether something happened that may be otherwise when bytes are cut otherwise: reading paused,
  /// a body was asked for before it began to come, or too much was discarded (of a piece in which a
  /// head is refused, all bytes count).
  private(set) var dependsOnPieces = false
  /// Bytes handed over and not written yet.
  private(set) var unsent = 0

  private let readBytesMax: Int
  private var now = Duration.zero
  /// What the peer sent and the machine did not want yet.
  private var socket: [UInt8] = []
  private var socketIsAtEnd = false
  private var endIsRead = false
  private var responses = ResponseStream()
  /// The exchange that was last given to a handler.
  private var handled: UInt64 = 0
  /// Whether the handler of that exchange may take as long as it will.
  private var handlesWithoutDeadline = false
  private var streaming: UInt64?
  private var hasFinishedSending = false

  init(piecesOf readBytesMax: Int) {
    self.readBytesMax = readBytesMax
  }

  private static func moment(_ time: Duration) -> Moment {
    Moment(instant: Instant(nanoseconds: 0).advanced(by: time), unixTime: 784_111_777)
  }

  private var moment: Moment { Self.moment(now) }
}

// MARK: Events

extension ConnectionOwner {
  mutating func receive(_ bytes: ArraySlice<UInt8>) throws(BrokenInvariant) {
    guard !socketIsAtEnd, history.end == nil else { return }
    socket += bytes
    try readSocket()
  }

  /// Waits, until the deadline if no duration is given.
  mutating func wait(_ duration: Duration?) throws(BrokenInvariant) {
    let deadline = machine.deadline?.duration(since: Instant(nanoseconds: 0))
    now = max(now, duration.map { now + $0 } ?? deadline ?? now)
    var rounds = 0
    while let deadline = machine.deadline, deadline <= moment.instant {
      rounds += 1
      try require(rounds <= 4, "the deadline does not go on from \(deadline)")
      let actions = machine.deadlinePassed(at: moment)
      try require(!actions.isEmpty, "nothing happens at the deadline \(deadline)")
      try perform(actions)
    }
    try readSocket()
  }

  mutating func write(_ count: Int) throws(BrokenInvariant) {
    guard count > 0, history.end == nil else { return }
    unsent -= count
    try perform(machine.written(count, at: moment))
    try readSocket()
  }

  mutating func answer(_ kind: Int) throws(BrokenInvariant) {
    switch kind {
    case 8:
      machine.handlerWaits(exchange: handled)
      try checkState()
    case 9:
      try perform(machine.refused(.tooManyHandlers(max: 1), exchange: handled, at: moment))
    case 10:
      let actions = machine.responded(Self.response(0), exchange: handled &- 1, at: moment)
      try require(actions.isEmpty, "an old exchange is answered once more")
    default:
      try perform(machine.responded(Self.response(kind), exchange: handled, at: moment))
    }
    try readSocket()
  }

  mutating func stream(_ kind: Int) throws(BrokenInvariant) {
    guard let exchange = streaming else { return }
    switch kind {
    case 14: try perform(machine.streamFinished(exchange: exchange, at: moment))
    case 15: try perform(machine.streamFailed(exchange: exchange, at: moment))
    default:
      // A producer that is to wait has been suspended.
      guard !machine.isStreamPaused else { return }
      let piece = [UInt8](repeating: UInt8(ascii: "s"), count: 1 << min(kind, 10))
      try perform(machine.streamWrote(piece, exchange: exchange, at: moment))
    }
    try readSocket()
  }

  mutating func end(_ kind: Int) throws(BrokenInvariant) {
    switch kind {
    case 0: socketIsAtEnd = true
    case 1: try perform(machine.connectionLost(at: moment))
    case 2: try perform(machine.abort(at: moment))
    case 3: try perform(machine.overloaded(.tooManyConnections(max: 1), at: moment))
    default: try perform(machine.drain(at: moment))
    }
    try readSocket()
  }

  /// Reads as long as the machine wants to, at most so many bytes at a time.
  private mutating func readSocket() throws(BrokenInvariant) {
    while machine.wantsReading {
      let piece = socket.prefix(readBytesMax)
      socket.removeFirst(piece.count)
      if !piece.isEmpty {
        try perform(machine.received(piece, at: moment))
        dependsOnPieces = dependsOnPieces || history.end == .reset
      } else if socketIsAtEnd {
        endIsRead = true
        try perform(machine.peerClosed(at: moment))
        return try require(!machine.wantsReading, "reading goes on after the end")
      } else {
        return
      }
    }
    let hasPaused = history.end == nil && (!socket.isEmpty || (socketIsAtEnd && !endIsRead))
    dependsOnPieces = dependsOnPieces || hasPaused
  }
}

// MARK: Actions

extension ConnectionOwner {
  private mutating func perform(_ actions: [ConnectionAction]) throws(BrokenInvariant) {
    var queue = actions[...]
    while let action = queue.popFirst() {
      try require(history.end == nil, "\(action) after the end")
      if case .handle(let request) = action {
        try require(queue.isEmpty, "\(queue) after a request")
        queue += try handle(request)[...]
      } else {
        try perform(action)
      }
    }
    try checkState()
  }

  private mutating func perform(_ action: ConnectionAction) throws(BrokenInvariant) {
    switch action {
    case .send(let bytes): try send(bytes)
    case .handle: break
    case .startStream(let exchange, _):
      try require(exchange == handled && streaming != exchange, "a second stream of \(exchange)")
      streaming = exchange
    case .cancelHandler(let exchange):
      try require(exchange == handled, "\(exchange) is cancelled, not \(handled)")
    case .resumeStream: try require(!machine.isStreamPaused, "a paused stream is resumed")
    case .finishSending:
      try require(!hasFinishedSending, "the last byte is sent twice")
      hasFinishedSending = true
      try responses.requireBoundary()
    case .close: try finish(.close)
    case .reset: try finish(.reset)
    case .reject(let failure):
      history.rejected.append(failure)
      try checkFailure(failure)
    case .answered(let record): try responses.expect(record)
    }
  }

  private mutating func send(_ bytes: [UInt8]) throws(BrokenInvariant) {
    try require(!hasFinishedSending, "bytes are sent after the last")
    unsent += bytes.count
    if responses.isInterim(bytes) { dependsOnPieces = true }
    try responses.take(bytes)
    history.output += bytes
  }

  /// Requests come one at a time, each after the answers to all before it.
  private mutating func handle(
    _ pending: PendingRequest
  ) throws(BrokenInvariant) -> [ConnectionAction] {
    try require(
      pending.exchange > handled && responses.count == pending.exchange - 1,
      "\(pending.exchange) is handled after \(handled) and \(responses.count) answers")
    try responses.requireBoundary()
    try require(!responses.isLast, "a request is handled after the last answer")
    try require(machine.isHandling(exchange: pending.exchange), "the request is not in work")
    let bytesMax = pending.route.options.bodyBytesMax ?? Self.rules.limits.bodyBytesMax
    try require(pending.request.body.count <= bytesMax, "the body is over the limit")
    handled = pending.exchange
    streaming = nil
    handlesWithoutDeadline = pending.route.options.deadline == nil
    history.requests.append(pending.request)
    guard case .immediate(let handler) = pending.route.handler else { return [] }
    let response = handler(pending.request, pending.parameters)
    return machine.responded(response, exchange: handled, at: moment)
  }

  private mutating func finish(_ ending: Ending) throws(BrokenInvariant) {
    history.end = ending
    socket = []
    try require(machine.isClosed, "the end is not the last state")
  }

  /// What holds between any two events.
  private func checkState() throws(BrokenInvariant) {
    try require(machine.isClosed == (history.end != nil), "only an action may end the connection")
    if machine.isClosed {
      try require(machine.deadline == nil && !machine.wantsReading, "a closed connection waits")
    }
    let limits = Self.rules.limits
    let isStreaming = streaming.map(machine.isStreaming) ?? false
    let mayTakeForever =
      machine.isClosed || (isStreaming && unsent == 0)
      || (handlesWithoutDeadline && machine.isHandling(exchange: handled))
    try require(mayTakeForever || machine.deadline != nil, "there is no deadline")
    let heldMax = limits.pipelineBytesMax + readBytesMax + limits.bodyBytesMax
    try require((0...heldMax).contains(machine.requestBytesHeld), "too much is held")
    try require(
      !machine.isStreamPaused || unsent > limits.lowWaterBytes, "a stream is paused for nothing")
    try require(
      !isStreaming || machine.isStreamPaused || unsent <= limits.highWaterBytes,
      "\(unsent) bytes wait, and the stream goes on")
  }
}

// MARK: The server

extension ConnectionOwner {
  /// A route of every kind, and limits that short inputs reach.
  private static let rules: ConnectionRules = {
    var router = Router()
    router.add(method: "GET", "/now", .immediate { _, _ in response(1) })
    router.add(method: "GET", "/later/{name}", .deferred { _, _ in response(0) })
    router.add(
      method: "POST", "/echo",
      .immediate { request, _ in
        HTTPResponse(status: 200, body: .bytes(request.body))
      })
    let options = RouteOptions(bodyBytesMax: 100, deadline: nil, isBulk: true)
    router.add(method: "PUT", "/bulk", options, .waiting { _, _ in { response(0) } })
    var limits = HTTPLimits.forFuzzing
    limits.pipelineBytesMax = 64
    limits.keepAliveRequestsMax = 8
    limits.lingerBytesMax = 512
    limits.highWaterBytes = 512
    limits.lowWaterBytes = 128
    return ConnectionRules(router: router, limits: limits) { failure in
      HTTPResponse(status: failure.status, body: .bytes([UInt8](failure.code.utf8)))
    }
  }()

  private static func response(_ kind: Int) -> HTTPResponse {
    switch kind {
    case 1: HTTPResponse(status: 200, body: .bytes([UInt8]("ok".utf8)))
    case 2: HTTPResponse(status: 204, body: .bytes([UInt8]("no".utf8)))
    case 3: HTTPResponse(status: 200, body: .stream { _ in })
    case 4: HTTPResponse(status: 200, headers: ["X": "a\r\nY: b"])
    case 5: HTTPResponse(status: 700)
    case 6: HTTPResponse(status: 200, body: .bytes([UInt8](repeating: 0x62, count: 17_000)))
    case 7: HTTPResponse(status: 200, headers: ["Content-Length": "9", "Connection": "x"])
    case 11: HTTPResponse(status: 304, body: .stream { _ in })
    default: HTTPResponse(status: 200)
    }
  }
}
