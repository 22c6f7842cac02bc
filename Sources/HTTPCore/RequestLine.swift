/// The first line of a request, checked (RFC 9112 3).
struct RequestLine {
  let method: String
  let target: RequestTarget
  let version: HTTPVersion

  /// Parses a line of printable ASCII and spaces, without its CRLF.
  init(_ line: ArraySlice<UInt8>, limits: HTTPLimits) throws(HTTPFailure) {
    guard let firstSpace = line.firstIndex(of: ASCII.space),
      let lastSpace = line.lastIndex(of: ASCII.space)
    else { throw .malformedRequestLine(.shape) }
    let methodBytes = line[..<firstSpace]
    let targetBytes = line[min(firstSpace + 1, lastSpace)..<lastSpace]
    let versionBytes = line[(lastSpace + 1)...]
    guard !methodBytes.isEmpty, !targetBytes.isEmpty, !versionBytes.isEmpty,
      !targetBytes.contains(ASCII.space)
    else { throw .malformedRequestLine(.shape) }
    // RFC 9110 9.1: methods are case-sensitive; none in use has a lower-case letter.
    guard methodBytes.allSatisfy({ $0.isToken && !$0.isLowercase }) else {
      throw .malformedRequestLine(.method)
    }
    version = try Self.version(versionBytes)
    guard methodBytes.count <= limits.methodBytesMax else {
      throw .methodTooLong(bytesMax: limits.methodBytesMax)
    }
    let method = String(decoding: methodBytes, as: UTF8.self)
    guard
      RequestHead.supportedMethods.contains(method) || RequestHead.refusedMethods.contains(method)
    else {
      throw .methodNotImplemented(method: method)
    }
    self.method = method
    target = try RequestTarget(bytes: targetBytes, method: method)
  }

  /// Reads `HTTP/d.d`; a higher minor number than is known counts as 1.1 (RFC 9110 2.5).
  private static func version(_ bytes: ArraySlice<UInt8>) throws(HTTPFailure) -> HTTPVersion {
    guard bytes.count == 8, bytes.starts(with: "HTTP/".utf8) else {
      throw .malformedRequestLine(.version)
    }
    let major = bytes[bytes.startIndex + 5]
    let minor = bytes[bytes.startIndex + 7]
    guard major.isDigit, bytes[bytes.startIndex + 6] == 0x2E, minor.isDigit else {
      throw .malformedRequestLine(.version)
    }
    guard major == 0x31 else {
      throw .unsupportedVersion(major: Int(major - 0x30), minor: Int(minor - 0x30))
    }
    return minor == 0x30 ? .http10 : .http11
  }
}
