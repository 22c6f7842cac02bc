import Foundation
import GRDB
import Jobs

/// A row of the table `job` with its blobs: what a transaction reads, changes and writes back.
struct JobRow {
  var job: Job
  var machine: JobStateMachine
  /// Who runs the job; nil unless it runs.
  var worker: String?
  /// A queued job is not claimed before.
  private(set) var runAt: JobTime
  private var eventCount: Int
  private let storedStatus: JobStatus
  private let storedEpoch: Int

  /// Reads one row, or returns nil if there is none of that name that the caller may see.
  static func find(
    _ id: JobID, for access: JobAccess = .all, in database: Database
  ) throws -> JobRow? {
    let statement = try database.cachedStatement(sql: "SELECT * FROM job WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id.description]),
      access.covers(row["owner"])
    else { return nil }
    return try JobRow(row, in: database)
  }

  /// Reads one row.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)``.
  static func get(
    _ id: JobID, for access: JobAccess = .all, in database: Database
  ) throws -> JobRow {
    guard let row = try find(id, for: access, in: database) else {
      throw JobStoreError.jobNotFound(id)
    }
    return row
  }

  /// Decodes a row and reads its blobs.
  init(_ row: Row, in database: Database) throws {
    let text: String = row["id"]
    let statusText: String = row["status"]
    guard let id = JobID(text), let status = JobStatus(rawValue: statusText) else {
      throw JobStoreError.damaged(path: "job", detail: "the row \(text) has status \(statusText)")
    }
    machine = JobStateMachine(
      status: status, cancelRequested: row["cancel_requested"], isPaused: row["paused"],
      epoch: row["epoch"], attempt: row["attempt"], restarts: row["restarts"],
      setbacks: row["setbacks"])
    worker = row["worker"]
    runAt = JobTime(milliseconds: row["run_at"])
    eventCount = row["events"]
    storedStatus = status
    storedEpoch = machine.epoch
    let parent: String? = row["parent_id"]
    let used: Int64 = row["used"]
    job = Job(
      id: id, name: row["name"], owner: row["owner"], status: status,
      cancelRequested: machine.cancelRequested, isPaused: machine.isPaused,
      parent: parent.flatMap(JobID.init), priority: row["priority"],
      createdAt: JobTime(milliseconds: row["created_at"]), startedAt: row.time("started_at"),
      finishedAt: row.time("finished_at"), request: row.bytes("request") ?? [],
      blobs: try Self.blobs(of: text, in: database),
      checkpoints: status.isTerminal ? [] : try Self.checkpoints(of: text, in: database),
      progress: row.bytes("progress"),
      summary: row.bytes("summary"), error: row.failure, restarts: machine.restarts,
      attempt: machine.attempt, epoch: machine.epoch,
      used: .microseconds(used), maxSeconds: row["max_seconds"])
  }

  /// Appends events with the next numbers.
  mutating func append(
    _ drafts: [JobEventDraft], at time: JobTime, in database: Database
  ) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT INTO event (job_id, id, type, created_at, data) VALUES (?, ?, ?, ?, ?)")
    for draft in drafts {
      eventCount += 1
      try statement.execute(arguments: [
        job.id.description, eventCount, draft.type, time.milliseconds, Data(draft.data),
      ])
    }
  }

  /// Takes over what the machine has decided.
  mutating func follow(
    _ change: JobStateMachine.Change, report: JobReport, at time: JobTime, in database: Database
  ) throws {
    job.status = machine.status
    job.cancelRequested = machine.cancelRequested
    job.isPaused = machine.isPaused
    job.epoch = machine.epoch
    job.attempt = machine.attempt
    job.restarts = machine.restarts
    job.progress = report.progress ?? job.progress
    job.used += report.used
    if let delay = change.delay { runAt = time + delay }
    if let checkpoint = report.checkpoint { try keep(checkpoint, at: time, in: database) }
    job.error = change.failure ?? job.error
    if machine.status == .running { job.startedAt = job.startedAt ?? time }
    if machine.status.isTerminal {
      job.finishedAt = time
      job.checkpoints = []
      try database.cachedStatement(sql: "DELETE FROM checkpoint WHERE job_id = ?")
        .execute(arguments: [job.id.description])
    }
    try append(report.events + change.events, at: time, in: database)
  }

  /// Writes the row back.
  ///
  /// The guard stands in the statement itself: status and epoch must be what was read.
  ///
  /// - Throws: ``JobStoreError/fenced(_:)`` if another has written meanwhile.
  func update(at time: JobTime, in database: Database) throws {
    let owner: String? = job.status == .running ? worker : nil
    let heartbeat: Int64? = job.status == .running ? time.milliseconds : nil
    let leaseUntil = heartbeat.map { (JobTime(milliseconds: $0) + JobLease.length).milliseconds }
    try database.cachedStatement(sql: Self.updateSQL).execute(arguments: [
      job.status.rawValue, job.cancelRequested, job.startedAt?.milliseconds,
      job.finishedAt?.milliseconds, job.epoch, job.attempt, job.restarts, machine.setbacks,
      eventCount, owner, heartbeat, leaseUntil, job.isPaused, runAt.milliseconds,
      job.used.microseconds, job.error?.code, job.error?.message, job.error?.pointer,
      job.progress.map { Data($0) }, job.summary.map { Data($0) },
      job.id.description, storedStatus.rawValue, storedEpoch,
    ])
    guard database.changesCount == 1 else {
      throw JobStoreError.fenced(JobClaim(id: job.id, epoch: storedEpoch))
    }
  }

  /// Stores what a run has made.
  mutating func keep(_ ending: JobEnding, in database: Database) throws {
    job.error = ending.failure
    guard let result = ending.result else { return }
    job.summary = result.summary
    job.blobs.merge(result.blobs) { _, new in new }
    try database.cachedStatement(sql: "INSERT INTO job_details (job_id, details) VALUES (?, ?)")
      .execute(arguments: [job.id.description, Data(result.details)])
    try Self.insert(result.blobs, of: job.id, in: database)
  }

  /// Writes which blobs a job refers to; a role that is there already is replaced.
  static func insert(_ blobs: [String: BlobID], of id: JobID, in database: Database) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO job_blob (job_id, role, blob) VALUES (?, ?, ?)")
    for (role, blob) in blobs {
      try statement.execute(arguments: [id.description, role, blob.description])
    }
  }

  /// Adds a checkpoint; those that the job forgets go.
  private mutating func keep(
    _ checkpoint: JobCheckpoint, at time: JobTime, in database: Database
  ) throws {
    let before = job.checkpoints
    job.keep(checkpoint)
    let delete = try database.cachedStatement(
      sql: "DELETE FROM checkpoint WHERE job_id = ? AND step = ?")
    for old in before where !job.checkpoints.contains(old) || old.step == checkpoint.step {
      try delete.execute(arguments: [job.id.description, old.step])
    }
    try database.cachedStatement(
      sql: "INSERT INTO checkpoint (job_id, step, epoch, blob, created_at) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [
      job.id.description, checkpoint.step, job.epoch, checkpoint.blob.description,
      time.milliseconds,
    ])
  }

  private static func checkpoints(
    of id: String, in database: Database
  ) throws -> [JobCheckpoint] {
    let statement = try database.cachedStatement(
      sql: "SELECT step, blob FROM checkpoint WHERE job_id = ? ORDER BY step DESC")
    return try Row.fetchAll(statement, arguments: [id]).compactMap { row in
      BlobID(row["blob"]).map { JobCheckpoint(step: row["step"], blob: $0) }
    }
  }

  private static func blobs(of id: String, in database: Database) throws -> [String: BlobID] {
    let statement = try database.cachedStatement(
      sql: "SELECT role, blob FROM job_blob WHERE job_id = ?")
    var blobs: [String: BlobID] = [:]
    for row in try Row.fetchAll(statement, arguments: [id]) {
      let role: String = row["role"]
      blobs[role] = BlobID(row["blob"])
    }
    return blobs
  }

  private static let updateSQL = """
    UPDATE job SET status = ?, cancel_requested = ?, started_at = ?, finished_at = ?, epoch = ?,
      attempt = ?, restarts = ?, setbacks = ?, events = ?, worker = ?, heartbeat_at = ?,
      lease_until = ?, paused = ?, run_at = ?, used = ?,
      error_code = ?, error_message = ?, error_pointer = ?, progress = ?,
      summary = ?
    WHERE id = ? AND status = ? AND epoch = ?
    """
}

extension Row {
  /// Returns the bytes of a column, or nil.
  fileprivate func bytes(_ column: String) -> [UInt8]? {
    let data: Data? = self[column]
    return data.map { Array($0) }
  }

  /// Returns the moment in a column, or nil.
  fileprivate func time(_ column: String) -> JobTime? {
    let milliseconds: Int64? = self[column]
    return milliseconds.map { JobTime(milliseconds: $0) }
  }

  /// Returns the failure that the three error columns hold, or nil.
  fileprivate var failure: JobFailure? {
    guard let code: String = self["error_code"] else { return nil }
    return JobFailure(
      code: code, message: self["error_message"] ?? "", pointer: self["error_pointer"])
  }
}
