import Dispatch
import GRDB
import Jobs
import Synchronization

/// Runs transactions on a queue of their own, and commits those that wait together at once.
///
/// A commit waits for the disk. While it waits others gather, and the next commit takes them all:
/// one wait for many. Each transaction is a savepoint, so that one which is refused leaves the
/// others alone; none is acknowledged before the commit that holds it.
final class GroupCommit: Sendable {
  private let database: DatabaseQueue
  private let path: String
  private let queue = DispatchQueue(label: "job-store")
  private let state = Mutex(State())

  /// So many transactions share a commit at most, so that the first does not wait for ever.
  static let transactionsMax = 256

  init(database: DatabaseQueue, path: String) {
    self.database = database
    self.path = path
  }

  /// Runs a transaction, and returns what it returns once it is durable.
  ///
  /// It may run more than once, so its only effects are on the database.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(JobStoreError) -> Value {
    let result: Result<Value, JobStoreError> = await withCheckedContinuation { continuation in
      enqueue(
        Transaction(
          run: { database in
            let value = try body(database)
            return { continuation.resume(returning: .success(value)) }
          },
          fail: { continuation.resume(returning: .failure($0)) }))
    }
    return try result.get()
  }

  /// Runs a query after all that was written before.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(JobStoreError) -> Value {
    let result: Result<Value, JobStoreError> = await withCheckedContinuation { continuation in
      queue.async { [self] in
        continuation.resume(returning: Result { () throws(JobStoreError) in try readNow(body) })
      }
    }
    return try result.get()
  }

  /// How many transactions wait for the next commit.
  var waitingCount: Int { state.withLock(\.count) }

  /// Waits for what was asked before, then closes the database.
  func close() async {
    await withCheckedContinuation { continuation in
      queue.async { [self] in
        drain()
        state.withLock { $0.isClosed = true }
        // Only an open statement could make closing fail, and there is none here; the end of the
        // process closes the file in any case.
        try? database.close()
        continuation.resume()
      }
    }
  }

  private func enqueue(_ transaction: Transaction) {
    guard state.withLock({ $0.add(transaction) }) else { return }
    queue.async { [self] in drain() }
  }

  private func readNow<Value>(
    _ body: (Database) throws -> Value
  ) throws(JobStoreError) -> Value {
    guard !state.withLock(\.isClosed) else { throw .closed }
    do {
      return try database.read(body)
    } catch {
      throw JobStoreError(error, path: path)
    }
  }

  private func drain() {
    while true {
      let group = state.withLock { $0.take(Self.transactionsMax) }
      guard !group.isEmpty else { return }
      commit(group)
    }
  }

  private func commit(_ group: [Transaction]) {
    guard !state.withLock(\.isClosed) else {
      for transaction in group { transaction.fail(.closed) }
      return
    }
    do {
      for reply in try replies(committing: group) { reply() }
    } catch {
      guard let only = group.first, group.count == 1 else {
        // Nothing of the group was kept. Alone, each fails or succeeds for reasons of its own.
        for transaction in group { commit([transaction]) }
        return
      }
      only.fail(JobStoreError(error, path: path))
    }
  }

  /// Commits the group and returns what is to be told then.
  private func replies(committing group: [Transaction]) throws -> [() -> Void] {
    try database.writeWithoutTransaction { database in
      var replies: [() -> Void] = []
      try database.inTransaction(.immediate) {
        for transaction in group {
          replies.append(try reply(of: transaction, in: database))
        }
        return .commit
      }
      return replies
    }
  }

  private func reply(of transaction: Transaction, in database: Database) throws -> () -> Void {
    var reply: () -> Void = {}
    do {
      try database.inSavepoint {
        reply = try transaction.run(database)
        return .commit
      }
    } catch {
      // A full disk makes SQLite roll back the whole transaction, and the others with it.
      guard database.isInsideTransaction else { throw error }
      let refusal = JobStoreError(error, path: path)
      return { transaction.fail(refusal) }
    }
    return reply
  }

  /// One transaction that waits.
  private struct Transaction: Sendable {
    /// Does the work and returns how to tell its result.
    let run: @Sendable (Database) throws -> @Sendable () -> Void
    /// Tells why it did not happen.
    let fail: @Sendable (JobStoreError) -> Void
  }

  private struct State {
    var isClosed = false
    private var waiting: [Transaction] = []

    var count: Int { waiting.count }

    /// Returns whether the queue must be told.
    mutating func add(_ transaction: Transaction) -> Bool {
      waiting.append(transaction)
      return waiting.count == 1
    }

    mutating func take(_ count: Int) -> [Transaction] {
      defer { waiting.removeFirst(min(count, waiting.count)) }
      return Array(waiting.prefix(count))
    }
  }
}
