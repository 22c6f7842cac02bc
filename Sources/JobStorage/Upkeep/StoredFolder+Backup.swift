import Foundation
import GRDB
internal import Jobs

extension StoredFolder {
  /// What a backup holds.
  package struct Backup: Hashable, Sendable {
    package let jobs: Int
    package let blobs: Int
  }

  /// A job that was forgotten meanwhile may have taken its files along; so often it begins anew.
  private static let triesMax = 3

  /// Writes a consistent copy of the folder to an archive, while a server may work with it.
  ///
  /// The database is copied as it is at one moment, then every file that this copy refers to, each
  /// compared with its name. The archive appears under its name when it is whole and on the disk.
  ///
  /// - Parameter path: The archive; one that is there is replaced.
  /// - Returns: What it holds.
  /// - Throws: ``StoredFolderError``.
  package func backUp(to path: String) throws(StoredFolderError) -> Backup {
    let target = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    let own = URL(fileURLWithPath: self.path).standardizedFileURL.resolvingSymlinksInPath().path
    guard !target.hasPrefix(own + "/") else {
      throw .unwritable(path: path, reason: "it would lie in the data folder itself")
    }
    for _ in 1..<Self.triesMax {
      do {
        return try backUpOnce(to: path)
      } catch .blob(.missing) {
        // Of a job that was there a moment ago, or lost: the next try tells.
      }
    }
    return try backUpOnce(to: path)
  }

  private func backUpOnce(to path: String) throws(StoredFolderError) -> Backup {
    let temporary = "\(path).writing-\(UInt64.random(in: 0...UInt64.max))"
    let copy = temporary + ".sqlite"
    defer {
      // Those that are not there, or cannot be removed, do no harm.
      for path in [temporary] + ["", "-wal", "-shm", "-journal"].map({ copy + $0 }) {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
    let (jobs, blobIDs) = try copyDatabase(to: copy, for: path)
    do {
      let archive = try TarWriter(path: temporary)
      let now = JobTime.now().milliseconds / 1_000
      try archive.add("jobs.sqlite", fileAt: copy, modified: now)
      if let keys = try files.read("\(self.path)/keys.json") {
        try archive.add("keys.json", keys, modified: now)
      }
      for id in blobIDs {
        let (folder, name) = (id.description.prefix(2), id.description.dropFirst(2))
        try archive.add("blobs/\(folder)/\(name)", try blobs.get(id), modified: now)
      }
      try archive.finish()
      try files.rename(temporary, to: path)
      try files.synchronizeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    } catch let error as BlobStoreError {
      throw .blob(error)
    } catch let error as FileSystemError {
      throw .unwritable(path: path, reason: "errno \(error.errno)")
    } catch {
      throw .unwritable(path: path, reason: error.localizedDescription)
    }
    return Backup(jobs: jobs, blobs: blobIDs.count)
  }

  private func copyDatabase(
    to copy: String, for path: String
  ) throws(StoredFolderError) -> (jobs: Int, blobs: [BlobID]) {
    let source = try openDatabase()
    do {
      let target = try DatabaseQueue(path: copy)
      try source.backup(to: target)
      defer { try? target.close() }
      return try target.read { database in
        let jobs = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM job") ?? 0
        return (jobs, try Self.referredBlobs(in: database))
      }
    } catch {
      let error = JobStoreError(error, path: databasePath)
      if case .failed(_, let code, let detail) = error, code & 0xFF == 14 {
        // SQLITE_CANTOPEN: the source was open already.
        throw .unwritable(path: path, reason: detail)
      }
      throw .store(error)
    }
  }

  /// The blobs that jobs refer to, each once.
  static func referredBlobs(in database: Database) throws -> [BlobID] {
    try String.fetchAll(
      database, sql: "SELECT blob FROM job_blob UNION SELECT blob FROM checkpoint ORDER BY 1"
    ).compactMap { BlobID($0) }
  }
}
