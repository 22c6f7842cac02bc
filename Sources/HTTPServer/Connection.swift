import Dispatch
import Glibc
import HTTPCore
import Synchronization

/// The shell around a connection's state machine: its descriptor, output and tasks.
///
/// Events enter through ``perform(_:)``, which runs the machine and then its actions, in order.
/// Unchecked: every stored variable is touched on the loop's queue only.
final class Connection: @unchecked Sendable {
  let number: UInt64
  let descriptor: Int32
  let loop: EventLoop
  /// The tick at which the loop will look at this connection; kept by the loop.
  var watchedTick: Int64?
  /// What the loop watches the descriptor for.
  private(set) var awaited = Poller.Readiness.readable

  private var machine: ConnectionMachine
  private var output = OutputQueue()
  private var hasEnded = false

  private var task: Task<Void, Never>?
  private var taskExchange: UInt64 = 0
  /// Where the rest of the body goes to that the handler of `taskExchange` reads.
  private var bodyPipe: BodyPipe?
  private var holdsHandlerPlace = false
  /// Bytes of its request that the handler at work has, or that wait for it; it may outlive the
  /// exchange.
  private var handlerBytes = 0
  /// Whether an answer may be refused for want of room: not after something was changed, which a
  /// client that hears of a refusal would do again.
  private var changesNothing = true
  private var streamWaiters: [CheckedContinuation<Void, any Error>] = []
  private var accountedBytes = 0
  private var accountedAnswerBytes = 0
  private var accountedBulk = false

  private var shared: ServerShared { loop.shared }

  init(number: UInt64, descriptor: Int32, loop: EventLoop) {
    self.number = number
    self.descriptor = descriptor
    self.loop = loop
    machine = ConnectionMachine(
      rules: loop.shared.rules, identity: loop.identity(of: descriptor, number: number),
      acceptedAt: loop.shared.clock.now(),
      isDraining: loop.shared.isDraining)
  }

  /// Begins; with a failure, to refuse.
  func open(refusing failure: HTTPFailure?) {
    perform { machine, moment in
      failure.map { machine.overloaded($0, at: moment) } ?? []
    }
  }

  /// Gives the machine an event, performs the actions that follow, and sets up what it awaits next.
  func perform(_ event: (inout ConnectionMachine, Moment) -> [ConnectionAction]) {
    guard !hasEnded else { return }
    let moment = shared.clock.now()
    var actions = event(&machine, moment)
    repeat {
      var index = 0
      while index < actions.count {
        actions += perform(actions[index], at: moment)
        index += 1
      }
      actions = flush(at: moment)
      guard actions.isEmpty else { continue }
      let needs = machine.needs()
      actions = account(needs, at: moment)
      guard actions.isEmpty, !hasEnded else { continue }
      setAwaited(needs)
      if let deadline = needs.deadline { loop.watch(self, deadline: deadline) }
    } while !actions.isEmpty
  }

  private func perform(_ action: ConnectionAction, at moment: Moment) -> [ConnectionAction] {
    switch action {
    case .send(let bytes): output.append(bytes)
    case .handle(let pending): return handle(pending, at: moment)
    case .startStream(let exchange, let produce): startStream(exchange, produce)
    case .deliver(let piece, let isLast): return deliver(piece, isLast: isLast, at: moment)
    case .cancelHandler(let exchange): cancelHandler(exchange)
    case .resumeStream: resumeStreamWaiters(with: .success(()))
    case .finishSending: _ = shutdown(descriptor, Int32(SHUT_WR))
    case .close: end(resetting: false)
    case .reset: end(resetting: true)
    case .reject(let failure): shared.reject(failure.code)
    case .notAdmitted(let code): shared.reject(code)
    case .answered(let record): shared.answered(record)
    }
    return []
  }

  // MARK: Reading and writing

  /// The loop found the descriptor ready.
  func ready(_ found: Poller.Readiness) {
    if found.contains(.writable) { perform { _, _ in [] } }
    guard !hasEnded else { return }
    if awaited.contains(.readable) {
      readSome()
    } else if !found.isDisjoint(with: .lost) {
      // Nobody reads what might still be said, and unread it would be found again and again.
      perform { $0.connectionLost(at: $1) }
    }
  }

  /// Reads until the kernel seems to have no more, or enough that other connections get their turn.
  private func readSome() {
    for _ in 0..<4 {
      switch SystemSocket.receive(descriptor, into: &loop.readBuffer) {
      case .bytes(0): return perform { $0.peerClosed(at: $1) }
      case .bytes(let count):
        perform { machine, moment in machine.received(loop.readBuffer[..<count], at: moment) }
        guard count == loop.readBuffer.count, !hasEnded, awaited.contains(.readable) else { return }
      case .wouldBlock: return
      case .failed: return perform { $0.connectionLost(at: $1) }
      }
    }
  }

  /// Tells the loop what the machine waits for, if that has changed.
  private func setAwaited(_ needs: ConnectionMachine.Needs) {
    var wanted: Poller.Readiness = needs.wantsReading ? .readable : []
    if !output.isEmpty { wanted.insert(.writable) }
    guard wanted != awaited else { return }
    awaited = wanted
    loop.watch(self, for: wanted)
  }

  /// Sends until nothing waits or the kernel takes no more, then tells the machine.
  private func flush(at moment: Moment) -> [ConnectionAction] {
    guard !hasEnded else { return [] }
    var sent = 0
    sending: while let (bytes, offset) = output.head {
      switch SystemSocket.send(descriptor, bytes, from: offset) {
      case .bytes(let count):
        output.drop(count)
        sent += count
      case .wouldBlock: break sending
      case .failed: return machine.connectionLost(at: moment)
      }
    }
    return sent > 0 ? machine.written(sent, at: moment) : []
  }

  // MARK: Handlers

  private func handle(_ pending: PendingRequest, at moment: Moment) -> [ConnectionAction] {
    handle(pending, by: pending.route.handler, at: moment)
  }

  private func handle(
    _ pending: PendingRequest, by handler: RouteHandler, at moment: Moment
  ) -> [ConnectionAction] {
    switch handler {
    case .immediate(let handler):
      let response = handler(pending.request, pending.parameters)
      return respond(response, exchange: pending.exchange, at: moment)
    case .first(let quick, let otherwise):
      guard let response = quick(pending.request, pending.parameters) else {
        return handle(pending, by: otherwise, at: moment)
      }
      return respond(response, exchange: pending.exchange, at: moment)
    case .deferred(let handler):
      return startHandler(pending, at: moment) {
        .responded(await handler($0, pending.parameters))
      }
    case .waiting(let handler):
      return startHandler(pending, at: moment) {
        .waits(await handler($0, pending.parameters))
      }
    }
  }

  /// How the counted part of a handler ends.
  private enum HandlerEnd: Sendable {
    case responded(HTTPResponse)
    case waits(@Sendable () async -> HTTPResponse)
  }

  /// Starts a handler; one whose body is not whole yet takes its place among the others only then.
  private func startHandler(
    _ pending: PendingRequest, at moment: Moment,
    _ work: @escaping @Sendable (HTTPRequest) async -> HandlerEnd
  ) -> [ConnectionAction] {
    let exchange = pending.exchange
    var request = pending.request
    if pending.isBodyWhole {
      let refusal = takeHandlerPlace(exchange, at: moment)
      guard refusal.isEmpty else { return refusal }
    } else {
      let pipe = BodyPipe { [weak self] count in
        guard let self else { return }
        loop.queue.async {
          self.handlerTook(count, exchange)
          self.perform { $0.delivered(count, exchange: exchange, at: $1) }
        }
      }
      bodyPipe = pipe
      request.rest = pipe
    }
    taskExchange = exchange
    changesNothing =
      ["GET", "HEAD"].contains(request.method) || pending.route.options.access == .readers
    handlerBytes = request.body.count
    task = Task { [self, request] in
      let end = await work(request)
      loop.queue.async { [self] in
        handlerEnded(exchange)
        switch end {
        case .responded(let response):
          perform { respond(response, exchange: exchange, at: $1, in: &$0) }
        case .waits(let wait): startWait(exchange, wait)
        }
      }
    }
    return []
  }

  /// Takes one of the places for handlers at work; if none is free, refuses the request.
  private func takeHandlerPlace(_ exchange: UInt64, at moment: Moment) -> [ConnectionAction] {
    let max = shared.rules.limits.deferredHandlersMax
    guard shared.acquire(shared.handlersRunning, max: max) else {
      return machine.refused(.tooManyHandlers(max: max), exchange: exchange, at: moment)
    }
    holdsHandlerPlace = true
    return []
  }

  private func handlerEnded(_ exchange: UInt64) {
    guard taskExchange == exchange else { return }
    bodyPipe = nil
    if holdsHandlerPlace { shared.release(shared.handlersRunning) }
    holdsHandlerPlace = false
    handlerBytes = 0
    if hasEnded { _ = accountBytes(0) }
  }

  /// The handler has read pieces of the body, which is what it makes of them then.
  private func handlerTook(_ count: Int, _ exchange: UInt64) {
    if taskExchange == exchange { handlerBytes = max(0, handlerBytes - count) }
  }

  private func deliver(
    _ piece: [UInt8], isLast: Bool, at moment: Moment
  ) -> [ConnectionAction] {
    // A handler that answers before the body is whole has let go of it, and of its place.
    guard let bodyPipe else { return [] }
    handlerBytes += piece.count
    bodyPipe.append(piece)
    guard isLast else { return [] }
    let refusal = takeHandlerPlace(taskExchange, at: moment)
    guard refusal.isEmpty else {
      cancelHandler(taskExchange)
      return refusal
    }
    bodyPipe.finish()
    return []
  }

  private func cancelHandler(_ exchange: UInt64) {
    guard taskExchange == exchange else { return }
    bodyPipe?.breakOff()
    task?.cancel()
  }

  /// Waits in a task of its own: that of the handler would keep the request.
  private func startWait(_ exchange: UInt64, _ wait: @escaping @Sendable () async -> HTTPResponse) {
    // The client may have left, or the deadline passed, while the handler worked.
    guard machine.isHandling(exchange: exchange) else {
      return perform { _, _ in [] }
    }
    task = Task { [self] in
      let response = await wait()
      loop.queue.async { [self] in
        perform { respond(response, exchange: exchange, at: $1, in: &$0) }
      }
    }
    perform { machine, _ in
      machine.handlerWaits(exchange: exchange)
      return []
    }
  }

  private func respond(
    _ response: HTTPResponse, exchange: UInt64, at moment: Moment
  ) -> [ConnectionAction] {
    respond(response, exchange: exchange, at: moment, in: &machine)
  }

  /// Gives the machine the response, after room for its bytes or a place for its stream was found.
  private func respond(
    _ response: HTTPResponse, exchange: UInt64, at moment: Moment,
    in machine: inout ConnectionMachine
  ) -> [ConnectionAction] {
    switch response.body {
    case .none: return machine.responded(response, exchange: exchange, at: moment)
    case .bytes(let bytes):
      // Refusals are small and are let through.
      if bytes.count > OutputQueue.smallBytes, changesNothing {
        guard shared.acquireAnswer(bytes.count) else {
          let failure = HTTPFailure.requestMemoryExhausted(bytesMax: shared.requestBytesMax)
          return machine.refused(failure, exchange: exchange, at: moment)
        }
        accountedAnswerBytes += bytes.count
      }
      return machine.responded(response, exchange: exchange, at: moment)
    case .stream: return respondWithStream(response, exchange: exchange, at: moment, in: &machine)
    }
  }

  private func respondWithStream(
    _ response: HTTPResponse, exchange: UInt64, at moment: Moment,
    in machine: inout ConnectionMachine
  ) -> [ConnectionAction] {
    let max = shared.rules.limits.streamsMax
    guard shared.acquire(shared.streamsOpen, max: max) else {
      return machine.refused(.tooManyStreams(max: max), exchange: exchange, at: moment)
    }
    let actions = machine.responded(response, exchange: exchange, at: moment)
    // A response to HEAD, or one that came too late, starts no stream.
    if !machine.isStreaming(exchange: exchange) { shared.release(shared.streamsOpen) }
    return actions
  }

  // MARK: Streams

  private func startStream(
    _ exchange: UInt64,
    _ produce: @escaping @Sendable (any HTTPBodyWriter) async throws -> Void
  ) {
    taskExchange = exchange
    let writer = ConnectionBodyWriter(connection: self, exchange: exchange)
    task = Task { [self] in
      var failure: (any Error)?
      do { try await produce(writer) } catch { failure = error }
      let isEndOfDrain = shared.isDraining && failure is CancellationError
      let isWhole = failure == nil || isEndOfDrain
      shared.release(shared.streamsOpen)
      loop.queue.async { [self] in
        perform {
          isWhole
            ? $0.streamFinished(exchange: exchange, at: $1)
            : $0.streamFailed(exchange: exchange, at: $1)
        }
      }
    }
    if shared.isDraining { task?.cancel() }
  }

  /// Sends a piece and resumes the producer now, at the low-water mark, or with an error.
  func write(
    _ bytes: [UInt8], exchange: UInt64, _ continuation: CheckedContinuation<Void, any Error>
  ) {
    perform { $0.streamWrote(bytes, exchange: exchange, at: $1) }
    guard !hasEnded, machine.isStreaming(exchange: exchange) else {
      continuation.resume(throwing: HTTPStreamClosed())
      return
    }
    if machine.isStreamPaused {
      streamWaiters.append(continuation)
    } else {
      continuation.resume()
    }
  }

  private func resumeStreamWaiters(with result: Result<Void, any Error>) {
    let waiters = streamWaiters
    streamWaiters = []
    for waiter in waiters { waiter.resume(with: result) }
  }

  // MARK: Accounts

  /// Tells the server what this connection holds; over a limit, the request is refused.
  private func account(
    _ needs: ConnectionMachine.Needs, at moment: Moment
  ) -> [ConnectionAction] {
    // A handler that nobody waits for any more still holds what it was given.
    accountAnswerBytes()
    let isFull = accountBytes(max(needs.requestBytesHeld, handlerBytes))
    if isFull {
      let failure = HTTPFailure.requestMemoryExhausted(bytesMax: shared.requestBytesMax)
      let actions = machine.overloaded(failure, at: moment)
      if !actions.isEmpty { return actions }
    }
    return accountBulk(needs.isReceivingBulk, at: moment)
  }

  /// Tells the server how many bytes are held; returns whether there are more of them now, and too
  /// many by all connections.
  private func accountBytes(_ held: Int) -> Bool {
    let growth = held - accountedBytes
    guard growth != 0 else { return false }
    accountedBytes = held
    let total = shared.requestBytesHeld.add(growth, ordering: .relaxed).newValue
    return growth > 0 && total > shared.requestBytesMax
  }

  /// Tells the server how many bytes wait to be sent.
  private func accountAnswerBytes() {
    let growth = output.bytes - accountedAnswerBytes
    guard growth != 0 else { return }
    accountedAnswerBytes = output.bytes
    shared.answerBytesHeld.add(growth, ordering: .relaxed)
  }

  private func accountBulk(_ isReceiving: Bool, at moment: Moment) -> [ConnectionAction] {
    guard isReceiving != accountedBulk else { return [] }
    if accountedBulk {
      accountedBulk = false
      shared.release(shared.bulkUploads)
      return []
    }
    let max = shared.rules.limits.bulkUploadsMax
    guard shared.acquire(shared.bulkUploads, max: max) else {
      return machine.overloaded(.tooManyBulkUploads(max: max), at: moment)
    }
    accountedBulk = true
    return []
  }

  // MARK: End

  private func end(resetting: Bool) {
    guard !hasEnded else { return }
    hasEnded = true
    output.removeAll()
    _ = account(machine.needs(), at: shared.clock.now())
    resumeStreamWaiters(with: .failure(HTTPStreamClosed()))
    if resetting { SystemSocket.resetOnClose(descriptor) }
    _ = Glibc.close(descriptor)
    loop.remove(self)
  }
}

/// Writes the pieces of one streamed response, from any thread.
struct ConnectionBodyWriter: HTTPBodyWriter {
  let connection: Connection
  let exchange: UInt64

  func write(_ bytes: [UInt8]) async throws {
    try await withCheckedThrowingContinuation { continuation in
      connection.loop.queue.async {
        connection.write(bytes, exchange: exchange, continuation)
      }
    }
  }
}
