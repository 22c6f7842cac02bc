#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Holds a folder for one process.
///
/// The kernel lets go of the lock when the process ends, however it ends, so that a crash leaves
/// no lock behind.
final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock, or returns nil if another holds it.
  ///
  /// - Throws: ``FileSystemError`` if the lock file cannot be opened.
  init?(path: String) throws(FileSystemError) {
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileSystemError(path: path, errno: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let failure = errno
      close(descriptor)
      if failure == EWOULDBLOCK { return nil }
      throw FileSystemError(path: path, errno: failure)
    }
  }

  deinit {
    close(descriptor)
  }
}
