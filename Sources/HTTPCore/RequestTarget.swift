/// The target of a request, taken apart and decoded.
package struct RequestTarget: Sendable, Hashable {
  /// The path as sent, without query; `*` for the asterisk form.
  package let path: String
  /// The path's segments, split first and decoded second.
  package let segments: [String]
  package let query: [HTTPRequest.QueryItem]
  /// The host and port of an absolute target, as sent; nil for every other form.
  package let authority: String?

  /// Whether the target is `*`: the server as a whole.
  package var isAsterisk: Bool { path == "*" }

  /// Parses the bytes between the two spaces of a request line.
  package init(bytes: ArraySlice<UInt8>, method: String) throws(HTTPFailure) {
    if bytes.elementsEqual([0x2A]) {
      // RFC 9112 3.2.4: the asterisk form belongs to OPTIONS alone.
      guard method == "OPTIONS" else { throw .malformedTarget(.asterisk) }
      self.init(asteriskWithAuthority: nil)
    } else if bytes.first == ASCII.slash {
      try self.init(originForm: bytes, authority: nil)
    } else {
      let (authority, rest) = try Self.splitAbsoluteForm(bytes)
      if rest.isEmpty, method == "OPTIONS" {
        // RFC 9112 3.2.4: OPTIONS with an absolute target without path means the whole server.
        self.init(asteriskWithAuthority: authority)
      } else {
        let origin = rest.first == ASCII.slash ? rest : [ASCII.slash] + rest
        try self.init(originForm: origin, authority: authority)
      }
    }
  }

  private init(asteriskWithAuthority authority: String?) {
    path = "*"
    segments = []
    query = []
    self.authority = authority
  }

  private init(originForm bytes: ArraySlice<UInt8>, authority: String?) throws(HTTPFailure) {
    guard bytes.allSatisfy(\.isPathOrQuery) else { throw .malformedTarget(.byte) }
    let mark = bytes.firstIndex(of: 0x3F)
    let pathBytes = bytes[..<(mark ?? bytes.endIndex)]
    path = String(decoding: pathBytes, as: UTF8.self)
    segments = try Self.decodeSegments(pathBytes)
    query = if let mark { try Self.decodeQuery(bytes[(mark + 1)...]) } else { [] }
    self.authority = authority
  }

  /// Splits `http://authority/path?query` before the path or query.
  private static func splitAbsoluteForm(
    _ bytes: ArraySlice<UInt8>
  ) throws(HTTPFailure) -> (authority: String, rest: ArraySlice<UInt8>) {
    for scheme in ["http://", "https://"] where bytes.count > scheme.utf8.count {
      let prefix = bytes.prefix(scheme.utf8.count).lazy.map(\.lowercased)
      guard prefix.elementsEqual(scheme.utf8) else { continue }
      let afterScheme = bytes.dropFirst(scheme.utf8.count)
      let end = afterScheme.firstIndex { $0 == ASCII.slash || $0 == 0x3F } ?? bytes.endIndex
      return (String(decoding: afterScheme[..<end], as: UTF8.self), bytes[end...])
    }
    throw .malformedTarget(.form)
  }

  private static func decodeSegments(_ path: ArraySlice<UInt8>) throws(HTTPFailure) -> [String] {
    guard path.count > 1 else { return [] }
    var segments: [String] = []
    for part in path.dropFirst().split(separator: ASCII.slash, omittingEmptySubsequences: false) {
      let segment = try decode(part, plusIsSpace: false)
      guard segment != ".", segment != ".." else { throw .malformedTarget(.dotSegment) }
      guard !segment.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
        throw .malformedTarget(.encodedControl)
      }
      segments.append(segment)
    }
    return segments
  }

  private static func decodeQuery(
    _ query: ArraySlice<UInt8>
  ) throws(HTTPFailure) -> [HTTPRequest.QueryItem] {
    var items: [HTTPRequest.QueryItem] = []
    for part in query.split(separator: 0x26) {
      let equals = part.firstIndex(of: 0x3D)
      let name = try decode(part[..<(equals ?? part.endIndex)], plusIsSpace: true)
      let value =
        if let equals { try decode(part[(equals + 1)...], plusIsSpace: true) } else { "" }
      items.append(HTTPRequest.QueryItem(name: name, value: value))
    }
    return items
  }

  /// Percent-decodes once, refusing NUL and what is not UTF-8, overlong forms included.
  private static func decode(
    _ bytes: ArraySlice<UInt8>, plusIsSpace: Bool
  ) throws(HTTPFailure) -> String {
    // Nearly always there is nothing to decode; what a target may hold otherwise is ASCII.
    guard bytes.contains(where: { $0 == ASCII.percent || $0 == ASCII.plus }) else {
      return String(decoding: bytes, as: UTF8.self)
    }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var rest = bytes
    while let byte = rest.popFirst() {
      if byte == ASCII.percent {
        guard let high = rest.popFirst()?.hexadecimalValue,
          let low = rest.popFirst()?.hexadecimalValue
        else { throw .malformedTarget(.percentEncoding) }
        decoded.append(high << 4 | low)
      } else {
        decoded.append(plusIsSpace && byte == ASCII.plus ? ASCII.space : byte)
      }
    }
    guard !decoded.contains(0) else { throw .malformedTarget(.encodedControl) }
    guard let text = String(validating: decoded, as: UTF8.self) else {
      throw .malformedTarget(.encoding)
    }
    return text
  }
}
