import GRDB
package import Jobs

extension StoredFolder {
  /// What a check has found.
  package struct Findings: Hashable, Sendable {
    package var jobs = 0
    package var blobs = 0
    /// Files that no job refers to; they are removed when they are an hour old.
    package var unreferredBlobs = 0
    /// What is wrong, a sentence each.
    package var faults: [String] = []
  }

  /// Verifies every row of the database and every file that a job refers to, while a server may work
  /// with them.
  ///
  /// - Parameter examine: Says what is wrong with what a job keeps for its runner, or nil.
  /// - Returns: What there is, and what is wrong with it.
  /// - Throws: ``StoredFolderError`` if the database cannot be read at all.
  package func check(
    _ examine: (Job) -> String? = { _ in nil }
  ) throws(StoredFolderError) -> Findings {
    let database = try openDatabase()
    do {
      var (findings, referred) = try database.read { database in
        var findings = Findings()
        try checkDatabase(database, &findings)
        try checkJobs(database, &findings, examine)
        return (findings, try Self.referredBlobs(in: database))
      }
      try checkBlobs(referred, database, &findings)
      return findings
    } catch {
      throw .store(JobStoreError(error, path: databasePath))
    }
  }

  /// SQLite's own check, and what triggers keep.
  private func checkDatabase(_ database: Database, _ findings: inout Findings) throws {
    let lines = try String.fetchAll(database, sql: "PRAGMA integrity_check")
    if lines != ["ok"] { findings.faults += lines.map { "the database: \($0)" } }
    for row in try Row.fetchAll(database, sql: "PRAGMA foreign_key_check") {
      let table: String = row["table"]
      findings.faults.append("the table \(table) has a row of a job that is not there")
    }
    let counts = try Row.fetchAll(
      database,
      sql: """
        SELECT status, number, (SELECT COUNT(*) FROM job WHERE job.status = job_count.status) AS rows
        FROM job_count
        """)
    for row in counts {
      let (status, number, rows): (String, Int, Int) = (row["status"], row["number"], row["rows"])
      if number != rows {
        findings.faults.append("\(number) jobs are counted as \(status), but \(rows) are")
      }
    }
  }

  private func checkJobs(
    _ database: Database, _ findings: inout Findings, _ examine: (Job) -> String?
  ) throws {
    let rows = try Row.fetchCursor(database, sql: "SELECT * FROM job ORDER BY id")
    while let row = try rows.next() {
      findings.jobs += 1
      let name: String = row["id"]
      do {
        let job = try JobRow(row, in: database).job
        if let fault = examine(job) { findings.faults.append("\(name): \(fault)") }
        if let fault = try Self.faultOfEvents(job, count: row["events"], in: database) {
          findings.faults.append("\(name): \(fault)")
        }
      } catch let error as JobStoreError {
        findings.faults.append(error.description)
      }
    }
  }

  private static func faultOfEvents(
    _ job: Job, count: Int, in database: Database
  ) throws -> String? {
    let statement = try database.cachedStatement(
      sql: """
        SELECT COUNT(*) AS number, ifnull(MIN(id), 1) AS first, ifnull(MAX(id), 0) AS last,
          (SELECT COUNT(*) FROM event AS ending WHERE ending.job_id = ?1 AND ending.type = 'done')
            AS ends
        FROM event WHERE job_id = ?1
        """)
    guard let row = try Row.fetchOne(statement, arguments: [job.id.description]) else { return nil }
    let (number, first, last, ends): (Int, Int, Int, Int) = (
      row["number"], row["first"], row["last"], row["ends"]
    )
    if number != count || first != 1 || last != number {
      return "it has \(number) events numbered \(first) to \(last), but should have 1 to \(count)"
    }
    if ends != (job.status.isTerminal ? 1 : 0) {
      return "it is \(job.status.rawValue), but its events tell \(ends) ends"
    }
    return nil
  }

  /// Reads every file that is referred to; one that is gone is no fault if its job is by now.
  private func checkBlobs(
    _ referred: [BlobID], _ database: DatabaseQueue, _ findings: inout Findings
  ) throws {
    for id in referred {
      findings.blobs += 1
      do {
        _ = try blobs.get(id)
      } catch {
        let jobs = try database.read { try Self.jobs(referringTo: id, in: $0) }
        if !jobs.isEmpty {
          findings.faults.append("\(jobs.joined(separator: ", ")): \(error.description)")
        }
      }
    }
    let known = Set(referred)
    for folder in try files.names(in: "\(path)/blobs") where folder.utf8.count == 2 {
      for name in try files.names(in: "\(path)/blobs/\(folder)") {
        if BlobID(folder + name).map(known.contains) != true { findings.unreferredBlobs += 1 }
      }
    }
  }

  private static func jobs(referringTo id: BlobID, in database: Database) throws -> [String] {
    try String.fetchAll(
      database,
      sql: """
        SELECT job_id FROM job_blob WHERE blob = ?1 UNION
        SELECT job_id FROM checkpoint WHERE blob = ?1 ORDER BY 1 LIMIT 10
        """, arguments: [id.description])
  }
}
