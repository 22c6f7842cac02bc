/// Reads the trailer section of a chunked body: checked line by line, kept nowhere.
struct TrailerReader: Sendable {
  /// Fields that would change the request after it was judged (RFC 9110 6.5.1).
  private static let forbidden = [
    "Content-Length", "Transfer-Encoding", "Host", "Authorization", "Content-Type",
    "Content-Encoding", "Connection", "Expect",
  ]

  private var line: [UInt8] = []
  private var bytes = 0
  private var count = 0

  init() {}

  /// Takes one byte; true when it ended the section.
  mutating func read(_ byte: UInt8, limits: HTTPLimits) throws(HTTPFailure) -> Bool {
    bytes += 1
    guard bytes <= limits.trailerBytesMax else {
      throw .chunkLimit(.trailerBytes, max: limits.trailerBytesMax)
    }
    guard (byte == ASCII.lineFeed) == (line.last == ASCII.carriageReturn) else {
      throw .malformedTrailer(.lineEnd)
    }
    line.append(byte)
    guard byte == ASCII.lineFeed else { return false }
    defer { line.removeAll(keepingCapacity: true) }
    let content = line.dropLast(2)
    guard !content.isEmpty else { return true }
    count += 1
    guard count <= limits.trailerCountMax else {
      throw .chunkLimit(.trailerCount, max: limits.trailerCountMax)
    }
    try check(content)
    return false
  }

  private func check(_ content: ArraySlice<UInt8>) throws(HTTPFailure) {
    let field: HTTPHeaders.Field
    do {
      field = try FieldLine.parse(content)
    } catch {
      throw .malformedTrailer(error)
    }
    guard !Self.forbidden.contains(where: { equalsIgnoringCase($0, field.name) }) else {
      throw .malformedTrailer(.forbidden)
    }
  }
}
