import Foundation
import JobStorage
import Jobs
import TestSupport
import Testing

@Suite("FileBlobStore")
struct FileBlobStoreTests {
  private let scratch: Scratch
  private let files = FaultyFileSystem()
  private let clock = HandClock()
  private let store: FileBlobStore

  init() throws {
    scratch = try Scratch()
    store = FileBlobStore(root: scratch.path + "/blobs", files: files, clock: clock.read)
    try PosixFileSystem().createFolder(scratch.path + "/blobs")
  }

  // SHA-256 of "abc" and of nothing, from FIPS 180-2, appendix B.1, and NIST's short vectors.
  @Test(
    "a blob is named by the SHA-256 of its bytes and read back",
    arguments: [
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ])
  func namesByHash(text: String, name: String) throws {
    let id = try store.put(Array(text.utf8))
    #expect(id.description == name)
    #expect(try store.get(id) == Array(text.utf8))
    let expected = "\(scratch.path)/blobs/\(name.prefix(2))/\(name.dropFirst(2))"
    #expect(store.path(of: id) == expected)
  }

  @Test("is written beside, synchronised, renamed, and its folder synchronised; once")
  func writesInOrder() throws {
    _ = try store.put([1])
    let written = files.operations
    #expect(
      written == [
        "createFolder", "writeNothing", "rename", "synchronizeFolder", "synchronizeFolder",
      ])
    _ = try store.put([1])
    #expect(files.operations == written + ["synchronizeFolder"])
  }

  @Test(
    "a fault at any step leaves no blob or a whole one, and the next try succeeds",
    arguments: FaultyFileSystem.Operation.allCases)
  func survivesFaults(operation: FaultyFileSystem.Operation) throws {
    let bytes: [UInt8] = Array(0...99)
    files.failNext(operation)
    #expect(throws: BlobStoreError.self) { try store.put(bytes) }
    let id = BlobID(sha256Of: bytes)
    do {
      #expect(try store.get(id) == bytes)
    } catch {
      #expect(error == .missing(id))
    }
    #expect(try store.put(bytes) == id)
    #expect(try store.get(id) == bytes)
  }

  @Test("a damaged blob is refused, naming the file; one of another size is mended by a put")
  func refusesDamage() throws {
    let id = try store.put([1, 2, 3])
    let path = store.path(of: id)
    try Data([1, 2, 4]).write(to: URL(fileURLWithPath: path))
    #expect(throws: BlobStoreError.damaged(id, path: path)) { try store.get(id) }
    try Data([1]).write(to: URL(fileURLWithPath: path))
    _ = try store.put([1, 2, 3])
    #expect(try store.get(id) == [1, 2, 3])
  }

  @Test("a blob that is not there is missing; a folder in its place cannot be read")
  func tellsMissingFromUnreadable() throws {
    let id = BlobID(sha256Of: [9])
    #expect(throws: BlobStoreError.missing(id)) { try store.get(id) }
    let path = store.path(of: id)
    try PosixFileSystem().createFolder(path)
    #expect(throws: BlobStoreError.unreadable(path: path, errno: EISDIR)) { try store.get(id) }
  }

  @Test("files become old after an hour, unless they are stored again", arguments: [0, 1])
  func ageDecides(millisecondsMore: Int) throws {
    let id = try store.put([1])
    try files.setModificationTime(clock.now, of: store.path(of: id))
    let temporary = scratch.path + "/blobs/" + id.description.prefix(2) + "/writing-1"
    try files.writeNewFile([], to: temporary)
    try files.setModificationTime(clock.now, of: temporary)
    clock.advance(by: .seconds(3600) + .milliseconds(millisecondsMore))
    let old = try store.oldFiles()
    #expect(old.count == (millisecondsMore == 0 ? 0 : 2))
    _ = try store.put([1])
    #expect(
      try old.filter { try store.removeIfOld($0) }.map(\.path)
        == old.map(\.path).filter {
          $0.hasSuffix("writing-1")
        })
    #expect(try store.get(id) == [1])
  }
}
