extension RequestHead {
  /// The names of fields that may be given once only; two of them would be read in two ways.
  private static let singletons = ["Content-Type", "Authorization", "Content-Encoding"]

  /// Makes a head of lines that are well formed, checking what they say together.
  convenience init(checking fields: [HTTPHeaders.Field], of line: RequestLine) throws(HTTPFailure) {
    let headers = HTTPHeaders(checked: fields)
    for name in Self.singletons where headers.all(name).count > 1 {
      throw .duplicateHeader(name: name)
    }
    try Self.checkHost(headers.all("Host"), of: line)
    self.init(method: line.method, target: line.target, version: line.version, headers: headers)
  }

  /// RFC 9112 3.2: exactly one valid Host with 1.1; with an absolute target it must agree (policy).
  private static func checkHost(_ hosts: [String], of line: RequestLine) throws(HTTPFailure) {
    guard hosts.count <= 1 else { throw .badHost(.repeated) }
    if let authority = line.target.authority {
      guard isHost(authority) else { throw .malformedTarget(.form) }
    }
    guard let host = hosts.first else {
      guard line.version == .http10 else { throw .badHost(.missing) }
      return
    }
    guard !host.isEmpty else { throw .badHost(.empty) }
    guard isHost(host) else { throw .badHost(.grammar) }
    if let authority = line.target.authority, !equalsIgnoringCase(authority, host) {
      throw .badHost(.contradictsTarget)
    }
  }

  /// Whether the text is a name, an IPv4 address or a bracketed IPv6 address, perhaps with a port.
  static func isHost(_ text: String) -> Bool {
    let bytes = ArraySlice(text.utf8)
    let end: Int
    if bytes.first == 0x5B {
      guard let bracket = bytes.firstIndex(of: 0x5D), bracket > 2 else { return false }
      let address = bytes[1..<bracket]
      guard address.allSatisfy({ $0.hexadecimalValue != nil || $0 == 0x3A || $0 == 0x2E }),
        address.contains(ASCII.colon)
      else { return false }
      end = bracket + 1
    } else {
      end = bytes.firstIndex(of: ASCII.colon) ?? bytes.endIndex
      guard isName(bytes[..<end]) else { return false }
    }
    return end == bytes.endIndex || isPort(bytes[end...])
  }

  /// RFC 3986 3.2.2 reg-name, without the comma, which would hide a list.
  private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while let byte = rest.popFirst() {
      if byte == ASCII.percent {
        guard rest.popFirst()?.hexadecimalValue != nil, rest.popFirst()?.hexadecimalValue != nil
        else { return false }
        continue
      }
      guard byte.isPathOrQuery, byte != ASCII.comma, byte != ASCII.slash, byte != 0x3F,
        byte != 0x40
      else { return false }
    }
    return !bytes.isEmpty
  }

  /// RFC 3986 3.2.3: `:` and digits, which may be none; at most 65,535.
  private static func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard bytes.first == ASCII.colon, bytes.count <= 6 else { return false }
    let digits = bytes.dropFirst()
    guard digits.allSatisfy(\.isDigit) else { return false }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 65_535
  }
}

/// What a request expects before it sends its body (RFC 9110 10.1.1).
package enum Expectation: Sendable, Hashable {
  case none
  case continueWithBody
  case unknown
}

extension RequestHead {
  /// The expectation; with HTTP/1.0 it must be ignored.
  package var expectation: Expectation {
    let elements = headers.listElements("Expect")
    guard version == .http11, !elements.isEmpty else { return .none }
    let isKnown = elements.allSatisfy { equalsIgnoringCase($0, "100-continue") }
    return isKnown ? .continueWithBody : .unknown
  }
}
