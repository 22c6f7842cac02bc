import Foundation
import GRDB
package import Jobs

/// A data folder as it lies on the disk, to be looked at while a server may have it.
///
/// Nothing is ever written to it. The methods block.
package struct StoredFolder: Sendable {
  /// Where it is.
  package let path: String
  let blobs: FileBlobStore
  let files: any FileSystem

  /// Refers to a folder.
  ///
  /// - Throws: ``StoredFolderError/missing(path:)`` if there is no database in it.
  package init(
    _ path: String, files: any FileSystem = PosixFileSystem()
  ) throws(StoredFolderError) {
    self.path = path
    self.files = files
    blobs = FileBlobStore(root: "\(path)/blobs", files: files)
    guard FileManager.default.fileExists(atPath: databasePath) else {
      throw .missing(path: path)
    }
  }

  var databasePath: String { "\(path)/jobs.sqlite" }

  /// Opens a database for reading.
  ///
  /// - Throws: ``StoredFolderError/store(_:)``, also if it is of a newer version.
  func openDatabase() throws(StoredFolderError) -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(SQLiteJobStore.busyTimeout)
    do {
      let database = try DatabaseQueue(path: databasePath, configuration: configuration)
      let isNewer = try database.read(Schema.migrator.hasBeenSuperseded)
      if isNewer { throw JobStoreError.newerSchema(path: databasePath) }
      guard try database.read(Schema.migrator.hasCompletedMigrations) else {
        throw JobStoreError.olderSchema(path: databasePath)
      }
      return database
    } catch {
      throw .store(JobStoreError(error, path: databasePath))
    }
  }
}

/// A data folder could not be read, or its copy not be written.
package enum StoredFolderError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no data folder.
  case missing(path: String)
  /// Its database cannot be read.
  case store(JobStoreError)
  /// A file of a job cannot be read.
  case blob(BlobStoreError)
  /// The copy cannot be written.
  case unwritable(path: String, reason: String)

  /// One sentence for people, saying what to do.
  package var description: String {
    switch self {
    case .missing(let path):
      "There is no data folder \(path), or no jobs.sqlite in it; name it by --data"
    case .store(let error): error.description
    case .blob(let error): "\(error.description); descent check tells which jobs it belongs to"
    case .unwritable(let path, let reason): "The backup \(path) cannot be written: \(reason)"
    }
  }
}
