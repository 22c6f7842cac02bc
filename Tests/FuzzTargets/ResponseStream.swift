import HTTPCore

/// Reads what a connection sends as a client would: answers, each whole before the next begins.
///
/// It shares no code with the encoder.
struct ResponseStream {
  private enum Place: Equatable {
    /// Between two answers.
    case boundary
    /// The answer was announced; its bytes are to come.
    case announced
    case length(Int)
    case chunks
    case untilClose
  }

  /// The number of answers announced so far.
  private(set) var count: UInt64 = 0
  private var place = Place.boundary
  /// Whether an answer said that it is the last.
  private(set) var isLast = false
  private var hasContinued = false
  private var isHead = false
  private var status = 0

  /// An answer is announced; its head follows at once.
  mutating func expect(_ record: ExchangeRecord) throws(BrokenInvariant) {
    try requireBoundary()
    try require(!isLast, "an answer follows the last")
    count += 1
    place = .announced
    hasContinued = false
    isHead = record.method == "HEAD"
    status = record.status
  }

  /// No answer is under way, but for one that the end of the connection ends.
  func requireBoundary() throws(BrokenInvariant) {
    try require(place == .boundary || place == .untilClose, "an answer is not whole")
  }

  /// Whether the bytes are an interim answer (RFC 9110 15.2).
  func isInterim(_ bytes: [UInt8]) -> Bool {
    place == .boundary && bytes.elementsEqual("HTTP/1.1 100 Continue\r\n\r\n".utf8)
  }

  /// Bytes are sent.
  mutating func take(_ bytes: [UInt8]) throws(BrokenInvariant) {
    switch place {
    case .boundary:
      try require(isInterim(bytes) && !hasContinued && !isLast, "bytes without an answer")
      hasContinued = true
    case .announced: try takeHead(bytes)
    case .length(let rest):
      try require(bytes.count <= rest, "more than the length says")
      place = bytes.count == rest ? .boundary : .length(rest - bytes.count)
    case .chunks:
      if bytes.elementsEqual("0\r\n\r\n".utf8) { place = .boundary } else { try takeChunk(bytes) }
    case .untilClose: break
    }
  }

  private mutating func takeHead(_ bytes: [UInt8]) throws(BrokenInvariant) {
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: "\r\n\r\n".utf8) })
    else { throw BrokenInvariant(description: "a head has no end") }
    let lines = bytes[..<end].split(separator: ASCII.lineFeed).map { line in
      String(decoding: line.last == ASCII.carriageReturn ? line.dropLast() : line, as: UTF8.self)
    }
    try require(lines.first?.hasPrefix("HTTP/1.1 \(status) ") == true, "\(lines) is no \(status)")
    try require(lines.contains { $0.hasPrefix("Date: ") }, "no date in \(lines)")
    try require(!lines.contains("Y: b"), "a handler has split the head")
    func values(_ name: String) -> [String] {
      lines.filter { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
    }
    isLast = values("Connection") == ["close"]
    try takeFraming(
      lengths: values("Content-Length"), codings: values("Transfer-Encoding"),
      bodyBytes: bytes.count - end - 4)
  }

  /// RFC 9112 6.3: how much follows the head.
  private mutating func takeFraming(
    lengths: [String], codings: [String], bodyBytes: Int
  ) throws(BrokenInvariant) {
    if isHead || status == 204 || status == 304 {
      try require(bodyBytes == 0, "content without a place for it")
      try require(isHead || lengths + codings == [], "framing with \(status)")
      place = .boundary
    } else if codings == ["chunked"] {
      try require(lengths == [] && bodyBytes == 0, "a length beside chunks")
      place = .chunks
    } else if lengths == [] {
      try require(codings == [] && isLast, "the close is to end the body, but was not announced")
      place = .untilClose
    } else {
      let rest = lengths.count == 1 ? Int(lengths[0]).map { $0 - bodyBytes } : nil
      guard let rest, rest >= 0 else {
        throw BrokenInvariant(description: "lengths \(lengths), but \(bodyBytes) bytes")
      }
      place = rest == 0 ? .boundary : .length(rest)
    }
  }

  private func takeChunk(_ bytes: [UInt8]) throws(BrokenInvariant) {
    let digits = bytes.prefix { $0 != ASCII.carriageReturn }
    let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0
    try require(
      size > 0 && bytes.count == digits.count + 4 + size && bytes.suffix(2) == [13, 10],
      "\(bytes) is no chunk")
  }
}
