/// Who is at the other end of a connection, and how its requests are told apart.
package struct ConnectionIdentity: Sendable, Hashable {
  /// What the ids of its requests begin with; no other connection has it.
  package let requestIDPrefix: String
  /// The peer's address, if anyone wants to know it.
  package let peer: String?

  package init(requestIDPrefix: String = "", peer: String? = nil) {
    self.requestIDPrefix = requestIDPrefix
    self.peer = peer
  }

  /// The id of a request: the client's own if it is harmless, else one that no other has.
  func requestID(of head: RequestHead?, exchange: UInt64) -> String {
    if let own = head?.headers.first("X-Request-Id"), Self.isHarmless(own) { return own }
    return requestIDPrefix + String(exchange)
  }

  /// Letters, digits and a few signs: safe in every log, field and shell.
  private static func isHarmless(_ id: String) -> Bool {
    (1...128).contains(id.utf8.count)
      && id.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x2B, 0x2D...0x2F, 0x3A, 0x3D, 0x40, 0x5F, 0x7E: true  // + - . / : = @ _ ~
        case _: false
        }
      }
  }
}

/// The place of a request in a trace, as W3C Trace Context says it in `traceparent`.
package struct TraceParent: Sendable, Hashable {
  /// 32 hexadecimal digits.
  package let traceID: String

  /// Reads the field; nil if it must be ignored.
  ///
  /// Version 00 has exactly 55 bytes. A later one may go on after a further dash (3.2.4); ff is
  /// forbidden.
  package init?(_ field: String) {
    let bytes = Array(field.utf8)
    guard bytes.count >= 55, [2, 35, 52].allSatisfy({ bytes[$0] == 0x2D }) else { return nil }
    let isHexadecimal: (UInt8) -> Bool = { $0.isDigit || (0x61...0x66).contains($0) }
    let parts = [bytes[0..<2], bytes[3..<35], bytes[36..<52], bytes[53..<55]]
    guard parts.allSatisfy({ $0.allSatisfy(isHexadecimal) }) else { return nil }
    guard !parts[0].elementsEqual("ff".utf8) else { return nil }
    let isVersion0 = parts[0].elementsEqual("00".utf8)
    guard bytes.count == 55 || (!isVersion0 && bytes[55] == 0x2D) else { return nil }
    // 3.2.2.3: ids of zeros alone are invalid.
    guard parts[1...2].allSatisfy({ $0.contains { $0 != 0x30 } }) else { return nil }
    traceID = String(decoding: parts[1], as: UTF8.self)
  }
}

extension RequestHead {
  /// The trace that the request belongs to; two fields, or one that is malformed, name none.
  package var traceParent: TraceParent? {
    let fields = headers.all("traceparent")
    return fields.count == 1 ? TraceParent(fields[0]) : nil
  }
}
