import HTTPCore
import Synchronization

/// The counters of a server at one moment.
package struct ServerMetrics: Sendable, Hashable {
  /// Connections accepted so far, refused ones included.
  package var connectionsAccepted = 0
  package var connectionsOpen = 0
  /// Requests answered so far, refusals included.
  package var requestsAnswered = 0
  package var handlersRunning = 0
  package var streamsOpen = 0
  package var bulkUploads = 0
  /// Bytes of requests, and of answers that wait to be sent, in memory.
  package var requestBytesHeld = 0
  /// Bytes of answers that wait to be sent.
  package var answerBytesHeld = 0
  /// Refusals so far by ``HTTPFailure/code``, or by the code of what was not admitted.
  package var rejected: [String: Int] = [:]
}

/// What all connections of a server share; safe from every thread.
final class ServerShared: Sendable {
  let rules: ConnectionRules
  let clock: ServerClock
  let connectionsMax: Int
  let requestBytesMax: Int
  let onAnswer: (@Sendable (ExchangeRecord) -> Void)?
  let draining = Atomic(false)
  /// Makes the ids of requests differ from those of other servers and other starts.
  let requestIDPrefix = String(UInt64.random(in: (1 << 60)...UInt64.max), radix: 16)

  let connectionsAccepted = Atomic(0)
  let connectionsOpen = Atomic(0)
  let statistics = Mutex(RequestStatistics())
  let requestsAnswered = Atomic(0)
  let handlersRunning = Atomic(0)
  let streamsOpen = Atomic(0)
  let bulkUploads = Atomic(0)
  let requestBytesHeld = Atomic(0)
  let answerBytesHeld = Atomic(0)
  private let rejected = Mutex<[String: Int]>([:])

  init(
    rules: ConnectionRules, clock: ServerClock, onAnswer: (@Sendable (ExchangeRecord) -> Void)?
  ) {
    self.rules = rules
    self.clock = clock
    self.onAnswer = onAnswer
    // 512 descriptors are left for files, the store and the listener.
    let descriptors = max(64, SystemSocket.raiseDescriptorLimit() - 512)
    connectionsMax = min(rules.limits.connectionsMax, descriptors)
    requestBytesMax = rules.limits.requestBytesMax ?? .max
  }

  var isDraining: Bool { draining.load(ordering: .acquiring) }

  func reject(_ code: String) {
    rejected.withLock { $0[code, default: 0] += 1 }
  }

  func answered(_ record: ExchangeRecord) {
    requestsAnswered.add(1, ordering: .relaxed)
    statistics.withLock { $0.count(record) }
    onAnswer?(record)
  }

  /// Takes room for an answer of so many bytes; false if there is none.
  ///
  /// Answers have half of what requests may hold, so that clients who read slowly keep nobody from
  /// sending. One may always wait alone.
  func acquireAnswer(_ bytes: Int) -> Bool {
    let (held, total) = answerBytesHeld.add(bytes, ordering: .relaxed)
    if held == 0 || total <= requestBytesMax / 2 { return true }
    answerBytesHeld.subtract(bytes, ordering: .relaxed)
    return false
  }

  /// Takes one of `max` places; false if none is free.
  func acquire(_ counter: borrowing Atomic<Int>, max: Int) -> Bool {
    if counter.add(1, ordering: .acquiringAndReleasing).newValue <= max { return true }
    counter.subtract(1, ordering: .acquiringAndReleasing)
    return false
  }

  func release(_ counter: borrowing Atomic<Int>) {
    counter.subtract(1, ordering: .acquiringAndReleasing)
  }

  var metrics: ServerMetrics {
    ServerMetrics(
      connectionsAccepted: connectionsAccepted.load(ordering: .relaxed),
      connectionsOpen: connectionsOpen.load(ordering: .acquiring),
      requestsAnswered: requestsAnswered.load(ordering: .relaxed),
      handlersRunning: handlersRunning.load(ordering: .acquiring),
      streamsOpen: streamsOpen.load(ordering: .acquiring),
      bulkUploads: bulkUploads.load(ordering: .acquiring),
      requestBytesHeld: requestBytesHeld.load(ordering: .relaxed),
      answerBytesHeld: answerBytesHeld.load(ordering: .relaxed),
      rejected: rejected.withLock { $0 })
  }
}
