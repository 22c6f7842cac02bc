import Synchronization

/// Wakes those who wait for changes of a job.
final class ChangeHub: Sendable {
  private let state = Mutex(State())
  private let forgetting = Mutex<@Sendable (JobID) -> Void>({ _ in })

  /// Has a handler called for each job that is forgotten.
  func onForget(_ handler: @escaping @Sendable (JobID) -> Void) {
    forgetting.withLock { $0 = handler }
  }

  /// Returns a stream with one wake-up at once and one after changes.
  ///
  /// It ends when the job is forgotten or the hub closes.
  func changes(of id: JobID) -> AsyncStream<Void> {
    subscribe(to: id).stream
  }

  /// Returns such a stream, and the means to end it early.
  func subscribe(
    to id: JobID
  ) -> (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation) {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { $0.add(continuation, for: id) }
    guard let number else {
      continuation.yield()
      continuation.finish()
      return (stream, continuation)
    }
    continuation.onTermination = { [weak self] _ in self?.remove(number, of: id) }
    continuation.yield()
    return (stream, continuation)
  }

  /// Something about the job has changed.
  func wake(_ id: JobID) {
    for continuation in state.withLock({ $0.continuations(of: id) }) { continuation.yield() }
  }

  /// The job is forgotten.
  func finish(_ id: JobID) {
    forgetting.withLock { $0 }(id)
    for continuation in state.withLock({ $0.removeAll(of: id) }) { continuation.finish() }
  }

  /// Nothing will change any more.
  func close() {
    for continuation in state.withLock({ $0.close() }) { continuation.finish() }
  }

  /// How many wait for the job.
  func waiting(for id: JobID) -> Int { state.withLock { $0.continuations(of: id).count } }

  private func remove(_ number: Int, of id: JobID) {
    state.withLock { $0.remove(number, of: id) }
  }

  /// Who waits for what.
  ///
  /// Continuations are called outside the lock, since they may call back.
  private struct State {
    private var waiting: [JobID: [Int: AsyncStream<Void>.Continuation]] = [:]
    private var lastNumber = 0
    private var isClosed = false

    mutating func add(_ continuation: AsyncStream<Void>.Continuation, for id: JobID) -> Int? {
      guard !isClosed else { return nil }
      lastNumber += 1
      waiting[id, default: [:]][lastNumber] = continuation
      return lastNumber
    }

    func continuations(of id: JobID) -> [AsyncStream<Void>.Continuation] {
      waiting[id].map { Array($0.values) } ?? []
    }

    mutating func remove(_ number: Int, of id: JobID) {
      waiting[id]?[number] = nil
      if waiting[id]?.isEmpty == true { waiting[id] = nil }
    }

    mutating func removeAll(of id: JobID) -> [AsyncStream<Void>.Continuation] {
      waiting.removeValue(forKey: id).map { Array($0.values) } ?? []
    }

    mutating func close() -> [AsyncStream<Void>.Continuation] {
      isClosed = true
      defer { waiting = [:] }
      return waiting.values.flatMap(\.values)
    }
  }
}
