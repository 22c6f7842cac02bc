extension ConnectionMachine {
  /// Bytes came from the peer.
  package mutating func received(
    _ bytes: ArraySlice<UInt8>, at moment: Moment
  ) -> [ConnectionAction] {
    switch state {
    case .idle, .readingHead, .readingBody: return process(bytes, at: moment)
    case .handling, .streaming, .sending(then: .nextRequest, _, _):
      unread.append(contentsOf: bytes)
      return []
    case .sending(then: .linger, _, _):
      discardedBytes += bytes.count
      return []
    case .lingering(let since, _):
      discardedBytes += bytes.count
      guard discardedBytes <= limits.lingerBytesMax else { return end(with: .reset) }
      state = .lingering(since: since, lastByteAt: moment.instant)
      return []
    case .closed: return []
    }
  }

  /// Reads on until the bytes are used up or a request is in work; the rest is kept.
  mutating func process(_ bytes: ArraySlice<UInt8>, at moment: Moment) -> [ConnectionAction] {
    var rest = bytes
    var actions: [ConnectionAction] = []
    while !rest.isEmpty {
      switch state {
      case .idle:
        let parser = RequestHeadParser(limits: limits)
        actions += readHead(parser, since: moment.instant, from: &rest, at: moment)
      case .readingHead(let parser, let since):
        // The state lets go of the parser first, so that its buffer is changed in place.
        state = .closed
        actions += readHead(parser, since: since, from: &rest, at: moment)
      case .readingBody: actions += readBody(from: &rest, at: moment)
      case .handling, .streaming, .sending(then: .nextRequest, _, _):
        // A copy, so that the reader's buffer is not kept alive by what is left of it.
        unread = ArraySlice(Array(rest))
        return actions
      case .sending(then: .linger, _, _), .lingering, .closed:
        discardedBytes += rest.count
        return actions
      }
    }
    return actions
  }

  private mutating func readHead(
    _ parser: consuming RequestHeadParser, since: Instant, from rest: inout ArraySlice<UInt8>,
    at moment: Moment
  ) -> [ConnectionAction] {
    do {
      guard let head = try parser.consume(&rest) else {
        state = .readingHead(parser, since: since)
        return []
      }
      exchanges += 1
      let exchange = Exchange(
        number: exchanges, head: head, startedAt: since, keepsAlive: head.wantsKeepAlive)
      return begin(
        exchange, framing: try BodyFraming(of: head), hasMore: !rest.isEmpty, at: moment)
    } catch {
      exchanges += 1
      return fail(error, at: moment, since: since)
    }
  }

  /// Finds the route, so that the limits of the body and the interim answer can depend on it.
  private mutating func begin(
    _ exchange: Exchange, framing: BodyFraming, hasMore: Bool, at moment: Moment
  ) -> [ConnectionAction] {
    var exchange = exchange
    let head = exchange.head
    // An answer before the body leaves the body unread, so the connection cannot go on.
    var early = exchange
    early.keepsAlive = exchange.keepsAlive && framing.isEmpty
    guard head.expectation != .unknown else {
      return refuse(.expectationFailed, early, at: moment)
    }
    switch rules.router.match(method: head.method, target: head.target) {
    case .notFound:
      return answer(early, rules.response(to: .notFound(path: head.target.path)), at: moment)
    case .methodNotAllowed(let allow):
      let failure = HTTPFailure.methodNotAllowed(
        method: head.method, path: head.target.path, allow: allow)
      return answer(early, rules.response(to: failure), at: moment)
    case .options(let allow):
      let headers: HTTPHeaders = ["Allow": allow.joined(separator: ", ")]
      return answer(early, HTTPResponse(status: 204, headers: headers), at: moment)
    case .matched(let route, let parameters):
      early.route = route
      exchange.route = route
      exchange.parameters = parameters
      switch rules.admit(head, route, moment) {
      case .admitted(let caller): exchange.caller = caller
      case .refused(let response, let code, let caller):
        early.caller = caller
        return [.notAdmitted(code: code)] + answer(early, response, at: moment)
      }
      if let failure = bodyFailure(route, framing) { return refuse(failure, early, at: moment) }
      return expectBody(exchange, route, framing, hasMore: hasMore, at: moment)
    }
  }

  private func bodyBytesMax(_ route: Route) -> Int {
    let defaultMax = route.options.isBulk ? limits.bulkBodyBytesMax : limits.bodyBytesMax
    return max(0, route.options.bodyBytesMax ?? defaultMax)
  }

  private func bodyFailure(_ route: Route, _ framing: BodyFraming) -> HTTPFailure? {
    guard case .length(let length) = framing, length > bodyBytesMax(route) else { return nil }
    return .bodyTooLarge(bytesMax: bodyBytesMax(route), declared: length)
  }

  private mutating func expectBody(
    _ exchange: Exchange, _ route: Route, _ framing: BodyFraming, hasMore: Bool, at moment: Moment
  ) -> [ConnectionAction] {
    if framing.isEmpty {
      setHandling(exchange, route, at: moment)
      return [handle(exchange, route, body: [], isWhole: true)]
    }
    let bodyFraming: BodyReading.Framing =
      switch framing {
      case .length(let length): .length(remaining: length)
      case .chunked: .chunked(ChunkDecoder(limits: limits, bodyBytesMax: bodyBytesMax(route)))
      }
    state = .readingBody(
      BodyReading(
        exchange: exchange, route: route, framing: bodyFraming, bytesMax: bodyBytesMax(route),
        startedAt: moment.instant, lastByteAt: moment.instant))
    // RFC 9110 10.1.1: no interim answer is needed if the body has already begun to come.
    guard exchange.head.expectation == .continueWithBody, !hasMore else { return [] }
    unsentBytes += ResponseEncoder.interimContinue.count
    return [.send(ResponseEncoder.interimContinue)]
  }

  private mutating func readBody(
    from rest: inout ArraySlice<UInt8>, at moment: Moment
  ) -> [ConnectionAction] {
    guard case .readingBody(var reading) = state else { return [] }
    // The state lets go of the body first, so that it grows in place.
    state = .closed
    reading.lastByteAt = moment.instant
    do {
      let isWhole = try reading.consume(&rest)
      reading.exchange.requestBodyBytes = reading.bytesReceived
      guard isWhole else { return readOn(reading, at: moment) }
      setHandling(reading.exchange, reading.route, at: moment)
      if reading.isHandled { return [.deliver(reading.body, isLast: true)] }
      return [handle(reading.exchange, reading.route, body: reading.body, isWhole: true)]
    } catch {
      return giveUp(reading, error, at: moment)
    }
  }

  /// Waits for more of a body, whose beginning may go to its handler already.
  private mutating func readOn(_ reading: BodyReading, at moment: Moment) -> [ConnectionAction] {
    var reading = reading
    var actions: [ConnectionAction] = []
    if reading.isHandled {
      actions = [.deliver(reading.body, isLast: false)]
    } else if reading.route.options.isBulk, reading.body.count > limits.inlineBodyBytesMax {
      actions = [handle(reading.exchange, reading.route, body: reading.body, isWhole: false)]
    }
    if !actions.isEmpty {
      // What the handler begins with counts as taken.
      if reading.isHandled { reading.undelivered += reading.body.count }
      reading.isHandled = true
      reading.body = []
      if reading.undelivered > limits.highWaterBytes { reading.pausedAt = moment.instant }
    }
    state = .readingBody(reading)
    return actions
  }

  /// The handler that reads a body piece by piece has taken so many bytes.
  package mutating func delivered(
    _ count: Int, exchange: UInt64, at moment: Moment
  ) -> [ConnectionAction] {
    guard case .readingBody(var reading) = state, reading.exchange.number == exchange else {
      return []
    }
    reading.undelivered = max(0, reading.undelivered - count)
    if let pausedAt = reading.pausedAt, reading.undelivered <= limits.lowWaterBytes {
      // The client is not to blame for the time in which nothing was received.
      let pause = moment.instant.duration(since: pausedAt)
      reading.startedAt = reading.startedAt.advanced(by: pause)
      reading.lastByteAt = moment.instant
      reading.pausedAt = nil
    }
    state = .readingBody(reading)
    return []
  }

  private mutating func setHandling(_ exchange: Exchange, _ route: Route, at moment: Moment) {
    let deadline: Instant? =
      switch route.handler {
      case .immediate: nil
      case .first, .deferred, .waiting:
        route.options.deadline.map { moment.instant.advanced(by: $0) }
      }
    state = .handling(exchange, deadline: deadline)
  }

  private func handle(
    _ exchange: Exchange, _ route: Route, body: [UInt8], isWhole: Bool
  ) -> ConnectionAction {
    .handle(
      PendingRequest(
        exchange: exchange.number,
        request: HTTPRequest(head: exchange.head, body: body, caller: exchange.caller),
        isBodyWhole: isWhole, route: route, parameters: exchange.parameters))
  }
}

extension BodyReading {
  /// Takes bytes of the body; true once it is whole.
  fileprivate mutating func consume(_ rest: inout ArraySlice<UInt8>) throws(HTTPFailure) -> Bool {
    let before = body.count
    let isWhole: Bool
    switch framing {
    case .length(let remaining):
      let piece = rest.prefix(remaining)
      reserve(for: piece.count, end: body.count + remaining)
      body.append(contentsOf: piece)
      rest = rest.dropFirst(piece.count)
      framing = .length(remaining: remaining - piece.count)
      isWhole = piece.count == remaining
    case .chunked(var decoder):
      reserve(for: rest.count, end: bytesMax)
      try decoder.consume(&rest, into: &body)
      framing = .chunked(decoder)
      isWhole = decoder.isFinished
    }
    bytesReceived += body.count - before
    if !exchange.head.acceptsBody { body.removeAll(keepingCapacity: true) }
    return isWhole
  }

  /// Makes room for bytes to come, twice as much each time: nothing is allocated for a promise alone.
  private mutating func reserve(for count: Int, end: Int) {
    guard body.capacity - body.count < count else { return }
    body.reserveCapacity(min(end, max(body.count + count, body.count * 2)))
  }
}
