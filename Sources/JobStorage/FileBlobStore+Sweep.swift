package import Jobs
import Synchronization

extension FileBlobStore {
  /// How old an unreferenced file must be: a submission stores its blobs first and its row after,
  /// and none takes that long.
  package static let unreferencedAgeMax: Duration = .seconds(60 * 60)

  /// A file that a sweep may remove.
  package struct OldFile: Hashable, Sendable {
    /// Where it is.
    package let path: String
    /// The blob in it, or nil if its writing was interrupted.
    package let blob: BlobID?
  }

  /// Returns all files older than ``unreferencedAgeMax``.
  ///
  /// Blocks.
  package func oldFiles() throws(FileSystemError) -> [OldFile] {
    var found: [OldFile] = []
    for folder in try files.names(in: root) where folder.utf8.count == 2 {
      for name in try files.names(in: "\(root)/\(folder)") {
        let path = "\(root)/\(folder)/\(name)"
        if try isOld(path) { found.append(OldFile(path: path, blob: BlobID(folder + name))) }
      }
    }
    return found
  }

  /// Removes a file to which nothing refers, and returns whether it did.
  ///
  /// Blocks.
  ///
  /// Safe while others store blobs: a blob that was stored again meanwhile is young and stays.
  package func removeIfOld(_ file: OldFile) throws(FileSystemError) -> Bool {
    try ageLock.withLock { _ throws(FileSystemError) in
      guard try isOld(file.path) else { return false }
      try files.remove(file.path)
      return true
    }
  }

  private func isOld(_ path: String) throws(FileSystemError) -> Bool {
    guard let attributes = try files.attributes(of: path) else { return false }
    return clock() - attributes.modifiedAt > Self.unreferencedAgeMax
  }
}
