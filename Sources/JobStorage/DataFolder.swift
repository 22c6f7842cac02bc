import Dispatch
package import Jobs
import Synchronization

/// The folder that holds everything a server must not lose: the database of jobs and their blobs.
///
/// One process at a time has it. Keep the value as long as the stores are used: the lock goes with it.
///
/// ```swift
/// let folder = try DataFolder.open("descent-data")
/// let manager = JobManager(store: folder.jobs, blobs: folder.blobs, runner: runner, workers: 2)
/// ```
package final class DataFolder: Sendable {
  /// Where the folder is.
  package let path: String
  /// The jobs.
  package let jobs: SQLiteJobStore
  /// Their large parts.
  package let blobs: FileBlobStore
  private let lock: Mutex<FolderLock?>
  private let sweeps = DispatchQueue(label: "blob-sweep")

  private init(path: String, jobs: SQLiteJobStore, blobs: FileBlobStore, lock: FolderLock) {
    self.path = path
    self.jobs = jobs
    self.blobs = blobs
    self.lock = Mutex(lock)
  }

  /// Opens the folder, and creates it if it is not there.
  ///
  /// Blocks.
  ///
  /// - Parameters:
  ///   - path: Where the folder is.
  ///   - files: The file system.
  ///   - clock: Where the stores read the time.
  /// - Returns: The folder, which no other process can open until it is closed.
  /// - Throws: ``DataFolderError``.
  package static func open(
    _ path: String, files: any FileSystem = PosixFileSystem(),
    clock: @escaping JobClock = JobTime.now
  ) throws(DataFolderError) -> DataFolder {
    let lock = try takeLock(of: path, files)
    do {
      return DataFolder(
        path: path, jobs: try SQLiteJobStore(path: "\(path)/jobs.sqlite", clock: clock),
        blobs: FileBlobStore(root: "\(path)/blobs", files: files, clock: clock), lock: lock)
    } catch {
      throw .store(error)
    }
  }

  /// Removes blobs that no job refers to and that are older than an hour; returns how many.
  ///
  /// Meant to run once after the start, beside everything else.
  ///
  /// - Throws: ``FileSystemError`` or ``JobStoreError``; then some of them remain.
  package func sweepBlobs() async throws -> Int {
    var removed = 0
    for file in try await sweeping({ blobs throws(FileSystemError) in try blobs.oldFiles() }) {
      if let blob = file.blob, try await jobs.refers(to: blob) { continue }
      let isRemoved = try await sweeping { blobs throws(FileSystemError) in
        try blobs.removeIfOld(file)
      }
      if isRemoved { removed += 1 }
    }
    return removed
  }

  /// Does what blocks on the queue of sweeps.
  private func sweeping<Value: Sendable>(
    _ work: @escaping @Sendable (FileBlobStore) throws(FileSystemError) -> Value
  ) async throws(FileSystemError) -> Value {
    let result: Result<Value, FileSystemError> = await withCheckedContinuation { continuation in
      sweeps.async { [blobs] in
        continuation.resume(
          returning: Result { () throws(FileSystemError) in try work(blobs) })
      }
    }
    return try result.get()
  }

  /// Closes the database and lets go of the lock.
  ///
  /// Stop the manager first.
  package func close() async {
    await jobs.close()
    lock.withLock { $0 = nil }
  }

  private static func takeLock(
    of path: String, _ files: any FileSystem
  ) throws(DataFolderError) -> FolderLock {
    let lock: FolderLock?
    do {
      try files.createFolder(path)
      try files.createFolder("\(path)/blobs")
      try files.synchronizeFolder(path)
      lock = try FolderLock(path: "\(path)/lock")
    } catch {
      throw .unusable(path: error.path, errno: error.errno)
    }
    guard let lock else { throw .locked(path: path) }
    return lock
  }
}

/// A data folder could not be opened.
package enum DataFolderError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Another process has it.
  case locked(path: String)
  /// It cannot be created or written.
  case unusable(path: String, errno: Int32)
  /// Its database cannot be opened.
  case store(JobStoreError)

  /// A stable identifier for programs.
  package var code: String {
    switch self {
    case .locked: "data_folder_locked"
    case .unusable: "data_folder_unusable"
    case .store(let error): error.code
    }
  }

  /// One sentence for people, saying what to do.
  package var description: String {
    switch self {
    case .locked(let path):
      "The data folder \(path) is in use by another process; stop that process or choose another"
        + " folder"
    case .unusable(let path, let errno):
      "The data folder needs to be writable, but \(path) is not (errno \(errno))"
    case .store(let error):
      error.description
    }
  }
}
