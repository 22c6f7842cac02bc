import GRDB
import Jobs

extension JobStoreError {
  /// Translates what a transaction threw.
  init(_ error: any Error, path: String) {
    if let error = error as? JobStoreError {
      self = error
      return
    }
    guard let error = error as? DatabaseError else {
      self = .failed(path: path, code: -1, detail: "\(error)")
      return
    }
    let detail = error.message ?? "no message"
    switch error.resultCode {
    case .SQLITE_FULL: self = .full(path: path)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path: path, detail: detail)
    // SQLite has far more codes than can be listed; the rest differ only by number.
    default:
      self = .failed(path: path, code: Int(error.extendedResultCode.rawValue), detail: detail)
    }
  }
}
