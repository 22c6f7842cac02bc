internal import Synchronization

/// Decides who may make a request, by the keys of a file.
///
/// The file may change at any time: while requests come it is looked at once a second, and read if
/// it has changed. One that cannot be used leaves the keys as they were.
package final class KeyGuard: Sendable {
  /// What becomes of a request.
  package enum Verdict: Hashable, Sendable {
    /// It may go on, as a request of the key of that name.
    case admitted(name: String)
    /// It shows no key.
    case missing
    /// It shows a key that is none, or none any more.
    case unknown
    /// It would change something, and its key may only read.
    case readOnly(name: String)
    /// Its key makes too many requests; the next one may pass after the seconds.
    case tooMany(name: String, perSecond: Double, retryAfterSeconds: Int)
  }

  private struct Entry {
    let key: AccessKey
    let hash: [UInt8]
    var bucket: TokenBucket
  }

  private struct State {
    var entries: [Entry]
    var stamp: KeyFile.Stamp?
    var lookedAt: Int64
    var hasWarned = false
  }

  /// The file of the keys.
  package let file: KeyFile
  private let state: Mutex<State>
  private let warn: @Sendable (String) -> Void

  /// Nanoseconds between two looks at the file.
  private static let lookInterval: Int64 = 1_000_000_000

  /// Reads the keys.
  ///
  /// - Parameters:
  ///   - file: Where they are.
  ///   - nanoseconds: The time on the clock of every later call.
  ///   - warn: Told when a changed file cannot be used.
  /// - Throws: ``KeyFileError``.
  package init(
    _ file: KeyFile, at nanoseconds: Int64, warn: @escaping @Sendable (String) -> Void
  ) throws(KeyFileError) {
    self.file = file
    self.warn = warn
    // The stamp first: a change between the two is seen at the next look.
    let stamp = file.stamp
    let entries = Self.entries(of: try file.read(), keeping: [], at: nanoseconds)
    state = Mutex(State(entries: entries, stamp: stamp, lookedAt: nanoseconds))
  }

  /// How many keys there are.
  package var count: Int { state.withLock { $0.entries.count } }

  /// Decides about a request; it counts for the rate of its key even if it is refused.
  ///
  /// - Parameters:
  ///   - secret: The key that it shows.
  ///   - changes: Whether it may change something.
  ///   - nanoseconds: The time.
  /// - Returns: What becomes of it.
  package func verdict(on secret: String?, changes: Bool, at nanoseconds: Int64) -> Verdict {
    guard let secret else { return .missing }
    let hash = KeySecret.hash(of: secret)
    return state.withLock { state in
      lookAtFile(&state, at: nanoseconds)
      guard let index = Self.index(of: hash, in: state.entries) else { return .unknown }
      let key = state.entries[index].key
      if let seconds = state.entries[index].bucket.take(at: nanoseconds) {
        return .tooMany(
          name: key.name, perSecond: key.requestsPerSecond, retryAfterSeconds: seconds)
      }
      guard changes, key.scope == .read else { return .admitted(name: key.name) }
      return .readOnly(name: key.name)
    }
  }

  /// How many jobs of the key may wait at once; none if the key has been revoked since.
  package func queuedJobsMax(of name: String) -> Int {
    state.withLock { $0.entries.first { $0.key.name == name }?.key.queuedJobsMax ?? 0 }
  }

  private func lookAtFile(_ state: inout State, at nanoseconds: Int64) {
    guard nanoseconds - state.lookedAt >= Self.lookInterval else { return }
    state.lookedAt = nanoseconds
    let stamp = file.stamp
    guard stamp != state.stamp else { return }
    do {
      state.entries = Self.entries(
        of: try file.read(), keeping: state.entries, at: nanoseconds)
      state.stamp = stamp
      state.hasWarned = false
    } catch {
      // It is read again at each look until it can be used, but one warning is enough.
      if !state.hasWarned { warn("\(error); the keys stay as they were") }
      state.hasWarned = true
    }
  }

  /// A key that stays as it was keeps what is left of its rate.
  private static func entries(
    of keys: [AccessKey], keeping known: [Entry], at nanoseconds: Int64
  ) -> [Entry] {
    keys.compactMap { key in
      if let entry = known.first(where: { $0.key == key }) { return entry }
      return [UInt8](hexadecimal: key.sha256).map {
        Entry(
          key: key, hash: $0, bucket: TokenBucket(rate: key.requestsPerSecond, at: nanoseconds))
      }
    }
  }

  /// Looks at every entry, so that the time does not tell which one it is.
  private static func index(of hash: [UInt8], in entries: [Entry]) -> Int? {
    var found: Int?
    for (index, entry) in entries.enumerated() where isEqualInConstantTime(entry.hash, hash) {
      found = index
    }
    return found
  }
}
