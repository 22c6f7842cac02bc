internal import ContentCoding
internal import HTTPCore
internal import Jobs
internal import TrainingJobs

/// Bodies of so many bytes are worth encoding; more would keep a thread for too long.
private let encodedBytesRange = 1024...(64 << 20)

extension HTTPResponse {
  /// The answer with the entity tag of its bytes, so that it can be asked for in parts and again.
  ///
  /// - Complexity: O(n): the tag is the bytes' SHA-256, so it belongs off the pool.
  func tagged() -> HTTPResponse {
    guard case .bytes(let bytes) = body else { return self }
    var response = self
    response.headers.set("ETag", EntityTag(strong: sha256(bytes)).field)
    response.headers.set("Accept-Ranges", "bytes")
    return response
  }

  /// The answer about a job, tagged if it stays as it is: parts of what changes do not fit together.
  func tagged(ifLast job: Job) -> HTTPResponse {
    job.status.isTerminal ? tagged() : self
  }

  /// The answer as the request's conditions, range and codings want it.
  func shaped(for request: HTTPRequest) async -> HTTPResponse {
    let response = varying()
    if let selected = response.selected(for: request) { return selected }
    return await response.encoded(ifAccepted: response.isWantedInGzip(by: request))
  }

  /// The answer, encoded off the pool if the client takes it and that makes it shorter.
  func encoded(ifAccepted isAccepted: Bool) async -> HTTPResponse {
    let response = varying()
    guard isAccepted, response.isEncodable else { return response }
    // Encoding throws nothing; an answer that could not be encoded would go out as it is.
    return (try? await offPool { response.gzipped() }) ?? response
  }

  /// The answer, saying that it depends on what the client accepts if it does.
  func varying() -> HTTPResponse {
    guard isEncodable else { return self }
    var response = self
    response.headers.set("Vary", "Accept-Encoding")
    return response
  }

  /// The answer in gzip if that is shorter; the tag of other bytes is another.
  func gzipped() -> HTTPResponse {
    guard case .bytes(let bytes) = body, let encoded = BodyCoding.gzip.encode(bytes),
      encoded.count < bytes.count
    else { return self }
    var response = self
    response.body = .bytes(encoded)
    response.headers.set("Content-Encoding", "gzip")
    if let tag = headers.first("ETag").flatMap({ EntityTag($0) }) {
      response.headers.set("ETag", tag.encoded(as: "gzip").field)
    }
    return response
  }

  /// What is answered instead of all of the bytes; nil if all are wanted.
  func selected(for request: HTTPRequest) -> HTTPResponse? {
    guard status == 200, case .bytes(let bytes) = body,
      headers.first("Content-Encoding") == nil,
      let plain = headers.first("ETag").flatMap({ EntityTag($0) })
    else { return nil }
    let tag = isWantedInGzip(by: request) ? plain.encoded(as: "gzip") : plain
    let selection = AnswerSelection(of: request, tag: tag, length: bytes.count)
    var response = self
    switch selection {
    case .whole: return nil
    case .notModified:
      response.status = 304
      // RFC 9110 15.4.5: the tag that a 200 would have had.
      response.headers.set("ETag", tag.field)
      response.headers.remove("Content-Type")
      response.body = .none
    case .part(let range):
      response.status = 206
      response.headers.set(
        "Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)")
      response.body = .bytes(Array(bytes[range]))
    case .unsatisfiable:
      return Problem(
        status: 416, code: "range_not_satisfiable",
        detail: "The answer has \(bytes.count) bytes, none of them in the range asked for",
        headers: ["Content-Range": "bytes */\(bytes.count)"]
      ).response(instance: request.path)
    }
    return response
  }

  /// Whether the answer is to be sent in gzip; a range is one of the bytes as they are.
  fileprivate func isWantedInGzip(by request: HTTPRequest) -> Bool {
    isEncodable && request.acceptsGzip && !request.asksForRange
  }

  /// Whether the answer is text that is long enough, whole, and not encoded yet.
  private var isEncodable: Bool {
    guard status != 206, case .bytes(let bytes) = body, encodedBytesRange.contains(bytes.count),
      headers.first("Content-Encoding") == nil
    else { return false }
    let type = (headers.first("Content-Type") ?? "").beforeSemicolon.lowercased()
    return type.hasPrefix("text/")
      || ["json", "yaml", "xml"].contains { type.hasSuffix("/\($0)") || type.hasSuffix("+\($0)") }
  }
}

/// An answer that never changes, in each of the codings it can be sent in.
struct StaticAnswer: Sendable {
  private let plain: HTTPResponse
  private let encoded: HTTPResponse

  init(_ response: HTTPResponse) {
    plain = response.tagged().varying()
    encoded = plain.gzipped()
  }

  /// What a request is answered with; only a range is copied.
  func answer(to request: HTTPRequest) -> HTTPResponse {
    if let selected = plain.selected(for: request) { return selected }
    return plain.isWantedInGzip(by: request) ? encoded : plain
  }
}
