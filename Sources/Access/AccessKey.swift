package import Foundation

/// A key as the file keeps it: everything but the key itself.
package struct AccessKey: Codable, Hashable, Sendable {
  /// What its holder may do.
  package enum Scope: String, Codable, Sendable, CaseIterable {
    /// Everything.
    case full
    /// What changes nothing.
    case read
  }

  /// Tells the keys of a file apart.
  package let name: String
  /// Whose jobs it sees and makes; nil for those of its own name.
  package let owner: String?
  /// The SHA-256 of the key, in lower-case hexadecimal digits.
  ///
  /// A key is 256 random bits, which nobody can guess: the slow, salted hashes that passwords need
  /// would only cost time at every request.
  package let sha256: String
  package let scope: Scope
  /// How many requests a second it may make, in the mean; two seconds' worth at once.
  package let requestsPerSecond: Double
  /// How many of its jobs may wait at once.
  package let queuedJobsMax: Int
  package let createdAt: Date

  package static let requestsPerSecondDefault = 100.0
  package static let queuedJobsDefault = 1_000
  package static let requestsPerSecondRange = 0.01...1_000_000.0
  package static let queuedJobsRange = 0...1_000_000
  /// Characters of a name, at most.
  package static let nameCharactersMax = 64

  private enum CodingKeys: String, CodingKey {
    case name
    case owner
    case sha256
    case scope
    case requestsPerSecond = "requests_per_second"
    case queuedJobsMax = "queued_jobs"
    case createdAt = "created_at"
  }

  /// Makes the entry of a key.
  package init(
    name: String, owner: String? = nil, secret: String, scope: Scope = .full,
    requestsPerSecond: Double = requestsPerSecondDefault,
    queuedJobsMax: Int = queuedJobsDefault, createdAt: Date
  ) {
    self.name = name
    self.owner = owner
    sha256 = KeySecret.hash(of: secret).hexadecimal
    self.scope = scope
    self.requestsPerSecond = requestsPerSecond
    self.queuedJobsMax = queuedJobsMax
    self.createdAt = createdAt
  }

  /// The name that its jobs belong to.
  package var jobsOwner: String { owner ?? name }

  /// What is wrong with the entry, in words that follow its name; nil if nothing is.
  var fault: String? {
    if !Self.isName(name) { return "has a name that is not \(Self.nameRule)" }
    if let owner, !Self.isName(owner) { return "has an owner that is not \(Self.nameRule)" }
    if [UInt8](hexadecimal: sha256)?.count != KeySecret.hashBytes {
      return "has a sha256 that is not 64 hexadecimal digits"
    }
    if !Self.requestsPerSecondRange.contains(requestsPerSecond) {
      return "has requests_per_second \(requestsPerSecond), which is not from 0.01 to 1000000"
    }
    if !Self.queuedJobsRange.contains(queuedJobsMax) {
      return "has queued_jobs \(queuedJobsMax), which is not from 0 to 1000000"
    }
    return nil
  }

  /// What a name must be.
  package static let nameRule = "1 to 64 letters, digits, _, - or ."

  /// Whether a key may have this name.
  package static func isName(_ text: String) -> Bool {
    (1...nameCharactersMax).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
          UInt8(ascii: "."):
          true
        default: false
        }
      }
  }
}
