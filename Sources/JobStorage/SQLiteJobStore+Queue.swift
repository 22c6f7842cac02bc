import Foundation
import GRDB
package import Jobs

extension SQLiteJobStore {
  package func timeUntilDue() async throws(JobStoreError) -> Duration? {
    try await commits.read { [clock] database in
      let now = clock.now()
      let statement = try database.cachedStatement(sql: Self.firstDueSQL)
      let due = try Int64.fetchOne(statement)
      return due.map { max(.zero, JobTime(milliseconds: $0) - now) }
    }
  }

  /// The job that a claim takes, its owner's share noted.
  static func next(at now: JobTime, in database: Database) throws -> JobRow? {
    let owners = try waitingOwners(in: database)
    var share = try share(of: owners, in: database)
    let first = try database.cachedStatement(sql: firstOfOwnerSQL)
    var best: (tag: Int64, owner: String, row: Row)?
    for owner in owners {
      guard let row = try Row.fetchOne(first, arguments: [owner, now.milliseconds]) else {
        continue
      }
      let tag = share.startTag(of: owner)
      if let best, best.tag < tag || best.tag == tag && hasWaitedLonger(best.row, row) { continue }
      best = (tag, owner, row)
    }
    guard let best else { return nil }
    share.claimed(of: best.owner)
    try store(share, of: best.owner, in: database)
    return try JobRow(best.row, in: database)
  }

  /// A worker has worked for an owner.
  static func charge(_ owner: String?, _ used: Duration, in database: Database) throws {
    let owner = owner ?? ""
    var share = try share(of: [owner], in: database)
    share.charge(owner, used)
    try store(share, of: owner, in: database)
  }

  private static func hasWaitedLonger(_ left: Row, _ right: Row) -> Bool {
    let (leftTime, rightTime): (Int64, Int64) = (left["run_at"], right["run_at"])
    let (leftID, rightID): (String, String) = (left["id"], right["id"])
    return (leftTime, leftID) < (rightTime, rightID)
  }

  /// Nobody, and the owners of jobs that wait, found by one look at the index for each.
  private static func waitingOwners(in database: Database) throws -> [String] {
    let next = try database.cachedStatement(sql: nextOwnerSQL)
    var owners = [""]
    while let owner = try String.fetchOne(next, arguments: [owners[owners.count - 1]]) {
      owners.append(owner)
    }
    return owners
  }

  private static func share(of owners: [String], in database: Database) throws -> FairShare {
    let time = try Int64.fetchOne(
      database.cachedStatement(sql: "SELECT virtual_time FROM share_time"))
    let tag = try database.cachedStatement(sql: "SELECT finish_tag FROM share WHERE owner = ?")
    var tags: [String: Int64] = [:]
    for owner in owners { tags[owner] = try Int64.fetchOne(tag, arguments: [owner]) }
    return FairShare(virtualTime: time ?? 0, finishTags: tags)
  }

  private static func store(
    _ share: FairShare, of owner: String, in database: Database
  ) throws {
    try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO share (owner, finish_tag) VALUES (?, ?)"
    ).execute(arguments: [owner, share.finishTag(of: owner)])
    try database.cachedStatement(sql: "UPDATE share_time SET virtual_time = ?")
      .execute(arguments: [share.virtualTime])
  }

  // Each statement names its index: the planner would take another and sort all queued jobs.

  static let nextOwnerSQL = """
    SELECT ifnull(owner, '') FROM job INDEXED BY job_waiting
    WHERE status = 'queued' AND paused = 0 AND ifnull(owner, '') > ?
    ORDER BY ifnull(owner, '') LIMIT 1
    """

  static let firstOfOwnerSQL = """
    SELECT * FROM job INDEXED BY job_waiting
    WHERE status = 'queued' AND paused = 0 AND ifnull(owner, '') = ? AND run_at <= ?
    ORDER BY priority DESC, run_at, id LIMIT 1
    """

  static let firstDueSQL = """
    SELECT run_at FROM job INDEXED BY job_due
    WHERE status = 'queued' AND paused = 0 ORDER BY run_at LIMIT 1
    """
}
