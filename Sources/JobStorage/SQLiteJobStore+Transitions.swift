import Foundation
import GRDB
package import Jobs

extension SQLiteJobStore: JobStore {
  package func submit(
    _ new: NewJob, queuedJobsMax: Int
  ) async throws(JobStoreError) -> (job: Job, isReplay: Bool) {
    try await commits.write { [clock] database in
      let now = clock.now()
      try Self.forgetOldKeys(at: now, in: database)
      if let idempotency = new.idempotency,
        let known = try Self.remembered(idempotency, of: new.owner?.name, at: now, in: database)
      {
        return (try JobRow.get(known, in: database).job, true)
      }
      if let parent = new.parent {
        _ = try JobRow.get(parent, for: new.parentAccess, in: database)
      }
      try Self.checkQueue(new.owner, queuedJobsMax: queuedJobsMax, in: database)
      return (try Self.insert(new, at: now, in: database), false)
    }
  }

  package func checkRoom(
    for owner: JobOwner?, _ idempotency: JobIdempotency?, queuedJobsMax: Int
  ) async throws(JobStoreError) {
    try await commits.read { [clock] database in
      let now = clock.now()
      if let idempotency,
        try Self.remembered(idempotency, of: owner?.name, at: now, in: database) != nil
      {
        return
      }
      try Self.checkQueue(owner, queuedJobsMax: queuedJobsMax, in: database)
    }
  }

  package func claim(worker: String) async throws(JobStoreError) -> Job? {
    try await commits.write { [clock] database in
      let now = clock.now()
      guard var row = try Self.next(at: now, in: database) else { return nil }
      guard case .store(let change) = row.machine.claim() else { return nil }
      row.worker = worker
      try row.follow(change, report: JobReport(), at: now, in: database)
      try row.update(at: now, in: database)
      try Self.beginAttempt(row, at: now, in: database)
      return row.job
    }
  }

  package func renew(_ claim: JobClaim, report: JobReport) async throws(JobStoreError) -> Job {
    try await commits.write { [clock] database in
      try Self.change(claim, report, at: clock.now(), in: database) { row in
        row.machine.renew(epoch: claim.epoch, hasCheckpoint: row.job.isAdvanced(by: report))
      }
    }
  }

  package func finish(
    _ claim: JobClaim, as ending: JobEnding, report: JobReport
  ) async throws(JobStoreError) -> Job {
    try await commits.write { [clock] database in
      try Self.change(claim, report, at: clock.now(), in: database) { row in
        let action = row.machine.finish(epoch: claim.epoch, as: ending.status)
        if case .store = action { try row.keep(ending, in: database) }
        return action
      }
    }
  }

  package func release(_ claim: JobClaim, report: JobReport) async throws(JobStoreError) -> Job {
    try await commits.write { [clock] database in
      try Self.change(claim, report, at: clock.now(), in: database) { row in
        row.machine.release(epoch: claim.epoch, hasCheckpoint: row.job.isAdvanced(by: report))
      }
    }
  }

  package func interrupt(
    _ claim: JobClaim, because failure: JobFailure, report: JobReport
  ) async throws(JobStoreError) -> Job {
    try await commits.write { [clock] database in
      try Self.change(
        claim, report, at: clock.now(), in: database, leaving: "interrupted"
      ) { row in
        row.machine.interrupt(
          epoch: claim.epoch, because: failure, hasCheckpoint: row.job.isAdvanced(by: report))
      }
    }
  }

  package func pause(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job {
    try await commits.write { [clock] database in
      let row = try JobRow.get(id, for: access, in: database)
      return try Self.change(row, JobReport(), at: clock.now(), in: database) {
        $0.machine.pause()
      }
    }
  }

  package func resume(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job {
    try await commits.write { [clock] database in
      let row = try JobRow.get(id, for: access, in: database)
      return try Self.change(row, JobReport(), at: clock.now(), in: database) {
        $0.machine.resume()
      }
    }
  }

  package func cancel(
    _ id: JobID, for access: JobAccess
  ) async throws(JobStoreError) -> JobCancellation {
    try await commits.write { [clock] database in
      let row = try JobRow.get(id, for: access, in: database)
      let job = try Self.change(row, JobReport(), at: clock.now(), in: database) {
        $0.machine.cancel()
      }
      if row.job.status.isTerminal { return .alreadyEnded(job) }
      return job.status.isTerminal ? .cancelled(job) : .asked(job)
    }
  }

  package func rescue(_ lost: LostJobs) async throws(JobStoreError) -> [Job] {
    try await commits.write { [clock] database in
      let now = clock.now()
      let running = try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM job INDEXED BY job_running
          WHERE status = 'running' AND (? OR lease_until IS NULL OR lease_until <= ?) ORDER BY id
          """, arguments: [lost == .all, now.milliseconds])
      return try running.map { found in
        let row = try JobRow(found, in: database)
        return try Self.change(row, JobReport(), at: now, in: database, leaving: "crashed") {
          $0.machine.rescue()
        }
      }
    }
  }

  package func delete(_ id: JobID, for access: JobAccess) async throws(JobStoreError) {
    try await commits.write { database in
      let machine = try JobRow.get(id, for: access, in: database).machine
      switch machine.delete() {
      case .remove:
        // The other tables follow by their foreign keys.
        try database.cachedStatement(sql: "DELETE FROM job WHERE id = ?")
          .execute(arguments: [id.description])
      case .store, .keep, .refuseStaleClaim, .refuseEndedJob:
        break
      case .refuseActiveJob:
        throw JobStoreError.jobActive(id, machine.status)
      }
    }
  }

  package func purge(
    endedFor age: Duration, limit: Int
  ) async throws(JobStoreError) -> [JobID] {
    try await commits.write { [clock] database in
      let latest = clock.now() + (.zero - age)
      let ids = try String.fetchAll(
        database, sql: Self.endedSQL, arguments: [latest.milliseconds, limit])
      let delete = try database.cachedStatement(sql: "DELETE FROM job WHERE id = ?")
      for id in ids { try delete.execute(arguments: [id]) }
      return ids.compactMap { JobID($0) }
    }
  }

  static let endedSQL = """
    SELECT id FROM job INDEXED BY job_ended WHERE finished_at <= ?
    ORDER BY finished_at, id LIMIT ?
    """
}

extension SQLiteJobStore {
  /// Gives an event to a job and does what the machine answers.
  private static func change(
    _ before: JobRow, _ report: JobReport, at now: JobTime, in database: Database,
    leaving outcome: String? = nil,
    _ event: (inout JobRow) throws -> JobStateMachine.Action
  ) throws -> Job {
    var row = before
    let action = try event(&row)
    switch action {
    case .store(let change):
      try row.follow(change, report: report, at: now, in: database)
      try row.update(at: now, in: database)
      if report.used > .zero { try charge(row.job.owner, report.used, in: database) }
      if before.job.status == .running, row.job.status != .running {
        let ending = row.job.status == .queued ? "released" : row.job.status.rawValue
        try endAttempt(before, as: outcome ?? ending, at: now, in: database)
      }
    case .keep, .remove: break
    case .refuseStaleClaim: throw JobStoreError.fenced(before.job.claim)
    case .refuseActiveJob: throw JobStoreError.jobActive(before.job.id, before.job.status)
    case .refuseEndedJob: throw JobStoreError.jobEnded(before.job.id, before.job.status)
    }
    return row.job
  }

  /// The same for a worker: what it may not write any more it is told with its own claim.
  private static func change(
    _ claim: JobClaim, _ report: JobReport, at now: JobTime, in database: Database,
    leaving outcome: String? = nil, _ event: (inout JobRow) throws -> JobStateMachine.Action
  ) throws -> Job {
    guard let row = try JobRow.find(claim.id, in: database) else {
      throw JobStoreError.fenced(claim)
    }
    do {
      return try change(row, report, at: now, in: database, leaving: outcome, event)
    } catch JobStoreError.fenced {
      throw JobStoreError.fenced(claim)
    }
  }

  private static func insert(
    _ new: NewJob, at now: JobTime, in database: Database
  ) throws -> Job {
    try database.cachedStatement(
      sql: """
        INSERT INTO job (
          id, status, created_at, run_at, name, owner, request, max_seconds, priority, parent_id)
        VALUES (?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      new.id.description, now.milliseconds, now.milliseconds, new.name, new.owner?.name,
      Data(new.request), new.maxSeconds, new.priority, new.parent?.description,
    ])
    try JobRow.insert(new.blobs, of: new.id, in: database)
    if let idempotency = new.idempotency {
      try remember(idempotency, of: new.owner?.name, for: new.id, at: now, in: database)
    }
    var row = try JobRow.get(new.id, in: database)
    try row.append(JobStateMachine.submissionEvents, at: now, in: database)
    try row.update(at: now, in: database)
    return row.job
  }

  /// Refuses a submission to a queue that is full, or that holds too many jobs of its owner.
  private static func checkQueue(
    _ owner: JobOwner?, queuedJobsMax: Int, in database: Database
  ) throws {
    if let owner {
      let statement = try database.cachedStatement(sql: queuedOfOwnerSQL)
      let queued = try Int.fetchOne(statement, arguments: [owner.name]) ?? 0
      guard queued < owner.queuedJobsMax else {
        throw JobStoreError.queueQuotaFull(owner: owner.name, max: owner.queuedJobsMax)
      }
    }
    let statement = try database.cachedStatement(
      sql: "SELECT number FROM job_count WHERE status = 'queued'")
    guard try Int.fetchOne(statement) ?? 0 < queuedJobsMax else {
      throw JobStoreError.queueFull(max: queuedJobsMax)
    }
  }

  /// The partial index `job_queued_by_owner` holds what is counted, and nothing else.
  static let queuedOfOwnerSQL = """
    SELECT COUNT(*) FROM job INDEXED BY job_queued_by_owner WHERE status = 'queued' AND owner = ?
    """

  private static func forgetOldKeys(at now: JobTime, in database: Database) throws {
    try database.cachedStatement(sql: "DELETE FROM idempotency WHERE created_at <= ?")
      .execute(arguments: [oldestKey(at: now)])
  }

  /// Idempotency keys of that time and earlier are forgotten.
  private static func oldestKey(at now: JobTime) -> Int64 {
    (now + (.zero - JobIdempotency.lifetime)).milliseconds
  }

  /// Returns the job of a key that its owner has used and that is still remembered.
  ///
  /// - Throws: ``JobStoreError/idempotencyKeyReused(key:)`` if its fingerprint is another.
  private static func remembered(
    _ idempotency: JobIdempotency, of owner: String?, at now: JobTime, in database: Database
  ) throws -> JobID? {
    let statement = try database.cachedStatement(
      sql: """
        SELECT fingerprint, job_id FROM idempotency WHERE owner = ? AND key = ? AND created_at > ?
        """)
    let found = try Row.fetchOne(
      statement, arguments: [owner ?? "", idempotency.key, oldestKey(at: now)])
    guard let row = found else { return nil }
    let fingerprint: String = row["fingerprint"]
    guard fingerprint == idempotency.fingerprint else {
      throw JobStoreError.idempotencyKeyReused(key: idempotency.key)
    }
    return JobID(row["job_id"])
  }

  private static func remember(
    _ idempotency: JobIdempotency, of owner: String?, for id: JobID, at now: JobTime,
    in database: Database
  ) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO idempotency (owner, key, fingerprint, job_id, created_at)
        VALUES (?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      owner ?? "", idempotency.key, idempotency.fingerprint, id.description, now.milliseconds,
    ])
  }

  private static func beginAttempt(
    _ row: JobRow, at now: JobTime, in database: Database
  ) throws {
    try database.cachedStatement(
      sql: "INSERT INTO attempt (job_id, epoch, worker, started_at) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [row.job.id.description, row.job.epoch, row.worker, now.milliseconds])
  }

  private static func endAttempt(
    _ row: JobRow, as outcome: String, at now: JobTime, in database: Database
  ) throws {
    try database.cachedStatement(
      sql: "UPDATE attempt SET ended_at = ?, outcome = ? WHERE job_id = ? AND epoch = ?"
    ).execute(arguments: [now.milliseconds, outcome, row.job.id.description, row.job.epoch])
  }
}
