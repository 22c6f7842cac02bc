import Dispatch
import Foundation
import Synchronization

/// A fixed number of threads outside Swift's cooperative pool, which wait for work without
/// polling.
final class WorkerPool: Sendable {
  private let waiting = Mutex<[@Sendable () -> Void]>([])
  private let available = DispatchSemaphore(value: 0)
  let count: Int

  /// Large enough for deep recursion over a graph; Foundation's default differs by platform.
  private static let stackBytes = 8 << 20

  /// Creates a pool without threads.
  init(count: Int) {
    precondition(count > 0, "A pool has at least one worker")
    self.count = count
  }

  /// Starts the threads.
  func start() {
    for number in 1...count {
      let thread = Thread { [self] in work() }
      thread.stackSize = Self.stackBytes
      thread.name = "worker-\(number)"
      thread.start()
    }
  }

  /// Gives one piece of work to the next free thread.
  func perform(_ work: @escaping @Sendable () -> Void) {
    waiting.withLock { $0.append(work) }
    available.signal()
  }

  /// Lets each thread end once nothing waits.
  func close() {
    for _ in 0..<count { available.signal() }
  }

  private func work() {
    while true {
      available.wait()
      // An announcement without work is the sign to end.
      guard let work = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return }
      work()
    }
  }
}

/// A few serial queues for calls that block on the disk, so that they do not hold up Swift's
/// cooperative pool.
final class BlockingQueues: Sendable {
  private let queues: [DispatchQueue]
  private let turn = Atomic<Int>(0)

  /// Creates that many queues.
  init(count: Int) {
    queues = (0..<count).map { DispatchQueue(label: "blocking-\($0)") }
  }

  /// Runs the work on the queue whose turn it is, and returns what it returns.
  func run<Value: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let (number, _) = turn.wrappingAdd(1, ordering: .relaxed)
    let queue = queues[Int(UInt(bitPattern: number) % UInt(queues.count))]
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
      queue.async {
        continuation.resume(returning: Result { () throws(Failure) in try work() })
      }
    }
    return try result.get()
  }
}
