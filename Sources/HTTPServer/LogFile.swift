import Glibc

/// An access log's file cannot be opened.
package struct AccessLogError: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: String
  package let reason: String

  package var description: String { "cannot open the access log \(path): \(reason)" }
}

/// A file that bytes are appended to, closed with its owner.
final class LogFile: Sendable {
  private let descriptor: Int32
  private let isOwned: Bool

  static var standardError: LogFile { LogFile(descriptor: STDERR_FILENO, isOwned: false) }

  private init(descriptor: Int32, isOwned: Bool) {
    self.descriptor = descriptor
    self.isOwned = isOwned
  }

  /// Opens a file, readable by the owner and the group if it is made.
  convenience init(appendingTo path: String) throws(AccessLogError) {
    // The call reads a path that lives as long as it does.
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else {
      throw AccessLogError(path: path, reason: SystemSocket.reason(errno))
    }
    self.init(descriptor: descriptor, isOwned: true)
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  /// Writes all bytes; false if that fails.
  func write(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { piece in
        unsafe Glibc.write(descriptor, piece.baseAddress, piece.count)
      }
      if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return false }
    }
    return true
  }
}
