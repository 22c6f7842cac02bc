/// How the end of a request's body is found (RFC 9112 6.3).
package enum BodyFraming: Sendable, Hashable {
  /// So many bytes follow; 0 if the request named neither length nor coding.
  case length(Int)
  /// Chunks follow.
  case chunked

  /// Whether no byte of a body follows the head.
  package var isEmpty: Bool { self == .length(0) }

  /// Decides from a checked head; whatever two readers could read in two ways is refused.
  package init(of head: RequestHead) throws(HTTPFailure) {
    let lengths = head.headers.all("Content-Length")
    let codings = head.headers.all("Transfer-Encoding")
    guard codings.isEmpty else {
      // RFC 9112 6.1: with 1.0 the framing is faulty; beside a length it may be smuggling.
      guard head.version == .http11 else { throw .badTransferEncoding(.http10) }
      guard lengths.isEmpty else { throw .badContentLength(.withTransferEncoding) }
      try Self.checkChunked(codings)
      self = .chunked
      return
    }
    guard lengths.count <= 1 else { throw .badContentLength(.repeated) }
    self = .length(try lengths.first.map(Self.parseLength) ?? 0)
  }

  private static func parseLength(_ text: String) throws(HTTPFailure) -> Int {
    guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else {
      throw .badContentLength(text.utf8.contains(ASCII.comma) ? .repeated : .grammar)
    }
    guard text == "0" || text.utf8.first != 0x30 else { throw .badContentLength(.grammar) }
    var value = 0
    for digit in text.utf8 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowOfSum) = product.addingReportingOverflow(Int(digit - 0x30))
      guard !overflow, !overflowOfSum else { throw .badContentLength(.overflow) }
      value = sum
    }
    return value
  }

  /// RFC 9112 6.1: chunked must be the last coding, once; no other coding can be read here.
  private static func checkChunked(_ lines: [String]) throws(HTTPFailure) {
    let codings = lines.flatMap { line in
      line.utf8.split(separator: ASCII.comma, omittingEmptySubsequences: false).map {
        trimmingBlanks($0)
      }
    }
    guard codings.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isToken) }) else {
      throw .badTransferEncoding(.grammar)
    }
    let isChunked = codings.map { $0.lazy.map(\.lowercased).elementsEqual("chunked".utf8) }
    let isOther = isChunked.count == 1 && !isChunked[0]
    guard !isOther else { throw .unsupportedTransferCoding }
    guard isChunked.last == true, !isChunked.dropLast().contains(true) else {
      throw .badTransferEncoding(.chunkedNotLast)
    }
    guard isChunked.count == 1 else { throw .unsupportedTransferCoding }
  }
}
