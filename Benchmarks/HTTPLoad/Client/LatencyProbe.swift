import Foundation
import Synchronization

/// A well-behaved client on a thread of its own, which asks at a fixed pace how fast the server is.
///
/// A request that could not be sent in time, because the one before it was not answered yet, counts
/// from when it should have been sent.
final class LatencyProbe: Sendable {
  private struct State {
    var latencies = Latencies()
    var failures: [String] = []
    var isStopped = false
    var hasEnded = false
  }

  private let state = Mutex(State())

  /// Begins to ask.
  ///
  /// - Parameters:
  ///   - address: The server.
  ///   - paths: What is asked for, in turn.
  ///   - interval: Seconds from one request to the next.
  init(_ address: LoopbackAddress, paths: [String] = ["/livez"], interval: Double = 0.005) {
    let requests = paths.map { Request("GET", $0) }
    Thread { [self] in
      ask(Client(address), requests, interval)
      state.withLock { $0.hasEnded = true }
    }.start()
  }

  /// Ends the asking and gives what was measured.
  ///
  /// - Throws: ``LoadError`` if a request failed or was answered by anything but 200.
  func stop() throws -> Latencies {
    state.withLock { $0.isStopped = true }
    while !state.withLock({ $0.hasEnded }) { rest(until: now() + 0.01) }
    let (latencies, failures) = state.withLock { ($0.latencies, $0.failures) }
    if let first = failures.first {
      throw LoadError("\(failures.count) healthy requests failed, the first: \(first)")
    }
    return latencies
  }

  private func ask(_ client: Client, _ requests: [Request], _ interval: Double) {
    var due = now()
    var count = 0
    while !state.withLock({ $0.isStopped }) {
      let isLate = now() > due
      rest(until: due)
      let start = isLate ? due : now()
      // Now and then a new connection, which must be accepted too.
      if count.isMultiple(of: 50) { client.close() }
      var failure: String?
      do {
        let response = try client.answer(requests[count % requests.count])
        if response.status != 200 { failure = "status \(response.status)" }
      } catch {
        failure = "\(error)"
      }
      let latency = now() - start
      state.withLock { state in
        state.latencies.add(latency)
        if let failure { state.failures.append(failure) }
      }
      count += 1
      due += interval
    }
  }
}
