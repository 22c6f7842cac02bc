import Foundation
import Testing

@testable import Access

@Suite("KeyFile")
struct KeyFileTests {
  private let scratch: Scratch
  private var file: KeyFile { KeyFile(path: scratch.path + "/folder/keys.json") }

  init() throws {
    scratch = try Scratch()
  }

  @Test("keeps what was added, without the key itself, for its owner's eyes only")
  func addsKeys() throws {
    let secret = try file.add(name: "ci")
    let other = try file.add(
      name: "dashboard", scope: .read, requestsPerSecond: 0.5, queuedJobsMax: 0)
    #expect(secret.wholeMatch(of: /descent_[0-9a-f]{64}/) != nil)
    #expect(secret != other)
    let keys = try file.read()
    #expect(keys.map(\.name) == ["ci", "dashboard"])
    #expect(keys.map(\.scope) == [.full, .read])
    #expect(keys.map(\.requestsPerSecond) == [100, 0.5])
    #expect(keys.map(\.queuedJobsMax) == [1_000, 0])
    #expect(keys[0].sha256 == KeySecret.hash(of: secret).hexadecimal)
    let text = try String(contentsOfFile: file.path, encoding: .utf8)
    #expect(!text.contains(secret.suffix(64)))
    let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/folder")
    #expect(names == ["keys.json"])
  }

  @Test("hashes as SHA-256 does")
  func hashes() {
    // FIPS 180-2, appendix B.1.
    #expect(
      KeySecret.hash(of: "abc").hexadecimal
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test("revokes one key and leaves the others; a name can then be given again")
  func revokesKeys() throws {
    for name in ["a", "b", "c"] { _ = try file.add(name: name) }
    let before = try file.read()
    try file.revoke(name: "b")
    #expect(try file.read() == [before[0], before[2]])
    #expect(throws: KeyFileError.nameUnknown("b", path: file.path)) {
      try file.revoke(name: "b")
    }
    #expect(throws: KeyFileError.nameTaken("a", path: file.path)) { try file.add(name: "a") }
    _ = try file.add(name: "b")
    #expect(try file.read().map(\.name) == ["a", "c", "b"])
    #expect(try file.read()[2].sha256 != before[1].sha256)
  }

  @Test("what is added at the same time is all there")
  func concurrentAdds() async throws {
    let file = file
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<40 { group.addTask { _ = try file.add(name: "key-\(number)") } }
      try await group.waitForAll()
    }
    #expect(Set(try file.read().map(\.name)) == Set((0..<40).map { "key-\($0)" }))
  }

  private static let entry = """
    {"name": "a", "sha256": "\(String(repeating: "0a", count: 32))", "scope": "full",
     "requests_per_second": 1, "queued_jobs": 1, "created_at": "2026-01-31T00:00:00Z"}
    """

  @Test(
    "a file at fault is refused with the place and the fault",
    arguments: [
      ("", "The given data was not valid JSON."),
      ("{}", "keys is missing"),
      (#"{"keys": [\#(entry), {}]}"#, "at keys[1]: name is missing"),
      (
        #"{"keys": [\#(entry.replacing("\"full\"", with: "\"all\""))]}"#,
        "at keys[0].scope: Cannot initialize Scope from invalid String value all"
      ),
      (
        #"{"keys": [\#(entry.replacing("\"a\"", with: "\"a b\""))]}"#,
        "keys[0] has a name that is not 1 to 64 letters, digits, _, - or ."
      ),
      (
        #"{"keys": [\#(entry.replacing("0a0a", with: "0A0A"))]}"#,
        "keys[0] has a sha256 that is not 64 hexadecimal digits"
      ),
      (
        #"{"keys": [\#(entry.replacing("second\": 1", with: "second\": 0"))]}"#,
        "keys[0] has requests_per_second 0.0, which is not from 0.01 to 1000000"
      ),
      (
        #"{"keys": [\#(entry.replacing("jobs\": 1", with: "jobs\": -1"))]}"#,
        "keys[0] has queued_jobs -1, which is not from 0 to 1000000"
      ),
      (
        #"{"keys": [\#(entry), \#(entry)]}"#,
        "keys[1] has the name a, which an earlier one has"
      ),
    ])
  func faults(text: String, fault: String) throws {
    let path = scratch.path + "/keys.json"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: KeyFileError.self) { try KeyFile(path: path).read() }
    #expect(error == .malformed(path: path, fault: fault))
    #expect(throws: KeyFileError.self) { try KeyFile(path: path).add(name: "b") }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
  }

  @Test("a file that is not there, or is a folder, is told as such")
  func unreadable() throws {
    let path = scratch.path + "/none.json"
    #expect(throws: KeyFileError.missing(path: path)) { try KeyFile(path: path).read() }
    #expect(throws: KeyFileError.missing(path: path)) {
      try KeyFile(path: path).revoke(name: "a")
    }
    let error = #expect(throws: KeyFileError.self) { try KeyFile(path: scratch.path).read() }
    guard case .unreadable? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("every error is one sentence that says what to do")
  func messages() {
    let table: [(KeyFileError, String)] = [
      (
        .missing(path: "/k"),
        "There is no key file /k; descent keys add NAME --keys /k makes it"
      ),
      (.unreadable(path: "/k", reason: "why"), "The key file /k cannot be read: why"),
      (
        .malformed(path: "/k", fault: "why"),
        "The key file /k is not as descent keys writes it: why"
      ),
      (.unwritable(path: "/k", reason: "why"), "The key file /k cannot be written: why"),
      (
        .nameTaken("a", path: "/k"),
        "The key file /k has a key named a; revoke that one first, or choose another name"
      ),
      (.nameUnknown("a", path: "/k"), "The key file /k has no key named a"),
    ]
    for (error, message) in table { #expect(error.description == message) }
  }

  @Test(
    "a name has 1 to 64 letters, digits, _, - or .",
    arguments: [
      ("", false), ("a", true), ("A-z_0.9", true), ("a b", false), ("ä", false), ("a/b", false),
      (String(repeating: "n", count: 64), true), (String(repeating: "n", count: 65), false),
    ])
  func names(name: String, isName: Bool) {
    #expect(AccessKey.isName(name) == isName)
  }
}
