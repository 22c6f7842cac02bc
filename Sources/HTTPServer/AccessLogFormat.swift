internal import HTTPCore

/// How an access log writes a line.
package enum AccessLogFormat: String, Sendable, Hashable, CaseIterable {
  /// An object of JSON.
  case json
  /// Apache's combined format.
  case combined

  /// The line of an answer, with its line feed.
  ///
  /// Whatever a client sent is escaped, so that it can neither end a line nor forge another.
  package func line(_ entry: AccessLogEntry) -> [UInt8] {
    switch self {
    case .json: Self.json(entry)
    case .combined: Self.combined(entry)
    }
  }

  private static func json(_ entry: AccessLogEntry) -> [UInt8] {
    var line = LogLine()
    line.bytes += Array("{\"time\":\"".utf8)
    line.bytes += Array(HTTPDate.rfc3339(unixMilliseconds: entry.unixMilliseconds).utf8)
    line.bytes += Array("\"".utf8)
    line.member("remote_address", text: entry.peer)
    line.member("key", text: entry.caller)
    line.member("method", text: entry.method)
    line.member("path", text: entry.path)
    line.member("route", text: entry.template)
    line.member("status", number: String(entry.status))
    line.member("request_bytes", number: String(entry.requestBodyBytes))
    line.member("response_bytes", number: entry.responseBodyBytes.map { String($0) })
    line.member("duration_ms", number: milliseconds(entry.duration))
    line.member("request_id", text: entry.requestID)
    line.member("trace_id", text: entry.traceID)
    line.member("user_agent", text: entry.userAgent)
    line.bytes += Array("}\n".utf8)
    return line.bytes
  }

  private static func combined(_ entry: AccessLogEntry) -> [UInt8] {
    var line = LogLine()
    // An admitted caller's name holds neither blanks nor quotes.
    line.bytes += Array("\(entry.peer ?? "-") - \(entry.caller ?? "-") ".utf8)
    line.bytes += Array("[\(HTTPDate.commonLog(unixTime: entry.unixMilliseconds / 1000))] ".utf8)
    if let method = entry.method, let path = entry.path, let version = entry.version {
      let written = version == .http10 ? "HTTP/1.0" : "HTTP/1.1"
      line.quoted("\(method) \(path) \(written)", .backslashX)
    } else {
      line.quoted("-", .backslashX)
    }
    let bytes = entry.responseBodyBytes.map { String($0) } ?? "-"
    line.bytes += Array(" \(entry.status) \(bytes) ".utf8)
    line.quoted(entry.referer ?? "-", .backslashX)
    line.bytes += Array(" ".utf8)
    line.quoted(entry.userAgent ?? "-", .backslashX)
    line.bytes += Array("\n".utf8)
    return line.bytes
  }

  /// Milliseconds with three digits after the point.
  private static func milliseconds(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let microseconds = max(0, seconds &* 1_000_000 &+ attoseconds / 1_000_000_000_000)
    let fraction = String(microseconds % 1000 + 1000).dropFirst()
    return "\(microseconds / 1000).\(fraction)"
  }
}

/// A line on its way.
private struct LogLine {
  /// How a byte that must not stand in the line is written.
  enum Escape {
    /// `\u00NN`, as JSON has it.
    case backslashU
    /// `\xNN`, as Apache has it.
    case backslashX
  }

  var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(400) }

  mutating func member(_ name: String, text: String?) {
    bytes += Array(",\"\(name)\":".utf8)
    if let text { quoted(text, .backslashU) } else { bytes += Array("null".utf8) }
  }

  mutating func member(_ name: String, number: String?) {
    bytes += Array(",\"\(name)\":\(number ?? "null")".utf8)
  }

  /// Appends a text in quotes; text that is not ASCII is kept as UTF-8, the C1 controls excepted.
  mutating func quoted(_ text: String, _ escape: Escape) {
    bytes.append(0x22)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5C: bytes += [0x5C, UInt8(truncatingIfNeeded: scalar.value)]
      case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: append(scalar.value, escape)
      case _: bytes += Array(String(scalar).utf8)
      }
    }
    bytes.append(0x22)
  }

  private mutating func append(_ value: UInt32, _ escape: Escape) {
    let digits = Array("0123456789abcdef".utf8)
    func hexadecimal(_ shift: UInt32) -> UInt8 { digits[Int(value >> shift & 15)] }
    switch escape {
    case .backslashU:
      bytes += [0x5C, 0x75, hexadecimal(12), hexadecimal(8), hexadecimal(4), hexadecimal(0)]
    case .backslashX where value > 0xFF:
      for byte in String(UnicodeScalar(value) ?? "?").utf8 { append(UInt32(byte), escape) }
    case .backslashX: bytes += [0x5C, 0x78, hexadecimal(4), hexadecimal(0)]
    }
  }
}
