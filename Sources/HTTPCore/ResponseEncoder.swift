/// Writes the head of a response and the framing of its body.
package enum ResponseEncoder {
  /// How the end of a response's body is marked.
  package enum Framing: Sendable, Hashable {
    /// No field at all: 204 and 304 have no content (RFC 9110 8.6).
    case none
    case length(Int)
    case chunked
    /// The close of the connection ends the body: for streams to HTTP/1.0 (RFC 9112 6.1).
    case untilClose
  }

  /// What the response says about the connection.
  package enum Persistence: Sendable, Hashable {
    case close
    case keepAlive(HTTPVersion)
  }

  /// The interim answer to `Expect: 100-continue`.
  package static let interimContinue = [UInt8]("HTTP/1.1 100 Continue\r\n\r\n".utf8)

  /// The chunk that ends a chunked body, without trailers.
  package static let lastChunk = [UInt8]("0\r\n\r\n".utf8)

  /// Fields that belong to the server; a handler's are dropped.
  private static let ownFields = [
    "Date", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Trailer",
    "X-Request-Id",
  ]

  /// The bytes of the head, the empty line included; the status must be from 100 to 599.
  package static func head(
    status: Int, headers: HTTPHeaders, framing: Framing, persistence: Persistence,
    requestID: String, unixTime: Int64
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256)
    bytes.append(contentsOf: "HTTP/1.1 ".utf8)
    bytes.append(contentsOf: String(status).utf8)
    bytes.append(ASCII.space)
    bytes.append(contentsOf: HTTPResponse.reasonPhrase(of: status).utf8)
    bytes.append(contentsOf: "\r\nDate: ".utf8)
    HTTPDate.appendIMFFixdate(unixTime: unixTime, to: &bytes)
    bytes.append(contentsOf: "\r\n".utf8)
    appendField("X-Request-Id", requestID, to: &bytes)
    for field in headers.fields where !isOwn(field.name) {
      appendField(field.name, field.value, to: &bytes)
    }
    switch framing {
    case .none, .untilClose: break
    case .length(let length): appendField("Content-Length", String(length), to: &bytes)
    case .chunked: appendField("Transfer-Encoding", "chunked", to: &bytes)
    }
    switch persistence {
    case .close: appendField("Connection", "close", to: &bytes)
    case .keepAlive(.http10): appendField("Connection", "keep-alive", to: &bytes)
    case .keepAlive(.http11): break
    }
    bytes.append(contentsOf: "\r\n".utf8)
    return bytes
  }

  /// The piece as one chunk; empty for an empty piece, which would end the body.
  package static func chunk(_ piece: [UInt8]) -> [UInt8] {
    guard !piece.isEmpty else { return [] }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(piece.count + 20)
    bytes.append(contentsOf: String(piece.count, radix: 16).utf8)
    bytes.append(contentsOf: "\r\n".utf8)
    bytes.append(contentsOf: piece)
    bytes.append(contentsOf: "\r\n".utf8)
    return bytes
  }

  private static func appendField(_ name: String, _ value: String, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: name.utf8)
    bytes.append(contentsOf: ": ".utf8)
    bytes.append(contentsOf: value.utf8)
    bytes.append(contentsOf: "\r\n".utf8)
  }

  private static func isOwn(_ name: String) -> Bool {
    ownFields.contains { equalsIgnoringCase($0, name) }
  }
}
