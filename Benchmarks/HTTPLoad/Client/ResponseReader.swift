/// A response that has arrived in whole.
struct Response {
  let status: Int
  let head: ResponseHead
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
}

/// The lines before a body.
struct ResponseHead {
  let status: Int
  private let fields: [String: String]

  /// Reads the lines; nil if they are none of HTTP/1.1.
  init?(_ bytes: ArraySlice<UInt8>) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count > 1, words[0] == "HTTP/1.1", let status = Int(words[1]) else { return nil }
    self.status = status
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { return nil }
      fields[parts[0].lowercased()] = parts[1].drop { $0 == " " }.lowercased()
    }
    self.fields = fields
  }

  subscript(_ name: String) -> String? { fields[name] }

  /// Bytes of a body that has a length.
  var contentLength: Int { fields["content-length"].flatMap { Int($0) } ?? 0 }

  /// Whether the server closes after this response.
  var closes: Bool { fields["connection"] == "close" }
}

/// Puts responses together from the bytes that arrive.
struct ResponseReader {
  private(set) var buffer: [UInt8] = []

  mutating func append(_ bytes: ArraySlice<UInt8>) { buffer += bytes }

  /// Takes out a head that has arrived in whole.
  mutating func takeHead() throws -> ResponseHead? {
    guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    guard let head = ResponseHead(buffer[..<end.lowerBound]) else {
      throw LoadError("not a response: \(String(decoding: buffer.prefix(200), as: UTF8.self))")
    }
    buffer.removeSubrange(..<end.upperBound)
    return head
  }

  /// Takes out that many bytes of a body; nil as long as there are fewer.
  mutating func takeBody(_ count: Int) -> [UInt8]? {
    guard buffer.count >= count else { return nil }
    defer { buffer.removeSubrange(..<count) }
    return Array(buffer[..<count])
  }
}
