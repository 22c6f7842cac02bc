import JobStorage
package import Jobs
import Synchronization

/// Keeps blobs in memory, under the same names as the real store.
package final class InMemoryBlobStore: BlobStore {
  private let blobs = Mutex<[BlobID: [UInt8]]>([:])
  private let failures = Mutex<[BlobStoreError]>([])

  /// Creates an empty store.
  package init() {}

  /// Lets the next puts fail, one for each error.
  package func failPuts(with errors: [BlobStoreError]) {
    failures.withLock { $0 += errors }
  }

  package func put(_ bytes: [UInt8]) throws(BlobStoreError) -> BlobID {
    if let failure = failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw failure }
    let id = BlobID(sha256Of: bytes)
    blobs.withLock { $0[id] = bytes }
    return id
  }

  package func get(_ id: BlobID) throws(BlobStoreError) -> [UInt8] {
    guard let bytes = blobs.withLock({ $0[id] }) else { throw .missing(id) }
    return bytes
  }
}
