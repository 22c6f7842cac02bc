import HTTPCore

/// What a connection received, in which bodies are found by following sizes only.
///
/// It shares no code with the readers.
struct ReceivedBytes {
  private var rest: ArraySlice<UInt8> = []
  /// The exchange whose head the rest begins with.
  private var exchange: UInt64 = 1

  mutating func append(_ bytes: ArraySlice<UInt8>) { rest += bytes }

  /// Takes all up to the end of a whole request; those before it that were not taken had no body.
  ///
  /// - Returns: The content of its body; nil if there is no end of it.
  mutating func takeBody(of number: UInt64, _ head: RequestHead) -> [UInt8]? {
    while exchange <= number {
      guard takeHead() else { return nil }
      exchange += 1
    }
    if !head.headers.all("Transfer-Encoding").isEmpty { return takeChunks(from: &rest) }
    let length = head.headers.all("Content-Length").first.map { Int($0) } ?? 0
    guard let length, length <= rest.count else { return nil }
    let body = rest.prefix(length)
    rest = rest.dropFirst(length)
    return Array(body)
  }

  private mutating func takeHead() -> Bool {
    // RFC 9112 2.2: empty lines before a head are skipped.
    while rest.starts(with: "\r\n".utf8) { rest = rest.dropFirst(2) }
    let end = rest.indices.first { rest[$0...].starts(with: "\r\n\r\n".utf8) }
    guard let end else { return false }
    rest = rest[end...].dropFirst(4)
    return true
  }
}

/// Takes chunks up to their end and returns their content; nil if they have none.
func takeChunks(from rest: inout ArraySlice<UInt8>) -> [UInt8]? {
  var content: [UInt8] = []
  while let line = takeLine(from: &rest) {
    let digits = line.prefix { $0 != ASCII.semicolon }
    guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
    if size == 0 {
      while let trailer = takeLine(from: &rest) {
        if trailer.isEmpty { return content }
      }
      return nil
    }
    content += rest.prefix(size)
    rest = rest.dropFirst(size)
    guard takeLine(from: &rest)?.isEmpty == true else { return nil }
  }
  return nil
}

/// Takes a line with its end, and returns it without; nil if it has none.
private func takeLine(from rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
  guard let end = rest.indices.first(where: { rest[$0...].starts(with: "\r\n".utf8) }) else {
    return nil
  }
  defer { rest = rest[end...].dropFirst(2) }
  return rest[..<end]
}
