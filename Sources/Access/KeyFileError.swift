/// A file of keys could not be used.
package enum KeyFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no such file.
  case missing(path: String)
  /// It cannot be read.
  case unreadable(path: String, reason: String)
  /// It is not what ``KeyFile`` writes.
  case malformed(path: String, fault: String)
  /// It cannot be written.
  case unwritable(path: String, reason: String)
  /// A key of that name is there.
  case nameTaken(String, path: String)
  /// No key of that name is there.
  case nameUnknown(String, path: String)

  /// One sentence for people, saying what to do.
  package var description: String {
    switch self {
    case .missing(let path):
      "There is no key file \(path); descent keys add NAME --keys \(path) makes it"
    case .unreadable(let path, let reason):
      "The key file \(path) cannot be read: \(reason)"
    case .malformed(let path, let fault):
      "The key file \(path) is not as descent keys writes it: \(fault)"
    case .unwritable(let path, let reason):
      "The key file \(path) cannot be written: \(reason)"
    case .nameTaken(let name, let path):
      "The key file \(path) has a key named \(name); revoke that one first, or choose another name"
    case .nameUnknown(let name, let path):
      "The key file \(path) has no key named \(name)"
    }
  }
}
