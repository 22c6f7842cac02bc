package import Jobs
import Synchronization

/// A clock that stands still until a test moves it.
package final class HandClock: Sendable {
  private let time = Mutex(JobTime(milliseconds: 1_700_000_000_000))

  /// Creates a clock that shows a moment in 2023.
  package init() {}

  /// The time it shows.
  package var now: JobTime { time.withLock { $0 } }

  /// Moves it forward.
  package func advance(by duration: Duration) {
    time.withLock { $0 = $0 + duration }
  }

  /// The form in which stores take it.
  package var read: JobClock { { self.now } }
}

/// What every ``JobStore`` promises, in code.
///
/// ``promises`` are small stories; ``compare(_:with:clock:seed:steps:)`` does random operations on
/// a store and on the reference model and compares every reply and, at the end, everything.
package enum JobStoreConformance {
  /// A store did not do what it promises.
  package struct Violation: Error, CustomStringConvertible {
    /// What was expected and what came.
    package let description: String
  }

  /// One promise, told as a story.
  package struct Promise: Sendable, CustomStringConvertible {
    /// The promise as a sentence.
    package let description: String
    /// Throws a ``Violation`` if an empty store with that clock breaks it.
    package let check: @Sendable (any JobStore, HandClock) async throws -> Void
  }

  /// Does the same random operations on both and compares.
  ///
  /// - Parameters:
  ///   - store: The store in question, empty, with that clock.
  ///   - model: The reference model, empty, with that clock.
  ///   - clock: Moved by the operations.
  ///   - seed: Chooses the operations.
  ///   - steps: How many.
  /// - Throws: ``Violation`` naming seed and step.
  package static func compare(
    _ store: any JobStore, with model: any JobStore, clock: HandClock, seed: UInt64, steps: Int
  ) async throws {
    var source = RandomOperations(seed: seed)
    for step in 1...steps {
      let operation = source.next(clock: clock)
      let expected = await operation.reply(of: model)
      let actual = await operation.reply(of: store)
      source.learn(from: expected)
      try expect(
        actual == expected,
        "seed \(seed), step \(step), \(operation): expected \(expected), got \(actual)")
    }
    try await compareEverything(store, model, source.ids, "seed \(seed), at the end")
  }

  /// Compares all jobs, their events and details, the lists and the counts.
  private static func compareEverything(
    _ store: any JobStore, _ model: any JobStore, _ ids: [JobID], _ place: String
  ) async throws {
    var looks: [StoreOperation] = [.counts]
    for order in JobQuery.Order.allCases {
      looks.append(.list(JobQuery(limit: 1000, order: order), .all))
    }
    for id in ids {
      looks += [
        .get(id, .all), .details(id, .all), .events(id, after: 0, limit: 10_000, .all),
      ]
    }
    for look in looks {
      let (expected, actual) = (await look.reply(of: model), await look.reply(of: store))
      try expect(actual == expected, "\(place), \(look): expected \(expected), got \(actual)")
      if case .events(let events) = actual {
        try expect(events.map(\.id) == Array(1...events.count), "\(place): \(look) has gaps")
      }
    }
  }

  /// Throws a ``Violation`` unless the condition holds.
  static func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    guard condition else { throw Violation(description: message()) }
  }
}

/// One call of a store, as a value.
enum StoreOperation: Sendable {
  case submit(NewJob, queuedJobsMax: Int)
  case claim
  case renew(JobClaim, JobReport)
  case finish(JobClaim, JobEnding, JobReport)
  case release(JobClaim, JobReport)
  case interrupt(JobClaim, JobFailure, JobReport)
  case cancel(JobID, JobAccess)
  case pause(JobID, JobAccess)
  case resume(JobID, JobAccess)
  case rescue(LostJobs)
  case purge(Duration, limit: Int)
  case timeUntilDue
  case delete(JobID, JobAccess)
  case get(JobID, JobAccess)
  case list(JobQuery, JobAccess)
  case details(JobID, JobAccess)
  case events(JobID, after: Int, limit: Int, JobAccess)
  case counts

  /// What a store answered, as a value that can be compared.
  enum Reply: Hashable, Sendable {
    case submitted(Job, isReplay: Bool)
    case job(Job?)
    case jobs([Job])
    case cancellation(JobCancellation)
    case page(JobPage)
    case details([UInt8]?)
    case events([JobEvent])
    case counts(JobCounts)
    case ids([JobID])
    case time(Duration?)
    case done
    case refused(JobStoreError)
  }

  func reply(of store: any JobStore) async -> Reply {
    do {
      return try await answer(of: store)
    } catch {
      return .refused(error)
    }
  }

  private func answer(of store: any JobStore) async throws(JobStoreError) -> Reply {
    switch self {
    case .submit(let new, let queuedJobsMax):
      let reply = try await store.submit(new, queuedJobsMax: queuedJobsMax)
      return .submitted(reply.job, isReplay: reply.isReplay)
    case .claim: return .job(try await store.claim(worker: "worker"))
    case .renew(let claim, let report):
      return .job(try await store.renew(claim, report: report))
    case .finish(let claim, let ending, let report):
      return .job(try await store.finish(claim, as: ending, report: report))
    case .release(let claim, let report):
      return .job(try await store.release(claim, report: report))
    case .cancel(let id, let access):
      return .cancellation(try await store.cancel(id, for: access))
    case .interrupt(let claim, let failure, let report):
      return .job(try await store.interrupt(claim, because: failure, report: report))
    case .pause(let id, let access): return .job(try await store.pause(id, for: access))
    case .resume(let id, let access): return .job(try await store.resume(id, for: access))
    case .rescue(let lost): return .jobs(try await store.rescue(lost))
    case .purge(let age, let limit):
      return .ids(try await store.purge(endedFor: age, limit: limit))
    case .timeUntilDue: return .time(try await store.timeUntilDue())
    case .delete(let id, let access):
      try await store.delete(id, for: access)
      return .done
    case .get(let id, let access): return .job(try await store.job(id, for: access))
    case .list(let query, let access):
      return .page(try await store.jobs(matching: query, for: access))
    case .details(let id, let access):
      return .details(try await store.details(of: id, for: access))
    case .events(let id, let after, let limit, let access):
      return .events(
        try await store.events(of: id, after: after, limit: limit, for: access))
    case .counts: return .counts(try await store.counts())
    }
  }
}
