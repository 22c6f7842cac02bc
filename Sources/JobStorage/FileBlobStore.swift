import Crypto
package import Jobs
import Synchronization

/// Keeps blobs as files named by their SHA-256: `ab/cdef…` in its folder.
///
/// A file appears under its name only when it is whole and on the disk: it is written beside under
/// another name, synchronised, renamed, and the folder synchronised. Reading compares the content
/// with the name. The methods block.
package final class FileBlobStore: BlobStore {
  let root: String
  let files: any FileSystem
  let clock: JobClock
  /// Held while a file's age decides whether it stays: a put that finds a blob makes it young under
  /// it, and the sweep removes an old one under it.
  ///
  /// The value counts temporary files.
  let ageLock = Mutex(0)

  /// The folders whose own names are known to be on the disk.
  private let durableFolders = Mutex<Set<String>>([])

  /// Names of files being written begin with this, which no hexadecimal digit is.
  static let temporaryPrefix = "writing-"

  /// Creates a store in that folder, which is created when it is first needed.
  ///
  /// - Parameters:
  ///   - root: The folder of the blobs.
  ///   - files: The file system.
  ///   - clock: Tells the age of files; the same clock as the machine's, except in tests.
  package init(
    root: String, files: any FileSystem = PosixFileSystem(),
    clock: @escaping JobClock = JobTime.now
  ) {
    self.root = root
    self.files = files
    self.clock = clock
  }

  package func put(_ bytes: [UInt8]) throws(BlobStoreError) -> BlobID {
    let id = BlobID(sha256Of: bytes)
    do {
      if try keepExisting(id, byteCount: bytes.count) { return id }
      try write(bytes, as: id)
      return id
    } catch {
      throw .unwritable(path: error.path, errno: error.errno)
    }
  }

  package func get(_ id: BlobID) throws(BlobStoreError) -> [UInt8] {
    let path = path(of: id)
    let bytes: [UInt8]?
    do {
      bytes = try files.read(path)
    } catch {
      throw .unreadable(path: error.path, errno: error.errno)
    }
    guard let bytes else { throw .missing(id) }
    guard BlobID(sha256Of: bytes) == id else { throw .damaged(id, path: path) }
    return bytes
  }

  /// The file of a blob.
  package func path(of id: BlobID) -> String {
    "\(folder(of: id))/\(id.description.dropFirst(2))"
  }

  private func folder(of id: BlobID) -> String {
    "\(root)/\(id.description.prefix(2))"
  }

  /// Returns whether the blob is there, and then makes it young, so that a sweep under way leaves it.
  ///
  /// A file of another size is damaged, and writing it again mends it.
  private func keepExisting(_ id: BlobID, byteCount: Int) throws(FileSystemError) -> Bool {
    let isThere = try ageLock.withLock { _ throws(FileSystemError) in
      let attributes = try files.attributes(of: path(of: id))
      guard attributes?.byteCount == byteCount else { return false }
      try files.setModificationTime(clock(), of: path(of: id))
      return true
    }
    // Whoever wrote it may have ended before its name was on the disk.
    if isThere { try makeNameDurable(in: folder(of: id)) }
    return isThere
  }

  /// Waits until the disk knows the names in the folder, and the folder.
  private func makeNameDurable(in folder: String) throws(FileSystemError) {
    try files.synchronizeFolder(folder)
    if durableFolders.withLock({ $0.contains(folder) }) { return }
    try files.synchronizeFolder(root)
    durableFolders.withLock { _ = $0.insert(folder) }
  }

  private func write(_ bytes: [UInt8], as id: BlobID) throws(FileSystemError) {
    let folder = folder(of: id)
    if try files.attributes(of: folder) == nil { try files.createFolder(folder) }
    let temporary = "\(folder)/\(temporaryName())"
    do {
      try files.writeNewFile(bytes, to: temporary)
      try files.rename(temporary, to: path(of: id))
    } catch {
      // What is left behind the sweep removes; the first error is the one to tell.
      try? files.remove(temporary)
      throw error
    }
    try makeNameDurable(in: folder)
  }

  private func temporaryName() -> String {
    let number = ageLock.withLock { count in
      count += 1
      return count
    }
    return "\(Self.temporaryPrefix)\(UInt64.random(in: 0...UInt64.max))-\(number)"
  }
}

extension BlobID {
  /// The name of these bytes.
  package init(sha256Of bytes: [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    var name: [UInt8] = []
    name.reserveCapacity(64)
    for byte in SHA256.hash(data: bytes) {
      name.append(digits[Int(byte >> 4)])
      name.append(digits[Int(byte & 15)])
    }
    guard let id = BlobID(String(decoding: name, as: UTF8.self)) else {
      preconditionFailure("A SHA-256 has 64 hexadecimal digits")
    }
    self = id
  }
}
