import Dispatch
import Glibc
import HTTPCore
import Logging
import Synchronization

/// Accepts connections on one loop's queue and deals them out to all loops in turn.
///
/// Unchecked: every stored variable is touched on the first loop's queue only.
final class Listener: @unchecked Sendable {
  /// Connections beyond the limit that are still told so; beyond these they are closed unanswered.
  static let refusedAtOnceMax = 256
  /// Time for a handshake that has begun when the listener is about to close.
  private static let handshakeTime = DispatchTimeInterval.milliseconds(20)
  /// Connections taken at the close; the kernel keeps no more, and more would come without the filter.
  private static let closingAcceptsMax = 4096

  private let descriptor: Int32
  private let loops: [EventLoop]
  private let shared: ServerShared
  private let logger: Logger
  private let source: any DispatchSourceRead
  private var isSuspended = false
  private var isClosing = false
  private var isClosed = false
  private var nextLoop = 0
  private var backOff: DispatchTimeInterval { .milliseconds(backOffMilliseconds) }
  private var backOffMilliseconds = 100

  init(descriptor: Int32, loops: [EventLoop], shared: ServerShared, logger: Logger) {
    self.descriptor = descriptor
    self.loops = loops
    self.shared = shared
    self.logger = logger
    source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: loops[0].queue)
    source.setEventHandler { [weak self] in self?.acceptWaiting(atMost: 64) }
  }

  /// Begins to accept; `onClosed` is called once, when the descriptor is closed.
  func start(onClosed: @escaping @Sendable () -> Void) {
    let descriptor = descriptor
    source.setCancelHandler {
      _ = Glibc.close(descriptor)
      onClosed()
    }
    source.activate()
  }

  /// Takes no connection that begins from now on, but all that have begun, and closes.
  ///
  /// What the kernel has accepted when a socket closes is reset. So it is told first to ignore who
  /// knocks, then those in the middle of a handshake get a moment to finish it.
  func close() {
    guard !isClosing else { return }
    isClosing = true
    SystemSocket.ignoreNewConnections(descriptor)
    loops[0].queue.asyncAfter(deadline: .now() + Self.handshakeTime) { [self] in
      acceptWaiting(atMost: Self.closingAcceptsMax)
      isClosed = true
      if isSuspended { source.resume() }
      isSuspended = false
      source.cancel()
    }
  }

  private func acceptWaiting(atMost count: Int) {
    guard !isClosed, !isSuspended else { return }
    for _ in 0..<count {
      switch SystemSocket.accept(descriptor) {
      case .bytes(let accepted):
        backOffMilliseconds = 100
        deal(Int32(accepted))
      case .wouldBlock: return
      case .failed(let number):
        // accept(2): errors of the connection itself concern nobody; only a lack of means waits.
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(number) else { continue }
        return pause(after: number)
      }
    }
  }

  /// Stops accepting for a while that doubles up to 5 s, instead of spinning on the same error.
  private func pause(after number: Int32) {
    logger.warning(
      "cannot accept connections; pausing",
      metadata: [
        "reason": "\(SystemSocket.reason(number))", "milliseconds": "\(backOffMilliseconds)",
      ])
    isSuspended = true
    source.suspend()
    loops[0].queue.asyncAfter(deadline: .now() + backOff) { [weak self] in
      guard let self, isSuspended else { return }
      isSuspended = false
      source.resume()
    }
    backOffMilliseconds = min(5000, backOffMilliseconds * 2)
  }

  private func deal(_ accepted: Int32) {
    shared.connectionsAccepted.add(1, ordering: .relaxed)
    let open = shared.connectionsOpen.add(1, ordering: .acquiringAndReleasing).newValue
    let refusal = HTTPFailure.tooManyConnections(max: shared.connectionsMax)
    guard open <= shared.connectionsMax + Self.refusedAtOnceMax else {
      shared.reject(refusal.code)
      shared.release(shared.connectionsOpen)
      _ = Glibc.close(accepted)
      return
    }
    let failure = open > shared.connectionsMax ? refusal : nil
    let loop = loops[nextLoop % loops.count]
    nextLoop = (nextLoop + 1) % loops.count
    loop.queue.async { loop.adopt(accepted, refusing: failure) }
  }
}
