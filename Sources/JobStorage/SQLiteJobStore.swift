import Foundation
import GRDB
package import Jobs

/// Keeps jobs in a SQLite database that waits for the disk at every commit.
///
/// One connection, a write-ahead log and `synchronous = FULL`: what a method returned survives a
/// power cut. Work runs on a queue of the store, never on Swift's cooperative pool, and
/// transactions that wait at the same time share a commit.
package final class SQLiteJobStore: Sendable {
  let commits: GroupCommit
  let clock: MonotoneClock

  /// How long an operation waits when another process holds the database.
  static let busyTimeout: TimeInterval = 5

  /// Opens or creates the database, and brings an older one up to date.
  ///
  /// Blocks.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - clock: Where the store reads the time.
  /// - Throws: ``JobStoreError/newerSchema(path:)``, ``JobStoreError/notDurable(path:synchronous:)``,
  ///   ``JobStoreError/damaged(path:detail:)`` or another failure of the database.
  package init(path: String, clock: @escaping JobClock = JobTime.now) throws(JobStoreError) {
    do {
      let database = try DatabaseQueue(path: path, configuration: Self.configuration)
      // GRDB lowers it to NORMAL when it turns on the write-ahead log.
      try database.inDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      try Self.checkDurable(database, path: path)
      if try database.read(Schema.migrator.hasBeenSuperseded) {
        throw JobStoreError.newerSchema(path: path)
      }
      try Schema.migrator.migrate(database)
      let floor = try database.read(Self.latestCreation)
      self.clock = MonotoneClock(following: clock, floor: floor)
      commits = GroupCommit(database: database, path: path)
    } catch {
      throw JobStoreError(error, path: path)
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "jobs"
    configuration.busyMode = .timeout(busyTimeout)
    configuration.journalMode = .wal
    configuration.foreignKeysEnabled = true
    return configuration
  }

  /// Refuses a connection that acknowledges before the disk has written.
  static func checkDurable(_ database: DatabaseQueue, path: String) throws {
    let synchronous = try database.inDatabase {
      try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1
    }
    guard synchronous == 2 else {
      throw JobStoreError.notDurable(path: path, synchronous: synchronous)
    }
  }

  private static func latestCreation(_ database: Database) throws -> JobTime {
    let milliseconds = try Int64.fetchOne(
      database, sql: "SELECT created_at FROM job ORDER BY id DESC LIMIT 1")
    return JobTime(milliseconds: milliseconds ?? 0)
  }

  /// Returns whether any job refers to the blob.
  package func refers(to blob: BlobID) async throws(JobStoreError) -> Bool {
    try await commits.read { database in
      try Bool.fetchOne(
        database,
        sql: """
          SELECT EXISTS (SELECT 1 FROM job_blob WHERE blob = ?1)
            OR EXISTS (SELECT 1 FROM checkpoint WHERE blob = ?1)
          """, arguments: [blob.description]) ?? false
    }
  }

  package func close() async {
    await commits.close()
  }
}
