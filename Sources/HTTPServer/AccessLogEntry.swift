package import HTTPCore

/// What the access log keeps of an answer until it is written: some texts, each of bounded length,
/// so that waiting lines hold little memory whatever clients send.
package struct AccessLogEntry: Sendable {
  /// Bytes of a text, at most; what is longer is cut.
  package static let textBytesMax = 1_024

  let unixMilliseconds: Int64
  let peer: String?
  let caller: String?
  let method: String?
  let version: HTTPVersion?
  /// Without its query, where clients may put secrets.
  let path: String?
  let template: String?
  let status: Int
  let requestBodyBytes: Int
  let responseBodyBytes: Int?
  let duration: Duration
  let requestID: String
  let traceID: String?
  let userAgent: String?
  /// Without its query and fragment.
  let referer: String?

  /// Takes what is logged out of a record.
  package init(_ record: ExchangeRecord, unixMilliseconds: Int64) {
    self.unixMilliseconds = unixMilliseconds
    peer = record.peer
    caller = record.caller
    method = record.method.map(Self.cut)
    version = record.head?.version
    path = (record.head?.target.path).map(Self.cut)
    template = record.template
    status = record.status
    requestBodyBytes = record.requestBodyBytes
    responseBodyBytes = record.responseBodyBytes
    duration = record.duration
    requestID = record.requestID
    traceID = record.head?.traceParent?.traceID
    userAgent = (record.head?.headers.first("User-Agent")).map(Self.cut)
    referer = (record.head?.headers.first("Referer")).map { referer in
      Self.cut(String(referer.prefix { $0 != "?" && $0 != "#" }))
    }
  }

  private static func cut(_ text: String) -> String {
    guard text.utf8.count > textBytesMax else { return text }
    // Decoding mends a character that the cut divides.
    return String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self)
  }
}
