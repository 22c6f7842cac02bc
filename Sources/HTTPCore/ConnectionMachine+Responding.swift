extension ConnectionMachine {
  /// The handler of the exchange gave its response; one that comes too late is dropped.
  ///
  /// It may come before the body is whole; the rest of it is not read then.
  package mutating func responded(
    _ response: HTTPResponse, exchange: UInt64, at moment: Moment
  ) -> [ConnectionAction] {
    guard let current = handled(exchange) else { return [] }
    return answer(current, response, at: moment)
  }

  /// The handler of the exchange has let go of the request and only waits.
  package mutating func handlerWaits(exchange: UInt64) {
    guard case .handling(var current, let deadline) = state, current.number == exchange else {
      return
    }
    current.holdsBody = false
    state = .handling(current, deadline: deadline)
  }

  /// The handler of the exchange could not run; its request is refused.
  package mutating func refused(
    _ failure: HTTPFailure, exchange: UInt64, at moment: Moment
  ) -> [ConnectionAction] {
    guard let current = handled(exchange) else { return [] }
    return refuse(failure, current, at: moment)
  }

  /// So many bytes of those handed over have gone out.
  package mutating func written(_ count: Int, at moment: Moment) -> [ConnectionAction] {
    unsentBytes = max(0, unsentBytes - count)
    switch state {
    case .sending(let next, _, let due):
      guard unsentBytes == 0 else {
        state = .sending(then: next, progressAt: moment.instant, due: due)
        return []
      }
      return finishResponse(then: next, at: moment)
    case .streaming(let exchange, var stream):
      stream.progressAt = moment.instant
      let resumes = stream.isPaused && unsentBytes <= limits.lowWaterBytes
      if resumes { stream.isPaused = false }
      state = .streaming(exchange, stream)
      return resumes ? [.resumeStream] : []
    case .idle, .readingHead, .readingBody, .handling, .lingering, .closed: return []
    }
  }

  /// The stream of the exchange has a piece; without effect unless ``isStreaming(exchange:)``.
  package mutating func streamWrote(
    _ piece: [UInt8], exchange: UInt64, at moment: Moment
  ) -> [ConnectionAction] {
    guard case .streaming(let current, var stream) = state, current.number == exchange,
      !piece.isEmpty
    else { return [] }
    let bytes = stream.isChunked ? ResponseEncoder.chunk(piece) : piece
    if unsentBytes == 0 { stream.progressAt = moment.instant }
    unsentBytes += bytes.count
    stream.isPaused = stream.isPaused || unsentBytes > limits.highWaterBytes
    state = .streaming(current, stream)
    return [.send(bytes)]
  }

  /// The stream of the exchange has no further piece.
  package mutating func streamFinished(exchange: UInt64, at moment: Moment) -> [ConnectionAction] {
    guard case .streaming(let current, let stream) = state, current.number == exchange else {
      return []
    }
    let last = stream.isChunked ? ResponseEncoder.lastChunk : []
    let keepsAlive = stream.isChunked && mayKeepAlive(current, at: moment)
    return send(last.isEmpty ? [] : [last], keepsAlive: keepsAlive, at: moment)
  }

  /// The stream of the exchange broke off: the client must not take what it has for the whole.
  package mutating func streamFailed(exchange: UInt64, at moment: Moment) -> [ConnectionAction] {
    isStreaming(exchange: exchange) ? end(with: .reset) : []
  }

  /// Answers with the failure, and counts it.
  mutating func refuse(
    _ failure: HTTPFailure, _ exchange: Exchange, at moment: Moment
  ) -> [ConnectionAction] {
    [.reject(failure)] + answer(exchange, rules.response(to: failure), at: moment)
  }

  /// Answers a request whose head could not be read; the connection closes.
  mutating func fail(
    _ failure: HTTPFailure, at moment: Moment, since: Instant
  ) -> [ConnectionAction] {
    let (response, defect) = sendable(rules.response(to: failure))
    let body = Self.content(of: response)
    let requestID = identity.requestID(of: nil, exchange: exchanges)
    let head = ResponseEncoder.head(
      status: response.status, headers: response.headers, framing: .length(body.count),
      persistence: .close, requestID: requestID, unixTime: moment.unixTime)
    let record = ExchangeRecord(
      method: nil, template: nil, status: response.status,
      duration: moment.instant.duration(since: since), requestBodyBytes: 0,
      responseBodyBytes: body.count, requestID: requestID, peer: identity.peer,
      caller: nil, head: nil)
    let rejections = [ConnectionAction.reject(failure)] + (defect.map { [.reject($0)] } ?? [])
    return rejections + [.answered(record)] + send([head + body], keepsAlive: false, at: moment)
  }

  /// Sends the response of an exchange as its method and version allow.
  mutating func answer(
    _ exchange: Exchange, _ proposed: HTTPResponse, at moment: Moment
  ) -> [ConnectionAction] {
    let (response, defect) = sendable(proposed)
    var keepsAlive = mayKeepAlive(exchange, at: moment)
    let framing = Self.framing(of: response, to: exchange.head)
    if framing == .untilClose { keepsAlive = false }
    let requestID = identity.requestID(of: exchange.head, exchange: exchange.number)
    let head = ResponseEncoder.head(
      status: response.status, headers: response.headers, framing: framing,
      persistence: keepsAlive ? .keepAlive(exchange.head.version) : .close,
      requestID: requestID, unixTime: moment.unixTime)
    var actions: [ConnectionAction] = defect.map { [.reject($0)] } ?? []
    actions.append(.answered(record(of: exchange, response, requestID, at: moment)))
    let hasContent = exchange.head.method != "HEAD" && framing != .none
    if hasContent, case .stream(let produce) = response.body {
      return actions + beginStream(exchange, head, framing, produce, at: moment)
    }
    let body = hasContent ? Self.content(of: response) : []
    let pieces = body.count <= 16 * 1024 ? [head + body] : [head, body]
    return actions + send(pieces, keepsAlive: keepsAlive, at: moment)
  }

  private mutating func beginStream(
    _ exchange: Exchange, _ head: [UInt8], _ framing: ResponseEncoder.Framing,
    _ produce: @escaping @Sendable (any HTTPBodyWriter) async throws -> Void, at moment: Moment
  ) -> [ConnectionAction] {
    unsentBytes += head.count
    state = .streaming(
      exchange, StreamState(isChunked: framing == .chunked, progressAt: moment.instant))
    return [.send(head), .startStream(exchange: exchange.number, produce)]
  }

  /// Hands over the last bytes of a response.
  private mutating func send(
    _ pieces: [[UInt8]], keepsAlive: Bool, at moment: Moment
  ) -> [ConnectionAction] {
    discardedBytes = 0
    if !keepsAlive { unread = [] }
    for piece in pieces { unsentBytes += piece.count }
    let next = keepsAlive ? ConnectionState.AfterResponse.nextRequest : .linger
    let rate = max(1, limits.responseBytesPerSecondMin)
    let time = limits.responseIdleTime + .milliseconds(unsentBytes &* 1000 / rate)
    state = .sending(
      then: next, progressAt: moment.instant, due: moment.instant.advanced(by: time))
    guard unsentBytes > 0 else { return finishResponse(then: next, at: moment) }
    return pieces.map { .send($0) }
  }

  private mutating func finishResponse(
    then next: ConnectionState.AfterResponse, at moment: Moment
  ) -> [ConnectionAction] {
    switch next {
    case .nextRequest:
      state = .idle(since: moment.instant)
      let waiting = unread
      unread = []
      let actions = process(waiting, at: moment)
      return actions + endIfPeerHasClosed(at: moment)
    case .linger:
      guard !peerHasClosed else { return end(with: .close) }
      state = .lingering(since: moment.instant, lastByteAt: moment.instant)
      return [.finishSending]
    }
  }

  private func mayKeepAlive(_ exchange: Exchange, at moment: Moment) -> Bool {
    exchange.keepsAlive && drainingSince == nil
      && exchanges < UInt64(max(0, limits.keepAliveRequestsMax))
      && moment.instant < acceptedAt.advanced(by: limits.keepAliveAge)
      && (!peerHasClosed || !unread.isEmpty)
  }

  /// The response, or ours in its place if it cannot be sent, and what is wrong with it.
  private func sendable(_ response: HTTPResponse) -> (HTTPResponse, defect: HTTPFailure?) {
    let defect: HTTPFailure
    if let name = response.headers.refusedName {
      defect = .unsafeResponseHeader(name: name)
    } else if !(200...599).contains(response.status) {
      defect = .badResponseStatus(response.status)
    } else {
      return (response, nil)
    }
    let rendered = rules.response(to: defect)
    let isSendable =
      rendered.headers.refusedName == nil && (200...599).contains(rendered.status)
    return (isSendable ? rendered : HTTPResponse(status: defect.status), defect)
  }

  private static func content(of response: HTTPResponse) -> [UInt8] {
    switch response.body {
    case .bytes(let bytes): bytes
    case .none, .stream: []
    }
  }

  private static func framing(
    of response: HTTPResponse, to head: RequestHead
  ) -> ResponseEncoder.Framing {
    // RFC 9110 8.6, 15.4.5: no content, and no length that would contradict it.
    if response.status == 204 || response.status == 304 { return .none }
    switch response.body {
    case .none: return .length(0)
    case .bytes(let bytes): return .length(bytes.count)
    case .stream: return head.version == .http11 ? .chunked : .untilClose
    }
  }

  private func record(
    of exchange: Exchange, _ response: HTTPResponse, _ requestID: String, at moment: Moment
  ) -> ExchangeRecord {
    let bytes: Int? =
      switch response.body {
      case .none: 0
      case .bytes(let bytes): bytes.count
      case .stream: nil
      }
    return ExchangeRecord(
      method: exchange.head.method, template: exchange.route?.template, status: response.status,
      duration: moment.instant.duration(since: exchange.startedAt),
      requestBodyBytes: exchange.requestBodyBytes, responseBodyBytes: bytes,
      requestID: requestID, peer: identity.peer, caller: exchange.caller,
      head: exchange.head)
  }
}
