/// A body cannot be taken as it is encoded.
package enum ContentCodingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `Content-Encoding` names another coding, or several.
  case unsupported(String)
  /// The bytes are not what the coding says: damaged, or followed by others.
  case malformed(BodyCoding)
  /// The bytes end before the coding does.
  case truncated(BodyCoding)
  /// What the body decodes to is longer than a body may be.
  case tooLarge(bytesMax: Int)
  /// The body decodes to so much more than was sent that it is taken for an attack.
  case ratio(max: Int)

  /// A stable identifier for programs; published in `openapi.yaml`.
  package var code: String {
    switch self {
    case .unsupported: "unsupported_content_coding"
    case .malformed, .truncated: "malformed_content_coding"
    case .tooLarge: "body_too_large"
    case .ratio: "compression_ratio_exceeded"
    }
  }

  /// One sentence for people.
  package var description: String {
    switch self {
    case .unsupported(let name):
      "The body is encoded as \(name.prefix(64)); it may be \(BodyCoding.accepted) or not encoded"
    case .malformed(.gzip): "The body is not in the gzip format (RFC 1952)"
    case .malformed(.deflate):
      "The body is not in the zlib format (RFC 1950), which deflate means in HTTP; deflate data without"
        + " its header is not taken"
    case .truncated(let coding): "The body ends before its \(coding.rawValue) data does"
    case .tooLarge(let bytesMax): "The decoded body has more than \(bytesMax) bytes"
    case .ratio(let max):
      "The decoded body has more than \(max) times the bytes that were sent; send it as it is"
    }
  }
}
