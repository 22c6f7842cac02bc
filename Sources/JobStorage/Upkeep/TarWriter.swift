import Foundation

/// Writes an archive that `tar --extract` reads: the format ustar of POSIX.1-1988.
struct TarWriter: ~Copyable {
  private let file: FileHandle

  private static let blockBytes = 512

  /// Begins an archive in a new file.
  ///
  /// - Throws: What the machine said.
  init(path: String) throws {
    // The keys may be in it, and are for its owner only.
    try Data().write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  /// Adds a file whose bytes are in memory.
  func add(_ name: String, _ bytes: [UInt8], modified time: Int64) throws {
    try file.write(contentsOf: Self.header(name, byteCount: bytes.count, time))
    try file.write(contentsOf: bytes)
    try pad(after: bytes.count)
  }

  /// Adds a copy of a file that nobody writes to meanwhile, a piece at a time.
  func add(_ name: String, fileAt path: String, modified time: Int64) throws {
    let source = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    let byteCount = Int(try source.seekToEnd())
    try source.seek(toOffset: 0)
    try file.write(contentsOf: Self.header(name, byteCount: byteCount, time))
    var left = byteCount
    while left > 0, let piece = try source.read(upToCount: min(left, 1 << 20)), !piece.isEmpty {
      try file.write(contentsOf: piece)
      left -= piece.count
    }
    guard left == 0 else { throw POSIXError(.EIO) }
    try pad(after: byteCount)
  }

  /// Ends the archive, once the disk has it.
  consuming func finish() throws {
    try file.write(contentsOf: [UInt8](repeating: 0, count: 2 * Self.blockBytes))
    try file.synchronize()
    try file.close()
  }

  private func pad(after byteCount: Int) throws {
    let rest = byteCount % Self.blockBytes
    if rest > 0 {
      try file.write(contentsOf: [UInt8](repeating: 0, count: Self.blockBytes - rest))
    }
  }

  /// Fields of fixed places, numbers in octal digits, and the sum of all bytes, taken with blanks in
  /// its own place.
  static func header(_ name: String, byteCount: Int, _ time: Int64) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: blockBytes)
    func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
      for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
    }
    func octal(_ number: Int, digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
    precondition(name.utf8.count < 100, "The names in an archive are the program's own, and short")
    put(name.utf8, at: 0)
    put("0000600".utf8, at: 100)
    put("0000000".utf8, at: 108)
    put("0000000".utf8, at: 116)
    if byteCount < 1 << 33 {
      put(octal(byteCount, digits: 11).utf8, at: 124)
    } else {
      // As GNU tar writes what is too large for eleven digits: the first bit set, then binary.
      block[124] = 0x80
      put((0..<8).map { UInt8(truncatingIfNeeded: byteCount >> (56 - 8 * $0)) }, at: 128)
    }
    put(octal(Int(time), digits: 11).utf8, at: 136)
    put("        ".utf8, at: 148)
    block[156] = UInt8(ascii: "0")
    put("ustar\u{0}00".utf8, at: 257)
    let sum = block.reduce(0) { $0 + Int($1) }
    put((octal(sum, digits: 6) + "\u{0} ").utf8, at: 148)
    return block
  }
}
