import Foundation
import Synchronization
import Testing

@testable import Access

private let second: Int64 = 1_000_000_000

@Suite("KeyGuard")
struct KeyGuardTests {
  private let scratch: Scratch
  private let file: KeyFile
  private let warnings = Warnings()

  private final class Warnings: Sendable {
    let all = Mutex<[String]>([])
    var count: Int { all.withLock { $0.count } }
  }

  init() throws {
    scratch = try Scratch()
    file = KeyFile(path: scratch.path + "/keys.json")
  }

  private func makeGuard(_ withoutFile: KeyGuard.WithoutFile? = nil) throws -> KeyGuard {
    let warnings = warnings
    return try KeyGuard(file, withoutFile: withoutFile, at: 0) { text in
      warnings.all.withLock { $0.append(text) }
    }
  }

  @Test("admits the holder of a key under its name, and nobody else")
  func admits() throws {
    let secrets = try ["a", "b", "c"].map { try file.add(name: $0) }
    let guardian = try makeGuard()
    for (name, secret) in zip(["a", "b", "c"], secrets) {
      #expect(guardian.verdict(on: secret, changes: true, at: 0) == .admitted(name: name))
    }
    #expect(guardian.verdict(on: nil, changes: false, at: 0) == .missing)
    for other in ["", "descent_", KeySecret.make(), secrets[0] + "0", secrets[0].uppercased()] {
      #expect(guardian.verdict(on: other, changes: false, at: 0) == .unknown)
    }
    #expect(guardian.count == 3)
  }

  @Test("a key that may only read changes nothing")
  func scope() throws {
    let secret = try file.add(name: "r", scope: .read)
    let guardian = try makeGuard()
    #expect(guardian.verdict(on: secret, changes: false, at: 0) == .admitted(name: "r"))
    #expect(guardian.verdict(on: secret, changes: true, at: 0) == .readOnly(name: "r"))
  }

  @Test("each key has a rate of its own, and a refused request counts too")
  func rates() throws {
    let slow = try file.add(name: "slow", scope: .read, requestsPerSecond: 0.5)
    let fast = try file.add(name: "fast", requestsPerSecond: 1)
    let guardian = try makeGuard()
    #expect(guardian.verdict(on: slow, changes: true, at: 0) == .readOnly(name: "slow"))
    #expect(
      guardian.verdict(on: slow, changes: false, at: 0)
        == .tooMany(name: "slow", perSecond: 0.5, retryAfterSeconds: 2))
    #expect(guardian.verdict(on: fast, changes: true, at: 0) == .admitted(name: "fast"))
    #expect(guardian.verdict(on: slow, changes: false, at: 2 * second) == .admitted(name: "slow"))
  }

  @Test("a change of the file counts once it is looked at, and keeps what is left of a rate")
  func reloads() throws {
    let first = try file.add(name: "first", requestsPerSecond: 0.5)
    let guardian = try makeGuard()
    #expect(guardian.verdict(on: first, changes: true, at: 0) == .admitted(name: "first"))
    let other = try file.add(name: "second")
    #expect(guardian.verdict(on: other, changes: true, at: second) == .unknown)
    guardian.reload(at: second)
    #expect(guardian.verdict(on: other, changes: true, at: second) == .admitted(name: "second"))
    // Half a token after one second.
    #expect(
      guardian.verdict(on: first, changes: true, at: second)
        == .tooMany(name: "first", perSecond: 0.5, retryAfterSeconds: 1))
    try file.revoke(name: "first")
    guardian.reload(at: second)
    #expect(guardian.verdict(on: first, changes: true, at: 3 * second) == .unknown)
    #expect(guardian.verdict(on: other, changes: true, at: 3 * second) == .admitted(name: "second"))
    #expect(warnings.count == 0)
  }

  @Test("a file that breaks leaves the keys as they were, with one warning for each fault")
  func keepsKeys() throws {
    let secret = try file.add(name: "a")
    let guardian = try makeGuard()
    func expectAdmitted(_ secret: String, as name: String, warnings count: Int) {
      for _ in 0..<2 { guardian.reload(at: 0) }
      #expect(guardian.verdict(on: secret, changes: true, at: 0) == .admitted(name: name))
      #expect(warnings.count == count)
    }
    let good = try Data(contentsOf: URL(fileURLWithPath: file.path))
    try Data("{".utf8).write(to: URL(fileURLWithPath: file.path))
    expectAdmitted(secret, as: "a", warnings: 1)
    #expect(warnings.all.withLock { $0[0] }.hasSuffix("; the keys stay as they were"))
    try FileManager.default.removeItem(atPath: file.path)
    expectAdmitted(secret, as: "a", warnings: 2)
    try good.write(to: URL(fileURLWithPath: file.path))
    let other = try file.add(name: "b")
    expectAdmitted(other, as: "b", warnings: 2)
    try FileManager.default.removeItem(atPath: file.path)
    expectAdmitted(other, as: "b", warnings: 3)
  }

  @Test("without a file everyone is admitted, or nobody, until there is one; it never goes back")
  func withoutFile() throws {
    #expect(throws: KeyFileError.missing(path: file.path)) { try makeGuard() }
    let open = try makeGuard(.admitsEveryone)
    let closed = try makeGuard(.admitsNobody)
    #expect(open.isOpen && !closed.isOpen)
    #expect(open.verdict(on: nil, changes: true, at: 0) == .open)
    #expect(open.verdict(on: "x", changes: true, at: 0) == .open)
    #expect(closed.verdict(on: nil, changes: false, at: 0) == .missing)
    let secret = try file.add(name: "a")
    for guardian in [open, closed] {
      guardian.reload(at: 0)
      #expect(!guardian.isOpen)
      #expect(guardian.verdict(on: nil, changes: false, at: 0) == .missing)
      #expect(guardian.verdict(on: secret, changes: true, at: 0) == .admitted(name: "a"))
    }
    #expect(warnings.count == 0)
    try FileManager.default.removeItem(atPath: file.path)
    open.reload(at: 0)
    #expect(open.verdict(on: nil, changes: false, at: 0) == .missing)
  }

  @Test("the last key revoked, and a file that others can write, are warned of")
  func oddities() throws {
    let secret = try file.add(name: "a")
    let guardian = try makeGuard()
    chmod(file.path, 0o644)
    guardian.reload(at: 0)
    #expect(warnings.count == 0)
    chmod(file.path, 0o666)
    guardian.reload(at: 0)
    #expect(
      warnings.all.withLock { $0.last }
        == "The key file \(file.path) has mode 666: others than its owner can write it and so give"
        + " themselves keys; chmod 600 \(file.path) ends that")
    try file.revoke(name: "a")
    guardian.reload(at: 0)
    #expect(
      warnings.all.withLock { $0.last }
        == "The key file \(file.path) holds no key, so nobody is admitted; descent keys add NAME"
        + " makes one")
    #expect(warnings.count == 2)
    #expect(guardian.verdict(on: secret, changes: false, at: 0) == .unknown)
    _ = try makeGuard()
    #expect(warnings.count == 3)
  }

  @Test("knows a key's owner and its jobs' bound, and nothing of one that was revoked")
  func keyByName() throws {
    _ = try file.add(name: "a", queuedJobsMax: 7)
    _ = try file.add(name: "b", owner: "a", scope: .read)
    let guardian = try makeGuard()
    #expect(guardian.key(named: "a")?.queuedJobsMax == 7)
    #expect(guardian.key(named: "a")?.jobsOwner == "a")
    #expect(guardian.key(named: "b")?.jobsOwner == "a")
    #expect(guardian.key(named: "c") == nil)
  }

  @Test("compares every byte of a hash")
  func comparison() {
    let hash = KeySecret.hash(of: "a")
    #expect(isEqualInConstantTime(hash, hash))
    for index in hash.indices {
      for bit in 0..<8 {
        var other = hash
        other[index] ^= 1 << bit
        #expect(!isEqualInConstantTime(hash, other))
      }
    }
    #expect(!isEqualInConstantTime(hash, Array(hash.dropLast())))
  }
}
