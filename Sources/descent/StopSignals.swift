import Dispatch
import Foundation
import Synchronization

/// SIGTERM and SIGINT: the first asks to stop, the second stops at once.
final class StopSignals: Sendable {
  private struct State {
    var isStopping = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())
  /// Kept so that they go on listening; only made and released, so that sharing them is safe.
  nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

  init() {
    sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in self?.received(number) }
      source.resume()
      return source
    }
  }

  var isStopping: Bool { state.withLock(\.isStopping) }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isStopping = state.withLock { state in
        if !state.isStopping { state.waiter = continuation }
        return state.isStopping
      }
      if isStopping { continuation.resume() }
    }
  }

  private func received(_ number: Int32) {
    let (isSecond, waiter) = state.withLock { state in
      defer { (state.isStopping, state.waiter) = (true, nil) }
      return (state.isStopping, state.waiter)
    }
    if isSecond { _exit(128 + number) }
    waiter?.resume()
  }
}

/// SIGHUP, which asks to look at files again that were moved away or changed.
final class HangUpSignal: Sendable {
  /// Kept so that it goes on listening; only made and released, so that sharing it is safe.
  nonisolated(unsafe) private let source: any DispatchSourceSignal

  init(_ handler: @escaping @Sendable () -> Void) {
    signal(SIGHUP, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
    source.setEventHandler(handler: handler)
    source.resume()
  }
}
