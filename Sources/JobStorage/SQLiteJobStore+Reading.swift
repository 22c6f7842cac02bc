import Foundation
import GRDB
package import Jobs

extension SQLiteJobStore {
  package func job(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job? {
    try await commits.read { try JobRow.find(id, for: access, in: $0)?.job }
  }

  package func jobs(
    matching query: JobQuery, for access: JobAccess
  ) async throws(JobStoreError) -> JobPage {
    try await commits.read { database in
      let (sql, arguments) = Self.statement(for: query, access)
      let statement = try database.cachedStatement(sql: sql)
      let jobs = try Row.fetchAll(statement, arguments: arguments)
        .map { try JobRow($0, in: database).job }
      return JobPage(jobs: Array(jobs.prefix(query.limit)), hasMore: jobs.count > query.limit)
    }
  }

  package func details(
    of id: JobID, for access: JobAccess
  ) async throws(JobStoreError) -> [UInt8]? {
    try await commits.read { database in
      try Self.checkExists(id, for: access, in: database)
      let statement = try database.cachedStatement(
        sql: "SELECT details FROM job_details WHERE job_id = ?")
      return try Data.fetchOne(statement, arguments: [id.description]).map { Array($0) }
    }
  }

  package func events(
    of id: JobID, after: Int, limit: Int, for access: JobAccess
  ) async throws(JobStoreError) -> [JobEvent] {
    try await commits.read { database in
      try Self.checkExists(id, for: access, in: database)
      let statement = try database.cachedStatement(
        sql: "SELECT * FROM event WHERE job_id = ? AND id > ? ORDER BY id LIMIT ?")
      return try Row.fetchAll(statement, arguments: [id.description, after, limit])
        .map(Self.event)
    }
  }

  package func counts() async throws(JobStoreError) -> JobCounts {
    try await commits.read { database in
      var counts = JobCounts()
      for row in try Row.fetchAll(database, sql: "SELECT status, number FROM job_count") {
        guard let status = JobStatus(rawValue: row["status"]) else { continue }
        counts[status] = row["number"]
      }
      return counts
    }
  }

  /// Asks for one job more than the limit, to know whether more follow.
  static func statement(
    for query: JobQuery, _ access: JobAccess
  ) -> (String, StatementArguments) {
    var conditions: [String] = []
    var arguments: StatementArguments = []
    if case .owner(let name) = access {
      conditions.append("owner = ?")
      arguments += [name]
    }
    if let status = query.status {
      conditions.append("status = ?")
      arguments += [status.rawValue]
    }
    if let after = query.after {
      conditions.append(query.order == .ascending ? "id > ?" : "id < ?")
      arguments += [after.description]
    }
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    let direction = query.order == .ascending ? "ASC" : "DESC"
    arguments += [query.limit + 1]
    return ("SELECT * FROM job \(filter) ORDER BY id \(direction) LIMIT ?", arguments)
  }

  private static func checkExists(
    _ id: JobID, for access: JobAccess, in database: Database
  ) throws {
    let statement = try database.cachedStatement(sql: "SELECT owner FROM job WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id.description]),
      access.covers(row["owner"])
    else { throw JobStoreError.jobNotFound(id) }
  }

  private static func event(_ row: Row) -> JobEvent {
    let data: Data = row["data"]
    return JobEvent(
      id: row["id"], type: row["type"], createdAt: JobTime(milliseconds: row["created_at"]),
      data: Array(data))
  }
}
