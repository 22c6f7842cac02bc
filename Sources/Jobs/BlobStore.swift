/// The name of a blob: the SHA-256 of its bytes, as 64 lowercase hexadecimal digits.
package struct BlobID: Hashable, Sendable, Comparable, LosslessStringConvertible {
  /// The 64 digits.
  package let description: String

  /// Accepts exactly 64 lowercase hexadecimal digits, or returns nil.
  package init?(_ description: String) {
    guard description.utf8.count == 64 else { return nil }
    guard description.utf8.allSatisfy({ Hexadecimal.value(of: $0) != nil }) else { return nil }
    self.description = description
  }

  /// Whether the first name sorts before the second.
  package static func < (left: BlobID, right: BlobID) -> Bool {
    left.description < right.description
  }
}

/// Keeps large bytes under the name that their content gives them.
///
/// The methods block: the manager calls them on threads of its own, a runner on its worker.
package protocol BlobStore: Sendable {
  /// Stores the bytes durably and returns their name; bytes that are there already stay as they are.
  ///
  /// - Throws: ``BlobStoreError/unwritable(path:errno:)`` if the machine does not let it; then
  ///   nothing can be read under the name that could not be read before.
  func put(_ bytes: [UInt8]) throws(BlobStoreError) -> BlobID

  /// Returns the bytes of that name, which hash to it.
  ///
  /// - Throws: ``BlobStoreError/missing(_:)``, ``BlobStoreError/damaged(_:path:)`` or
  ///   ``BlobStoreError/unreadable(path:errno:)``.
  func get(_ id: BlobID) throws(BlobStoreError) -> [UInt8]
}

/// A blob could not be stored or read.
package enum BlobStoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No blob has that name.
  case missing(BlobID)
  /// The bytes of a blob do not hash to its name.
  case damaged(BlobID, path: String)
  /// The machine did not let us read.
  case unreadable(path: String, errno: Int32)
  /// The machine did not let us write.
  case unwritable(path: String, errno: Int32)
  /// The job has no blob in that role.
  case roleMissing(String)

  /// A stable identifier for programs.
  package var code: String {
    switch self {
    case .missing: "blob_missing"
    case .damaged: "blob_damaged"
    case .unreadable: "blob_unreadable"
    case .unwritable: "blob_unwritable"
    case .roleMissing: "blob_role_missing"
    }
  }

  /// One sentence for people.
  package var description: String {
    switch self {
    case .missing(let id):
      "There is no blob named \(id)"
    case .damaged(let id, let path):
      "The file \(path) is damaged: its content does not hash to \(id)"
    case .unreadable(let path, let errno):
      "The file \(path) cannot be read (errno \(errno))"
    case .unwritable(let path, let errno):
      "The file \(path) cannot be written (errno \(errno))"
    case .roleMissing(let role):
      "The job has no blob in the role \"\(role)\""
    }
  }
}
