/// A coding that a request's body may be sent in (RFC 9110 8.4.1).
package enum BodyCoding: String, Hashable, Sendable, CaseIterable {
  /// RFC 1952; several members one after another are one body.
  case gzip
  /// The zlib format of RFC 1950, not bare deflate data.
  case deflate

  /// What `Accept-Encoding` says beside a refusal of another coding.
  package static let accepted = allCases.map(\.rawValue).joined(separator: ", ")

  /// The coding that `Content-Encoding` names.
  ///
  /// - Parameter elements: The elements of the field, without empty ones.
  /// - Returns: Nil for a body that is sent as it is.
  /// - Throws: ``ContentCodingError/unsupported(_:)`` for another coding, or for several.
  package static func named(by elements: [String]) throws(ContentCodingError) -> BodyCoding? {
    guard let name = elements.first else { return nil }
    guard elements.count == 1 else { throw .unsupported(elements.joined(separator: ", ")) }
    switch name.lowercased() {
    case "identity": return nil
    // RFC 9110 8.4.1.3: x-gzip is the same.
    case "gzip", "x-gzip": return .gzip
    case "deflate": return .deflate
    case _: throw .unsupported(name)
    }
  }
}
