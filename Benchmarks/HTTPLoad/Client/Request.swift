/// A request as its bytes.
struct Request: Sendable {
  let bytes: [UInt8]

  init(_ method: String, _ path: String, headers: [String] = [], body: [UInt8]? = nil) {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: localhost"] + headers
    if let body {
      lines += ["Content-Type: application/json", "Content-Length: \(body.count)"]
    }
    bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? [])
  }

  /// A posted document.
  init(post path: String, _ document: String, headers: [String] = []) {
    self.init("POST", path, headers: headers, body: Array(document.utf8))
  }

  /// A posted document without a length, in chunks.
  init(chunkedTo path: String, _ body: [UInt8]) {
    let head = Request(
      "POST", path, headers: ["Content-Type: application/json", "Transfer-Encoding: chunked"])
    var bytes = head.bytes
    bytes.reserveCapacity(body.count + body.count / 1_000)
    var start = 0
    while start < body.count {
      let end = min(body.count, start + 65_536)
      bytes += Array("\(String(end - start, radix: 16))\r\n".utf8) + body[start..<end]
      bytes += Array("\r\n".utf8)
      start = end
    }
    self.bytes = bytes + Array("0\r\n\r\n".utf8)
  }
}
