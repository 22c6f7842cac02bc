import HTTPCore

/// Owns a connection as a server does, and checks after every event what the machine promises.
struct ConnectionOwner {
  /// What a peer and a handler can tell apart; the same however bytes were cut.
  struct History: Equatable {
    var output: [UInt8] = []
    var requests: [Request] = []
    var rejected: [HTTPFailure] = []
    var end: Ending?
  }

  /// A request as far as its handler has it.
  struct Request: Equatable {
    let head: RequestHead
    var body: [UInt8]
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
  /// Bytes delivered that the handler has not taken.
  private(set) var untaken = 0

  private let readBytesMax: Int
  private var now = Duration.zero
  /// What the peer sent and the machine did not want yet.
  private var socket: [UInt8] = []
  private var socketIsAtEnd = false
  private var endIsRead = false
  private var received = ReceivedBytes()
  private var responses = ResponseStream()
  /// The exchange that was last given to a handler.
  private var handled: UInt64 = 0
  private var handledRoute: Route?
  /// Whether its handler awaits more of the body.
  private var isReceiving = false
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
      isReceiving = false
      try perform(machine.refused(.tooManyHandlers(max: 1), exchange: handled, at: moment))
    case 10:
      let actions = machine.responded(Self.response(0), exchange: handled &- 1, at: moment)
      try require(actions.isEmpty, "an old exchange is answered once more")
    default:
      isReceiving = false
      try perform(machine.responded(Self.response(kind), exchange: handled, at: moment))
    }
    try readSocket()
  }

  /// The handler takes bytes that were delivered; it may do so after the last.
  mutating func take(_ count: Int) throws(BrokenInvariant) {
    untaken -= count
    try perform(machine.delivered(count, exchange: handled, at: moment))
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
        received.append(piece)
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
    dependsOnPieces = dependsOnPieces || hasPaused || isReceiving
  }
}

// MARK: Actions

extension ConnectionOwner {
  private mutating func perform(_ actions: [ConnectionAction]) throws(BrokenInvariant) {
    var queue = actions[...]
    while let action = queue.popFirst() {
      try require(history.end == nil, "\(action) after the end")
      if case .handle(let request) = action {
        try checkHandled(request, then: queue)
        queue += try handle(request)[...]
      } else {
        try perform(action)
      }
    }
    try checkState()
  }

  /// After a request comes nothing, but for the end of one that waited with half a body.
  private func checkHandled(
    _ request: PendingRequest, then actions: ArraySlice<ConnectionAction>
  ) throws(BrokenInvariant) {
    if case .cancelHandler? = actions.first {
      try require(!request.isBodyWhole && endIsRead, "a whole request is cancelled")
    } else {
      try require(actions.isEmpty, "\(actions) after a request")
      try require(machine.isHandling(exchange: request.exchange), "the request is not in work")
    }
  }

  private mutating func perform(_ action: ConnectionAction) throws(BrokenInvariant) {
    switch action {
    case .send(let bytes): try send(bytes)
    case .handle: break
    case .deliver(let piece, let isLast): try deliver(piece, isLast: isLast)
    case .startStream(let exchange, _):
      try require(exchange == handled && streaming != exchange, "a second stream of \(exchange)")
      streaming = exchange
    case .cancelHandler(let exchange):
      try require(exchange == handled, "\(exchange) is cancelled, not \(handled)")
      // How much a handler has of a body that breaks off, or whether it began, depends on pieces.
      if isReceiving { history.requests.removeLast() }
      isReceiving = false
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
    case .notAdmitted(let code):
      throw BrokenInvariant(description: "\(code), though everyone is admitted")
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
    handled = pending.exchange
    handledRoute = pending.route
    streaming = nil
    untaken = 0
    isReceiving = !pending.isBodyWhole
    let request = Request(head: pending.request.head, body: pending.request.body)
    history.requests.append(request)
    try checkBody(isWhole: pending.isBodyWhole)
    if isReceiving {
      let isLarge = request.body.count > Self.rules.limits.inlineBodyBytesMax
      try require(pending.route.options.isBulk && isLarge, "a small body is not awaited")
    }
    return respond(to: pending, by: pending.route.handler)
  }

  /// Answers as a handler on the event loop does.
  private mutating func respond(
    to pending: PendingRequest, by handler: RouteHandler
  ) -> [ConnectionAction] {
    let response: HTTPResponse?
    switch handler {
    case .immediate(let handler): response = handler(pending.request, pending.parameters)
    case .first(let handler, let otherwise):
      response = handler(pending.request, pending.parameters)
      if response == nil { return respond(to: pending, by: otherwise) }
    case .deferred, .waiting: response = nil
    }
    return response.map { machine.responded($0, exchange: handled, at: moment) } ?? []
  }

  private mutating func deliver(_ piece: [UInt8], isLast: Bool) throws(BrokenInvariant) {
    try require(isReceiving, "a piece is delivered that no handler awaits")
    isReceiving = !isLast
    untaken += piece.count
    history.requests[history.requests.count - 1].body += piece
    try checkBody(isWhole: isLast)
  }

  /// What a handler has is within the limit, and a whole body is what the peer sent.
  private mutating func checkBody(isWhole: Bool) throws(BrokenInvariant) {
    guard let request = history.requests.last, let options = handledRoute?.options else { return }
    let limits = Self.rules.limits
    let bytesMax =
      options.bodyBytesMax ?? (options.isBulk ? limits.bulkBodyBytesMax : limits.bodyBytesMax)
    try require(request.body.count <= bytesMax, "the body is over the limit")
    guard isWhole else { return }
    let sent = received.takeBody(of: handled, request.head)
    let expected = request.head.acceptsBody ? sent : sent.map { _ in [] }
    try require(request.body == expected, "\(sent ?? []) was sent, \(request.body) handled")
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
      || (handledRoute?.options.deadline == nil && machine.isHandling(exchange: handled)
        && !(isReceiving && machine.wantsReading))
    try require(mayTakeForever || machine.deadline != nil, "there is no deadline")
    let heldMax = limits.pipelineBytesMax + readBytesMax + limits.bulkBodyBytesMax
    try require((0...heldMax).contains(machine.requestBytesHeld), "too much is held")
    try require(
      !machine.isStreamPaused || unsent > limits.lowWaterBytes, "a stream is paused for nothing")
    try require(
      !isStreaming || machine.isStreamPaused || unsent <= limits.highWaterBytes,
      "\(unsent) bytes wait, and the stream goes on")
    try checkDelivery()
  }

  private func checkDelivery() throws(BrokenInvariant) {
    guard isReceiving else { return }
    let limits = Self.rules.limits
    try require(
      machine.isHandling(exchange: handled), "the handler is not told that its body broke off")
    try require(
      machine.wantsReading ? untaken <= limits.highWaterBytes : untaken > limits.lowWaterBytes,
      "\(untaken) bytes are not taken, but reading: \(machine.wantsReading)")
    try require(
      untaken <= limits.highWaterBytes + readBytesMax, "\(untaken) bytes wait for the handler")
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
    router.add(
      method: "POST", "/first",
      .first(
        { request, _ in request.body.isEmpty ? response(1) : nil },
        then: .deferred { _, _ in response(0) }))
    router.add(
      method: "POST", "/bulk", RouteOptions(bodyBytesMax: 300, isBulk: true),
      .deferred { _, _ in response(0) })
    router.add(
      method: "PUT", "/bulk", RouteOptions(deadline: nil, isBulk: true),
      .waiting { _, _ in { response(0) } })
    var limits = HTTPLimits.forFuzzing
    limits.pipelineBytesMax = 64
    limits.keepAliveRequestsMax = 8
    limits.lingerBytesMax = 512
    limits.bulkBodyBytesMax = 400
    limits.inlineBodyBytesMax = 8
    limits.highWaterBytes = 192
    limits.lowWaterBytes = 64
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
