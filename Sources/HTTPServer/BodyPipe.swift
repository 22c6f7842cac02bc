import HTTPCore
import Synchronization

/// Carries the rest of a body from a connection's loop to the handler that reads it.
///
/// It holds what was received and not read yet; the connection stops receiving when that is much, and
/// `onTaken` tells it, from any thread, how much the handler has taken.
final class BodyPipe: HTTPBodyReader {
  private enum End {
    case whole
    case brokenOff
  }

  private struct State {
    var pieces: [[UInt8]] = []
    var end: End?
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())
  private let onTaken: @Sendable (Int) -> Void

  init(onTaken: @escaping @Sendable (Int) -> Void) {
    self.onTaken = onTaken
  }

  func next() async throws(HTTPBodyBrokenOff) -> [UInt8]? {
    while true {
      let (pieces, end) = state.withLock { state in
        defer { state.pieces = [] }
        return (state.pieces, state.end)
      }
      if end == .brokenOff { throw HTTPBodyBrokenOff() }
      if !pieces.isEmpty {
        let bytes = pieces.count == 1 ? pieces[0] : Array(pieces.joined())
        onTaken(bytes.count)
        return bytes
      }
      if end == .whole { return nil }
      await somethingCame()
    }
  }

  /// Suspends until there is a piece or an end; one reader at a time.
  private func somethingCame() async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        let isThere = !state.pieces.isEmpty || state.end != nil
        if !isThere { state.waiter = continuation }
        return isThere
      }
      if isThere { continuation.resume() }
    }
  }

  /// Adds a piece.
  func append(_ piece: [UInt8]) {
    change { if !piece.isEmpty { $0.pieces.append(piece) } }
  }

  /// The body is whole.
  func finish() {
    change { $0.end = $0.end ?? .whole }
  }

  /// Nothing will follow and the body is not whole; what is there is thrown away.
  func breakOff() {
    change {
      $0.pieces = []
      $0.end = .brokenOff
    }
  }

  private func change(_ body: (inout sending State) -> Void) {
    let waiter = state.withLock { state in
      body(&state)
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }
}
