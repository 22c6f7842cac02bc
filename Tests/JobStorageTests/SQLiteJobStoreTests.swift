import Dispatch
import Foundation
import GRDB
import Jobs
import TestSupport
import Testing

@testable import JobStorage

@Suite("SQLiteJobStore")
struct SQLiteJobStoreTests {
  private let scratch: Scratch
  private let clock = HandClock()
  private var path: String { scratch.path + "/jobs.sqlite" }

  init() throws {
    scratch = try Scratch()
  }

  @Test("keeps every promise of a store", arguments: JobStoreConformance.allPromises)
  func keepsPromises(promise: JobStoreConformance.Promise) async throws {
    try await promise.check(SQLiteJobStore(path: path, clock: clock.read), clock)
  }

  @Test("answers random operations as the model does", arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func agreesWithTheModel(seed: UInt64) async throws {
    try await JobStoreConformance.compare(
      SQLiteJobStore(path: path, clock: clock.read),
      with: InMemoryJobStore(clock: clock.read), clock: clock, seed: seed, steps: 1500)
  }

  @Test("waits for the disk at every commit, and refuses a connection that does not")
  func isDurable() async throws {
    let store = try SQLiteJobStore(path: path)
    let synchronous = try await store.commits.read { database in
      try Int.fetchOne(database, sql: "PRAGMA synchronous")
    }
    #expect(synchronous == 2)
    let mode = try await store.commits.read { database in
      try String.fetchOne(database, sql: "PRAGMA journal_mode")
    }
    #expect(mode == "wal")
    await store.close()
    let weak = try DatabaseQueue(path: path)
    try weak.inDatabase { try $0.execute(sql: "PRAGMA synchronous = NORMAL") }
    #expect(throws: JobStoreError.notDurable(path: path, synchronous: 1)) {
      try SQLiteJobStore.checkDurable(weak, path: path)
    }
  }

  @Test("finds everything after it was opened again, and rescues what was running")
  func survivesReopening() async throws {
    let first = try SQLiteJobStore(path: path, clock: clock.read)
    for _ in 1...3 { _ = try await first.submit(NewJob(id: JobID.next(), request: [1])) }
    let ended = try #require(try await first.claim(worker: "a"))
    let result = StoredResult(summary: [1], details: [2])
    _ = try await first.finish(ended.claim, as: .succeeded(result), report: JobReport())
    let running = try #require(try await first.claim(worker: "a"))
    let before = try await first.jobs(matching: JobQuery())
    await first.close()
    let second = try SQLiteJobStore(path: path, clock: clock.read)
    #expect(try await second.jobs(matching: JobQuery()) == before)
    #expect(try await second.details(of: ended.id) == [2])
    #expect(try await second.rescue().map(\.id) == [running.id])
    #expect(try await second.claim(worker: "a")?.id == running.id)
  }

  @Test("a database of a newer version is refused")
  func refusesNewer() async throws {
    await (try SQLiteJobStore(path: path)).close()
    let database = try DatabaseQueue(path: path)
    try await database.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999 unheard of')")
    }
    try database.close()
    #expect(throws: JobStoreError.newerSchema(path: path)) { try SQLiteJobStore(path: path) }
  }

  @Test("a claim looks into the index of waiting jobs and sorts nothing")
  func claimUsesItsIndex() async throws {
    let store = try SQLiteJobStore(path: path)
    func plan(_ sql: String, _ arguments: StatementArguments) async throws -> [String] {
      try await store.commits.read { database in
        try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments)
          .map { row -> String in row["detail"] }
      }
    }
    #expect(
      try await plan(SQLiteJobStore.firstOfOwnerSQL, ["a", 0])
        == ["SEARCH job USING INDEX job_waiting (<expr>=?)"])
    #expect(
      try await plan(SQLiteJobStore.nextOwnerSQL, ["a"])
        == ["SEARCH job USING INDEX job_waiting (<expr>>?)"])
    #expect(
      try await plan(SQLiteJobStore.firstDueSQL, []) == ["SCAN job USING INDEX job_due"])
    #expect(
      try await plan(SQLiteJobStore.endedSQL, [0, 1])
        == ["SEARCH job USING COVERING INDEX job_ended (finished_at<?)"])
  }

  @Test("what is asked of an owner's jobs is found in an index, not among all jobs")
  func ownersHaveIndices() async throws {
    let store = try SQLiteJobStore(path: path)
    func plan(_ sql: String, _ arguments: StatementArguments) async throws -> [String] {
      try await store.commits.read { database in
        try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments)
          .map { row -> String in row["detail"] }
      }
    }
    let (list, arguments) = SQLiteJobStore.statement(for: JobQuery(), .owner("a"))
    #expect(try await plan(list, arguments) == ["SEARCH job USING INDEX job_by_owner (owner=?)"])
    #expect(
      try await plan(SQLiteJobStore.queuedOfOwnerSQL, ["a"])
        == ["SEARCH job USING COVERING INDEX job_queued_by_owner (owner=? AND status=?)"])
  }

  @Test("a database of the first version keeps its jobs and idempotency keys, as nobody's")
  func migratesOwners() async throws {
    let key = JobIdempotency(key: "k", fingerprint: "f")
    let id = JobID.next()
    let old = try DatabaseQueue(path: path)
    try Schema.migrator.migrate(old, upTo: "1 jobs")
    try await old.write { database in
      try database.execute(
        sql: """
          INSERT INTO job (id, status, created_at, run_at, events, request)
            VALUES (?, 'queued', 5, 5, 1, x'07');
          INSERT INTO event (job_id, id, type, created_at, data) VALUES (?, 1, 'status', 5, x'');
          INSERT INTO idempotency (key, fingerprint, job_id, created_at) VALUES ('k', 'f', ?, 5);
          """, arguments: [id.description, id.description, id.description])
    }
    try old.close()
    let store = try SQLiteJobStore(path: path, clock: { JobTime(milliseconds: 6) })
    let job = try #require(try await store.job(id))
    #expect(job.owner == nil && job.request == [7] && job.status == .queued)
    #expect(try await store.events(of: id, after: 0, limit: 9).map(\.type) == ["status"])
    #expect(try await store.job(id, for: .owner("a")) == nil)
    let again = try await store.submit(NewJob(id: JobID.next(), request: [7], idempotency: key))
    #expect(again.isReplay && again.job.id == id)
    let owner = JobOwner(name: "a", queuedJobsMax: 1)
    let own = NewJob(id: JobID.next(), request: [7], idempotency: key, owner: owner)
    #expect(try await store.submit(own).isReplay == false)
    #expect(try await store.claim(worker: "w")?.id == id)
  }

  @Test("times do not step back with the wall clock, nor does a job wait for it")
  func clockStepsBack() async throws {
    let first = try SQLiteJobStore(path: path, clock: { JobTime(milliseconds: 9000) })
    let job = try await first.submit(NewJob(id: JobID.next(), request: [])).job
    await first.close()
    let second = try SQLiteJobStore(path: path, clock: { JobTime(milliseconds: 10) })
    let claimed = try await second.claim(worker: "a")
    #expect(claimed?.id == job.id && claimed?.startedAt == job.createdAt)
  }

  @Test("submissions at once share commits, and one that is refused leaves the others alone")
  func sharesCommits() async throws {
    let store = try SQLiteJobStore(path: path)
    let stored = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask {
          let key = JobIdempotency(
            key: number.isMultiple(of: 2) ? "same" : "\(number)", fingerprint: "\(number)")
          let new = NewJob(id: JobID.next(), request: [], idempotency: key)
          // Refusals are what this test makes; each is counted.
          return (try? await store.submit(new)) != nil
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(stored == 101)
    #expect(try await store.counts()[.queued] == 101)
  }

  @Test("a full database refuses what does not fit, keeps the rest, and goes on when there is room")
  func survivesFullDatabase() async throws {
    let store = try SQLiteJobStore(path: path)
    let small = NewJob(id: JobID.next(), request: [1])
    _ = try await store.submit(small)
    try await store.limitPages(added: 4)
    let large = NewJob(id: JobID.next(), request: Array(repeating: 1, count: 100_000))
    async let refused: JobStoreError? = store.refusal(of: large)
    async let others = withTaskGroup(of: JobStoreError?.self) { group in
      for _ in 1...3 {
        group.addTask { await store.refusal(of: NewJob(id: JobID.next(), request: [2])) }
      }
      return await group.reduce(into: [JobStoreError?]()) { $0.append($1) }
    }
    #expect(await refused == .full(path: path))
    #expect(await others == [nil, nil, nil])
    try await store.limitPages(added: 1_000_000)
    #expect(await store.refusal(of: large) == nil)
    #expect(try await store.counts()[.queued] == 5)
  }

  @Test("a transaction that takes its whole group back with it costs the others nothing")
  func survivesLostGroup() async throws {
    let store = try SQLiteJobStore(path: path)
    let gate = DispatchSemaphore(value: 0)
    async let held: Void = store.commits.read { _ in gate.wait() }
    async let first = store.refusal(of: NewJob(id: JobID.next(), request: [1]))
    while store.commits.waitingCount < 1 { await Task.yield() }
    // SQLite does this of its own accord when it cannot undo one statement alone.
    let lost = Task {
      try await store.commits.write { (database: Database) -> Void in
        try database.execute(sql: "ROLLBACK")
        throw DatabaseError(resultCode: .SQLITE_FULL)
      }
    }
    while store.commits.waitingCount < 2 { await Task.yield() }
    async let last = store.refusal(of: NewJob(id: JobID.next(), request: [2]))
    while store.commits.waitingCount < 3 { await Task.yield() }
    gate.signal()
    try await held
    let refusals = await [first, last]
    #expect(refusals == [nil, nil])
    await #expect(throws: JobStoreError.full(path: path)) { try await lost.value }
    #expect(try await store.counts()[.queued] == 2)
    #expect(try await store.jobs(matching: JobQuery()).jobs.count == 2)
  }

  @Test("the schema refuses a running job without an owner")
  func schemaGuards() async throws {
    let store = try SQLiteJobStore(path: path)
    let new = NewJob(id: JobID.next(), request: [])
    _ = try await store.submit(new)
    await #expect(throws: JobStoreError.self) {
      try await store.commits.write { try $0.execute(sql: "UPDATE job SET status = 'running'") }
    }
    #expect(try await store.job(new.id)?.status == .queued)
  }
}

extension SQLiteJobStore {
  /// Lets the database grow by so many pages and no more.
  fileprivate func limitPages(added: Int) async throws {
    try await commits.read { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pages + added)")
    }
  }

  /// Returns why a submission was refused, or nil if it was stored.
  fileprivate func refusal(of new: NewJob) async -> JobStoreError? {
    do {
      _ = try await submit(new)
      return nil
    } catch {
      return error
    }
  }
}
