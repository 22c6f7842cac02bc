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

  private func makeGuard() throws -> KeyGuard {
    let warnings = warnings
    return try KeyGuard(file, at: 0) { text in warnings.all.withLock { $0.append(text) } }
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

  @Test("a change of the file is seen a second after the last look, not before")
  func reloads() throws {
    let first = try file.add(name: "first", requestsPerSecond: 0.5)
    let guardian = try makeGuard()
    #expect(guardian.verdict(on: first, changes: true, at: 0) == .admitted(name: "first"))
    let second = try file.add(name: "second")
    #expect(guardian.verdict(on: second, changes: true, at: 999_999_999) == .unknown)
    #expect(
      guardian.verdict(on: second, changes: true, at: 1_000_000_000)
        == .admitted(name: "second"))
    // What is left of a rate stays: half a token after one second.
    #expect(
      guardian.verdict(on: first, changes: true, at: 1_000_000_000)
        == .tooMany(name: "first", perSecond: 0.5, retryAfterSeconds: 1))
    try file.revoke(name: "first")
    #expect(guardian.verdict(on: first, changes: true, at: 3_000_000_000) == .unknown)
    #expect(
      guardian.verdict(on: second, changes: true, at: 3_000_000_000)
        == .admitted(name: "second"))
  }

  @Test("a file that breaks leaves the keys as they were, with one warning, until it is mended")
  func keepsKeys() throws {
    let secret = try file.add(name: "a")
    let guardian = try makeGuard()
    let good = try Data(contentsOf: URL(fileURLWithPath: file.path))
    try Data("{".utf8).write(to: URL(fileURLWithPath: file.path))
    for time in 1...3 {
      #expect(
        guardian.verdict(on: secret, changes: true, at: Int64(time) * second)
          == .admitted(name: "a"))
    }
    #expect(warnings.count == 1)
    #expect(warnings.all.withLock { $0[0] }.hasSuffix("; the keys stay as they were"))
    try FileManager.default.removeItem(atPath: file.path)
    #expect(
      guardian.verdict(on: secret, changes: true, at: 4 * second) == .admitted(name: "a"))
    #expect(warnings.count == 1)
    try good.write(to: URL(fileURLWithPath: file.path))
    let other = try file.add(name: "b")
    #expect(guardian.verdict(on: other, changes: true, at: 5 * second) == .admitted(name: "b"))
    try FileManager.default.removeItem(atPath: file.path)
    #expect(
      guardian.verdict(on: other, changes: true, at: 6 * second) == .admitted(name: "b"))
    #expect(warnings.count == 2)
  }

  @Test("knows how many jobs of a key may wait, and none of one that was revoked")
  func quotas() throws {
    _ = try file.add(name: "a", queuedJobsMax: 7)
    let guardian = try makeGuard()
    #expect(guardian.queuedJobsMax(of: "a") == 7)
    #expect(guardian.queuedJobsMax(of: "b") == 0)
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
