import Foundation
import GRDB
import JobStorage
import Jobs
import TestSupport
import Testing

@Suite("DataFolder")
struct DataFolderTests {
  private let scratch: Scratch
  private var path: String { scratch.path + "/new/data" }

  init() throws {
    scratch = try Scratch()
  }

  @Test("a second opening is refused, naming the folder and what to do, until the first is closed")
  func locks() async throws {
    let first = try DataFolder.open(path)
    let error = #expect(throws: DataFolderError.self) { try DataFolder.open(path) }
    #expect(error == .locked(path: path))
    #expect(error?.code == "data_folder_locked")
    #expect(
      error?.description
        == "The data folder \(path) is in use by another process; stop that process or choose"
        + " another folder")
    await first.close()
    let second = try DataFolder.open(path)
    await second.close()
  }

  @Test("a folder that cannot be made is refused, naming it")
  func refusesUnusable() throws {
    try Data().write(to: URL(fileURLWithPath: scratch.path + "/file"))
    let inside = scratch.path + "/file/data"
    let error = #expect(throws: DataFolderError.self) { try DataFolder.open(inside) }
    #expect(error == .unusable(path: inside, errno: ENOTDIR))
    #expect(
      error?.description
        == "The data folder needs to be writable, but \(inside) is not (errno \(ENOTDIR))")
  }

  @Test("what was accepted is there after the folder is opened again")
  func keepsEverything() async throws {
    let first = try DataFolder.open(path)
    let blob = try first.blobs.put([1, 2])
    let new = NewJob(id: JobID.next(), request: [3], blobs: ["dataset": blob])
    let job = try await first.jobs.submit(new).job
    await first.close()
    let second = try DataFolder.open(path)
    #expect(try await second.jobs.job(new.id) == job)
    #expect(try second.blobs.get(blob) == [1, 2])
    await second.close()
  }

  @Test("a sweep removes old blobs that no job refers to, and no others")
  func sweeps() async throws {
    let clock = HandClock()
    let folder = try DataFolder.open(path, clock: clock.read)
    let kept = try folder.blobs.put([1])
    let orphan = try folder.blobs.put([2])
    for blob in [kept, orphan] {
      try PosixFileSystem().setModificationTime(clock.now, of: folder.blobs.path(of: blob))
    }
    _ = try await folder.jobs.submit(
      NewJob(id: JobID.next(), request: [], blobs: ["dataset": kept]))
    #expect(try await folder.sweepBlobs() == 0)
    clock.advance(by: .seconds(3601))
    #expect(try await folder.sweepBlobs() == 1)
    #expect(try folder.blobs.get(kept) == [1])
    #expect(throws: BlobStoreError.missing(orphan)) { try folder.blobs.get(orphan) }
    await folder.close()
  }

  @Test("a file that is no database is refused as damaged")
  func refusesForeignFile() throws {
    try PosixFileSystem().createFolder(path)
    let database = path + "/jobs.sqlite"
    try Data(String(repeating: "not a database. ", count: 100).utf8)
      .write(to: URL(fileURLWithPath: database))
    let error = #expect(throws: DataFolderError.self) { try DataFolder.open(path) }
    #expect(error?.code == "store_damaged")
  }
}
