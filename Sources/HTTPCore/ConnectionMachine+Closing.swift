extension ConnectionMachine {
  /// The peer sends nothing more; it may still read.
  package mutating func peerClosed(at moment: Moment) -> [ConnectionAction] {
    guard !peerHasClosed else { return [] }
    peerHasClosed = true
    switch state {
    case .handling(let exchange, _):
      // It may have left or only half-closed: the work is cancelled, an answer is still sent.
      return [.cancelHandler(exchange: exchange.number)]
    case .streaming: return end(with: .close)
    case .sending, .closed: return []
    case .idle, .readingHead, .readingBody, .lingering: return endIfPeerHasClosed(at: moment)
    }
  }

  /// Reading or writing failed; the connection is gone.
  package mutating func connectionLost(at moment: Moment) -> [ConnectionAction] {
    end(with: .close)
  }

  /// The clock may have reached ``deadline``; without effect if it has not.
  package mutating func deadlinePassed(at moment: Moment) -> [ConnectionAction] {
    guard let deadline, deadline <= moment.instant else { return [] }
    switch state {
    case .idle, .lingering: return end(with: .close)
    case .readingHead(_, let since):
      return fail(.headerTimeout(limits.headerTime), at: moment, since: since)
    case .readingBody(let reading):
      let isPaused = reading.pausedAt != nil
      let failure: HTTPFailure =
        isPaused
        ? .handlerTimeout(reading.route.options.deadline ?? .zero)
        : .bodyTimeout(bytesReceived: reading.bytesReceived)
      return giveUp(reading, failure, at: moment)
    case .handling(var exchange, _):
      exchange.keepsAlive = false
      let time = exchange.route?.options.deadline ?? .zero
      return [.cancelHandler(exchange: exchange.number)]
        + refuse(.handlerTimeout(time), exchange, at: moment)
    case .sending(_, let progressAt, _)
    where moment.instant < progressAt.advanced(by: limits.responseIdleTime):
      let rate = limits.responseBytesPerSecondMin
      return [.reject(.responseTooSlow(bytesPerSecondMin: rate))] + end(with: .reset)
    case .sending, .streaming:
      return [.reject(.responseTimeout(limits.responseIdleTime))] + end(with: .reset)
    case .closed: return []
    }
  }

  /// The server is overloaded; a request on its way is refused, and nothing else changes.
  package mutating func overloaded(
    _ failure: HTTPFailure, at moment: Moment
  ) -> [ConnectionAction] {
    switch state {
    case .idle(let since), .readingHead(_, let since):
      return fail(failure, at: moment, since: since)
    case .readingBody(let reading): return giveUp(reading, failure, at: moment)
    case .handling(var exchange, _):
      exchange.keepsAlive = false
      return [.cancelHandler(exchange: exchange.number)] + refuse(failure, exchange, at: moment)
    case .sending, .streaming, .lingering, .closed: return []
    }
  }

  /// The server drains: what is in work is finished, then the connection closes.
  package mutating func drain(at moment: Moment) -> [ConnectionAction] {
    drainingSince = moment.instant
    switch state {
    case .idle:
      // A request may be under way: on a new connection it is awaited for a moment; on a used one
      // the client sees an orderly end instead of a reset, and sends it again elsewhere.
      guard exchanges > 0 else { return [] }
      state = .lingering(since: moment.instant, lastByteAt: moment.instant)
      return [.finishSending]
    case .streaming(let exchange, _): return [.cancelHandler(exchange: exchange.number)]
    case .sending(then: .nextRequest, let progressAt, let due) where unread.isEmpty:
      state = .sending(then: .linger, progressAt: progressAt, due: due)
      return []
    case .readingHead, .readingBody, .handling, .sending, .lingering, .closed: return []
    }
  }

  /// The time to drain is over.
  package mutating func abort(at moment: Moment) -> [ConnectionAction] {
    end(with: .reset)
  }

  /// Ends the connection if the peer has closed and no request of it is in work.
  mutating func endIfPeerHasClosed(at moment: Moment) -> [ConnectionAction] {
    guard peerHasClosed else { return [] }
    switch state {
    case .idle, .readingHead, .lingering: return end(with: .close)
    case .readingBody(let reading):
      // RFC 9112 6.3, 8: a body cut short is never handled as if it were whole.
      return giveUp(reading, .bodyIncomplete(bytesReceived: reading.bytesReceived), at: moment)
    case .handling, .sending, .streaming, .closed: return []
    }
  }

  /// Refuses a request before its body is whole, and cancels the handler that reads it, if one does.
  mutating func giveUp(
    _ reading: BodyReading, _ failure: HTTPFailure, at moment: Moment
  ) -> [ConnectionAction] {
    cancelHandler(of: reading) + refuse(failure, reading.givenUp, at: moment)
  }

  private func cancelHandler(of reading: BodyReading) -> [ConnectionAction] {
    reading.isHandled ? [.cancelHandler(exchange: reading.exchange.number)] : []
  }

  /// Goes to the last state, cancelling what is in work.
  mutating func end(with action: ConnectionAction) -> [ConnectionAction] {
    let previous = state
    state = .closed
    unread = []
    switch previous {
    case .handling(let exchange, _), .streaming(let exchange, _):
      return [.cancelHandler(exchange: exchange.number), action]
    case .readingBody(let reading): return cancelHandler(of: reading) + [action]
    case .idle, .readingHead, .sending, .lingering: return [action]
    case .closed: return []
    }
  }
}
