import Foundation
import JobStorage
import Jobs
import Synchronization

/// A folder of its own for each test, removed with the value.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "descent-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    // What is left in a temporary folder does no harm.
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// The file system of the machine, of which one operation fails.
final class FaultyFileSystem: FileSystem {
  /// An operation that changes the disk.
  enum Operation: String, Sendable, CaseIterable {
    case createFolder
    case writeNothing
    case writeHalf
    case writeWithoutSync
    case rename
    case synchronizeFolder
  }

  private let real = PosixFileSystem()
  private let fault = Mutex<Operation?>(nil)
  private let log = Mutex<[String]>([])

  /// Lets the next operation of that kind fail as if the disk were full.
  func failNext(_ operation: Operation) { fault.withLock { $0 = operation } }

  /// The operations so far, by kind and last part of the path.
  var operations: [String] { log.withLock { $0 } }

  private func hits(_ operation: Operation) -> Bool {
    fault.withLock { fault in
      guard fault == operation else { return false }
      fault = nil
      return true
    }
  }

  private func check(_ operation: Operation, _ path: String) throws(FileSystemError) {
    log.withLock { $0.append(operation.rawValue) }
    if hits(operation) { throw FileSystemError(path: path, errno: ENOSPC) }
  }

  func createFolder(_ path: String) throws(FileSystemError) {
    try check(.createFolder, path)
    try real.createFolder(path)
  }

  func writeNewFile(_ bytes: [UInt8], to path: String) throws(FileSystemError) {
    try check(.writeNothing, path)
    let isTorn = hits(.writeHalf)
    try real.writeNewFile(isTorn ? Array(bytes.prefix(bytes.count / 2)) : bytes, to: path)
    if isTorn || hits(.writeWithoutSync) { throw FileSystemError(path: path, errno: EIO) }
  }

  func rename(_ path: String, to newPath: String) throws(FileSystemError) {
    try check(.rename, newPath)
    try real.rename(path, to: newPath)
  }

  func synchronizeFolder(_ path: String) throws(FileSystemError) {
    try check(.synchronizeFolder, path)
    try real.synchronizeFolder(path)
  }

  func read(_ path: String) throws(FileSystemError) -> [UInt8]? { try real.read(path) }
  func remove(_ path: String) throws(FileSystemError) { try real.remove(path) }
  func names(in folder: String) throws(FileSystemError) -> [String] {
    try real.names(in: folder)
  }
  func attributes(of path: String) throws(FileSystemError) -> FileAttributes? {
    try real.attributes(of: path)
  }
  func setModificationTime(_ time: JobTime, of path: String) throws(FileSystemError) {
    try real.setModificationTime(time, of: path)
  }
}
