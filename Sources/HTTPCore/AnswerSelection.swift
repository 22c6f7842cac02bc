/// What a request's conditions and its range leave of an answer with an entity tag (RFC 9110 13, 14).
package enum AnswerSelection: Sendable, Hashable {
  case whole
  /// The client has it already: 304.
  case notModified
  /// 206, of the bytes as they are without a coding.
  case part(Range<Int>)
  /// 416.
  case unsatisfiable

  /// Judges a request that would be answered with 200.
  ///
  /// `If-None-Match` goes before a range, and there is no `If-Modified-Since` (RFC 9110 13.2.2): the
  /// bytes have no date.
  ///
  /// - Parameters:
  ///   - request: Conditions count for GET and HEAD, ranges for GET alone.
  ///   - tag: The tag that the answer would have: in a coding, if it would be sent in one.
  ///   - length: How many bytes there are; ranges are asked for of an answer without a coding only.
  package init(of request: HTTPRequest, tag: EntityTag, length: Int) {
    self = .whole
    guard request.method == "GET" || request.method == "HEAD" else { return }
    guard !Self.isKnown(tag, to: request.headers.all("If-None-Match")) else {
      self = .notModified
      return
    }
    guard request.asksForRange, let range = request.headers.first("Range") else { return }
    // RFC 9110 13.1.5: a date, or a weak tag, never matches.
    if let condition = request.headers.first("If-Range"),
      EntityTag(condition)?.matchesStrongly(tag) != true
    {
      return
    }
    switch ByteRange(field: range, length: length) {
    case .whole: self = .whole
    case .part(let part): self = .part(part)
    case .unsatisfiable: self = .unsatisfiable
    }
  }

  private static func isKnown(_ tag: EntityTag, to fields: [String]) -> Bool {
    if fields.contains(where: { trimmingBlanks($0.utf8).elementsEqual([0x2A]) }) { return true }
    return fields.flatMap(EntityTag.list).contains { $0.matchesWeakly(tag) }
  }
}

extension HTTPRequest {
  /// Whether a range is asked for; ranges count bytes without a coding, so nothing is encoded then.
  package var asksForRange: Bool {
    // RFC 9110 14.2: Range has a meaning with GET alone.
    method == "GET" && headers.all("Range").count == 1
  }

  /// Whether the answer may be sent in gzip (RFC 9110 12.5.3).
  ///
  /// Without the field it is not: a client that cannot decode often does not say so.
  package var acceptsGzip: Bool {
    var anyCoding: Bool?
    var gzip: Bool?
    for element in headers.listElements("Accept-Encoding") {
      let parts = element.utf8.split(separator: ASCII.semicolon).map {
        String(trimmingBlanks($0)) ?? ""
      }
      guard let name = parts.first else { continue }
      let isWanted = parts.dropFirst().allSatisfy(Self.isAboveZero)
      if name == "*" { anyCoding = isWanted }
      if equalsIgnoringCase(name, "gzip") || equalsIgnoringCase(name, "x-gzip") { gzip = isWanted }
    }
    return gzip ?? anyCoding ?? false
  }

  /// Whether a weight such as `q=0.5` is more than nothing; one outside the grammar is nothing.
  private static func isAboveZero(_ parameter: String) -> Bool {
    let bytes = Array(parameter.utf8)
    guard bytes.count >= 3, bytes[0].lowercased == 0x71, bytes[1] == 0x3D else { return false }
    let (whole, fraction) = (bytes[2], bytes.dropFirst(3))
    guard fraction.isEmpty || (fraction.first == 0x2E && fraction.count <= 4) else { return false }
    let digits = fraction.dropFirst()
    guard digits.allSatisfy(\.isDigit) else { return false }
    switch whole {
    case 0x30: return digits.contains { $0 != 0x30 }
    case 0x31: return digits.allSatisfy { $0 == 0x30 }
    case _: return false
    }
  }
}
