internal import Synchronization

/// Decides who may make a request, by the keys of a file.
///
/// The file may change at any time; ``reload(at:)`` is to be called when it may have. One that cannot be
/// used leaves the keys as they were.
package final class KeyGuard: Sendable {
  /// What a guard does as long as there has been no file.
  package enum WithoutFile: Sendable {
    case admitsEveryone
    case admitsNobody
  }

  /// What becomes of a request.
  package enum Verdict: Hashable, Sendable {
    /// It may go on, since there are no keys yet and everyone is admitted.
    case open
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
    /// Nil while everyone is admitted.
    var entries: [Entry]?
  }

  /// What was last seen of the file.
  private struct Look {
    var stamp: KeyFile.Stamp?
    var lastWarning: String?
  }

  /// The file of the keys.
  package let file: KeyFile
  private let state: Mutex<State>
  /// Held while the file is read; whoever asks for a verdict waits for `state` alone.
  private let look: Mutex<Look>
  private let warn: @Sendable (String) -> Void

  /// Reads the keys.
  ///
  /// - Parameters:
  ///   - file: Where they are.
  ///   - withoutFile: What holds as long as there is no file; nil if there must be one.
  ///   - nanoseconds: The time on the clock of every later call.
  ///   - warn: Told when a file cannot be used, when it holds no key, and when others can write it.
  /// - Throws: ``KeyFileError``.
  package init(
    _ file: KeyFile, withoutFile: WithoutFile? = nil, at nanoseconds: Int64,
    warn: @escaping @Sendable (String) -> Void
  ) throws(KeyFileError) {
    self.file = file
    self.warn = warn
    // The stamp first: a change between the two is seen at the next look.
    let stamp = file.stamp
    look = Mutex(Look(stamp: stamp))
    switch (stamp, withoutFile) {
    case (nil, .admitsEveryone): state = Mutex(State(entries: nil))
    case (nil, .admitsNobody): state = Mutex(State(entries: []))
    case _:
      let keys = try file.read()
      state = Mutex(State(entries: Self.entries(of: keys, keeping: [], at: nanoseconds)))
      warnOf(keys, stamp)
    }
  }

  /// Whether everyone is admitted, since there are no keys yet.
  package var isOpen: Bool { state.withLock { $0.entries == nil } }

  /// How many keys there are.
  package var count: Int { state.withLock { $0.entries?.count ?? 0 } }

  /// Decides about a request; it counts for the rate of its key even if it is refused.
  ///
  /// - Parameters:
  ///   - secret: The key that it shows.
  ///   - changes: Whether it may change something.
  ///   - nanoseconds: The time.
  /// - Returns: What becomes of it.
  package func verdict(on secret: String?, changes: Bool, at nanoseconds: Int64) -> Verdict {
    let hash = secret.map(KeySecret.hash(of:))
    return state.withLock { state in
      guard var entries = state.entries.take() else { return .open }
      defer { state.entries = entries }
      guard let hash else { return .missing }
      guard let index = Self.index(of: hash, in: entries) else { return .unknown }
      let key = entries[index].key
      if let seconds = entries[index].bucket.take(at: nanoseconds) {
        return .tooMany(
          name: key.name, perSecond: key.requestsPerSecond, retryAfterSeconds: seconds)
      }
      guard changes, key.scope == .read else { return .admitted(name: key.name) }
      return .readOnly(name: key.name)
    }
  }

  /// The key of that name; nil if it has been revoked.
  package func key(named name: String) -> AccessKey? {
    state.withLock { $0.entries?.first { $0.key.name == name }?.key }
  }

  /// Reads the file again if it has changed; waits for the disk, but lets no verdict wait for it.
  package func reload(at nanoseconds: Int64) {
    look.withLock { look in
      let stamp = file.stamp
      guard stamp != look.stamp else {
        look.lastWarning = nil
        return
      }
      do {
        let keys = try file.read()
        state.withLock { state in
          state.entries = Self.entries(of: keys, keeping: state.entries ?? [], at: nanoseconds)
        }
        look = Look(stamp: stamp)
        warnOf(keys, stamp)
      } catch {
        // It is read again at each look until it can be used, but one warning is enough.
        let warning = "\(error); the keys stay as they were"
        if look.lastWarning != warning { warn(warning) }
        look.lastWarning = warning
      }
    }
  }

  /// Tells what is odd about a file that can be used.
  private func warnOf(_ keys: [AccessKey], _ stamp: KeyFile.Stamp?) {
    if keys.isEmpty {
      warn(
        "The key file \(file.path) holds no key, so nobody is admitted; descent keys add NAME makes"
          + " one")
    }
    if let mode = stamp?.mode, mode & 0o022 != 0 {
      warn(
        "The key file \(file.path) has mode \(String(mode & 0o777, radix: 8)): others than its owner"
          + " can write it and so give themselves keys; chmod 600 \(file.path) ends that")
    }
    // Where the sticky bit is set, others can replace nothing that is not theirs.
    if let mode = file.folderMode, mode & 0o022 != 0, mode & 0o1000 == 0 {
      warn(
        "The folder of the key file \(file.path) has mode \(String(mode & 0o777, radix: 8)): others"
          + " than its owner can replace the file and so give themselves keys")
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
