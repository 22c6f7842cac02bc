package import Jobs

/// What the blob store and the data folder ask of the machine; a test gives one that fails.
package protocol FileSystem: Sendable {
  /// Creates the folder and those above it; one that is there is fine.
  func createFolder(_ path: String) throws(FileSystemError)

  /// Creates the file, writes all bytes and waits until the disk has them.
  ///
  /// - Throws: Also if the file exists. A file that was begun may be left behind.
  func writeNewFile(_ bytes: [UInt8], to path: String) throws(FileSystemError)

  /// Moves a file in one step, over any file that has the new name.
  func rename(_ path: String, to newPath: String) throws(FileSystemError)

  /// Waits until the disk knows the names in the folder.
  func synchronizeFolder(_ path: String) throws(FileSystemError)

  /// Returns the whole content, or nil if there is no such file.
  func read(_ path: String) throws(FileSystemError) -> [UInt8]?

  /// Removes the file; one that is not there is fine.
  func remove(_ path: String) throws(FileSystemError)

  /// Returns the names in the folder in any order; a folder that is not there has none.
  func names(in folder: String) throws(FileSystemError) -> [String]

  /// Returns size and age of a file, or nil if there is no such file.
  func attributes(of path: String) throws(FileSystemError) -> FileAttributes?

  /// Sets when the file was last changed.
  func setModificationTime(_ time: JobTime, of path: String) throws(FileSystemError)
}

/// What the machine knows of a file without reading it.
package struct FileAttributes: Hashable, Sendable {
  /// How many bytes it has.
  package var byteCount: Int
  /// When it was last changed.
  package var modifiedAt: JobTime

  /// Creates attributes.
  package init(byteCount: Int, modifiedAt: JobTime) {
    self.byteCount = byteCount
    self.modifiedAt = modifiedAt
  }
}

/// The machine refused.
package struct FileSystemError: Error, Hashable, Sendable {
  /// The file or folder.
  package let path: String
  /// The number that the machine gave.
  package let errno: Int32

  /// Creates an error.
  package init(path: String, errno: Int32) {
    self.path = path
    self.errno = errno
  }
}
