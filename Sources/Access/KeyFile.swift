internal import Foundation

/// The file that keeps keys: JSON, readable by its owner only, replaced as a whole.
package struct KeyFile: Sendable {
  /// Where it is.
  package let path: String

  private struct Document: Codable {
    var keys: [AccessKey]
  }

  /// What tells one state of a file from another without reading it.
  struct Stamp: Hashable, Sendable {
    let inode: UInt64
    let byteCount: Int64
    let modifiedSeconds: Int
    let modifiedNanoseconds: Int
    /// When content or attributes last changed, which no program can set.
    let changedSeconds: Int
    let changedNanoseconds: Int
    /// The permissions among others.
    let mode: UInt32
  }

  /// Refers to a file that may not be there yet.
  package init(path: String) {
    self.path = path
  }

  /// Whether there is such a file.
  package var exists: Bool { stamp != nil }

  /// The state of the file; nil if it cannot be looked at.
  var stamp: Stamp? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Stamp(
      inode: UInt64(status.st_ino), byteCount: Int64(status.st_size),
      modifiedSeconds: Int(status.st_mtim.tv_sec), modifiedNanoseconds: Int(status.st_mtim.tv_nsec),
      changedSeconds: Int(status.st_ctim.tv_sec), changedNanoseconds: Int(status.st_ctim.tv_nsec),
      mode: status.st_mode)
  }

  /// The permissions of its folder; nil if that cannot be looked at.
  var folderMode: UInt32? {
    var status = stat()
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    return stat(folder, &status) == 0 ? status.st_mode : nil
  }

  /// Reads all keys.
  ///
  /// - Throws: ``KeyFileError`` if the file is not there, cannot be read, or holds no keys as they
  ///   are written here.
  package func read() throws(KeyFileError) -> [AccessKey] {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw exists
        ? .unreadable(path: path, reason: error.localizedDescription) : .missing(path: path)
    }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    let keys: [AccessKey]
    do {
      keys = try decoder.decode(Document.self, from: bytes).keys
    } catch {
      throw .malformed(path: path, fault: Self.fault(error))
    }
    if let fault = Self.fault(keys) { throw .malformed(path: path, fault: fault) }
    return keys
  }

  /// Adds a key with a new secret, and creates file and folder if they are not there.
  ///
  /// - Returns: The secret, which is kept nowhere.
  /// - Throws: ``KeyFileError``, also if there is a key of that name.
  package func add(
    name: String, owner: String? = nil, scope: AccessKey.Scope = .full,
    requestsPerSecond: Double = AccessKey.requestsPerSecondDefault,
    queuedJobsMax: Int = AccessKey.queuedJobsDefault
  ) throws(KeyFileError) -> String {
    let secret = KeySecret.make()
    // The file keeps whole seconds.
    let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
    let key = AccessKey(
      name: name, owner: owner, secret: secret, scope: scope,
      requestsPerSecond: requestsPerSecond, queuedJobsMax: queuedJobsMax, createdAt: now)
    try change { keys throws(KeyFileError) in
      guard !keys.contains(where: { $0.name == name }) else {
        throw .nameTaken(name, path: path)
      }
      keys.append(key)
    }
    return secret
  }

  /// Removes a key.
  ///
  /// - Throws: ``KeyFileError``, also if there is no key of that name.
  package func revoke(name: String) throws(KeyFileError) {
    guard exists else { throw .missing(path: path) }
    try change { keys throws(KeyFileError) in
      guard let index = keys.firstIndex(where: { $0.name == name }) else {
        throw .nameUnknown(name, path: path)
      }
      keys.remove(at: index)
    }
  }

  /// Reads, changes and replaces the file while no other process does.
  private func change(
    _ edit: (inout [AccessKey]) throws(KeyFileError) -> Void
  ) throws(KeyFileError) {
    let folder = try LockedFolder.lock(folderOf: self)
    var keys = exists ? try read() : []
    try edit(&keys)
    try replace(with: keys, in: folder)
  }

  /// Writes beside the file, waits for the disk, and renames: whoever reads finds the old keys or
  /// the new ones, whole.
  private func replace(
    with keys: [AccessKey], in folder: borrowing LockedFolder
  ) throws(KeyFileError) {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let temporary = "\(path).writing-\(UInt64.random(in: 0...UInt64.max))"
    do {
      let bytes = try encoder.encode(Document(keys: keys)) + Data("\n".utf8)
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try file.write(contentsOf: bytes)
      try file.synchronize()
      try file.close()
      guard rename(temporary, path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    } catch {
      unlink(temporary)
      throw .unwritable(path: path, reason: error.localizedDescription)
    }
    try folder.synchronize()
  }

  /// What is wrong with all keys together, or with the first that is at fault.
  private static func fault(_ keys: [AccessKey]) -> String? {
    var names: Set<String> = []
    for (position, key) in keys.enumerated() {
      if let fault = key.fault { return "keys[\(position)] \(fault)" }
      if !names.insert(key.name).inserted {
        return "keys[\(position)] has the name \(key.name), which an earlier one has"
      }
    }
    return nil
  }

  /// What the decoder found, with its place.
  private static func fault(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return error.localizedDescription }
    let (context, lead): (DecodingError.Context, String) =
      switch error {
      case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
      case .typeMismatch(_, let context): (context, context.debugDescription)
      case .valueNotFound(_, let context): (context, context.debugDescription)
      case .dataCorrupted(let context): (context, context.debugDescription)
      @unknown default: (.init(codingPath: [], debugDescription: ""), "\(error)")
      }
    let place = context.codingPath.reduce(into: "") { place, key in
      if let index = key.intValue {
        place += "[\(index)]"
      } else {
        place += place.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
    return place.isEmpty ? lead : "at \(place): \(lead)"
  }
}

/// The folder of a key file, held against other processes that would change the file.
///
/// The lock is on the folder since the file itself is replaced; nothing is left behind.
private struct LockedFolder: ~Copyable {
  private let descriptor: Int32
  private let path: String

  /// Creates the folder if it is not there, and waits for the lock.
  static func lock(folderOf file: KeyFile) throws(KeyFileError) -> LockedFolder {
    let folder = URL(fileURLWithPath: file.path).deletingLastPathComponent().path
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw .unwritable(path: file.path, reason: error.localizedDescription)
    }
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .unwritable(path: file.path, reason: String(cString: strerror(errno)))
    }
    let locked = LockedFolder(descriptor: descriptor, path: file.path)
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else {
        throw .unwritable(path: file.path, reason: String(cString: strerror(errno)))
      }
    }
    return locked
  }

  /// Waits until the disk knows the names in the folder.
  func synchronize() throws(KeyFileError) {
    guard fsync(descriptor) == 0 else {
      throw .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
  }

  deinit {
    close(descriptor)
  }
}
