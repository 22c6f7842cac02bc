extension HTTPFailure {
  /// The status of the answer.
  package var status: Int {
    switch self {
    case .malformedRequestLine, .malformedTarget, .malformedHeader, .badHost, .duplicateHeader,
      .badContentLength, .badTransferEncoding, .malformedChunk, .chunkLimit, .malformedTrailer,
      .bodyIncomplete:
      400
    case .notFound: 404
    case .methodNotAllowed: 405
    case .headerTimeout, .bodyTimeout: 408
    case .bodyTooLarge: 413
    case .requestLineTooLong: 414
    case .expectationFailed: 417
    case .headersTooLarge: 431
    case .unsafeResponseHeader, .badResponseStatus: 500
    case .methodTooLong, .methodNotImplemented, .unsupportedTransferCoding: 501
    case .handlerTimeout, .responseTimeout, .responseTooSlow, .tooManyConnections, .tooManyStreams,
      .tooManyBulkUploads, .tooManyHandlers, .requestMemoryExhausted:
      503
    case .unsupportedVersion: 505
    }
  }

  /// A stable identifier for programs; also the `reason` under which refusals are counted.
  package var code: String {
    switch self {
    case .malformedRequestLine: "malformed_request_line"
    case .requestLineTooLong: "request_line_too_long"
    case .methodTooLong: "method_too_long"
    case .methodNotImplemented: "method_not_implemented"
    case .unsupportedVersion: "unsupported_http_version"
    case .malformedTarget: "malformed_target"
    case .malformedHeader: "malformed_header"
    case .headersTooLarge: "headers_too_large"
    case .badHost: "bad_host"
    case .duplicateHeader: "duplicate_header"
    case .expectationFailed: "expectation_failed"
    case .badContentLength: "bad_content_length"
    case .badTransferEncoding: "bad_transfer_encoding"
    case .unsupportedTransferCoding: "unsupported_transfer_coding"
    case .malformedChunk: "malformed_chunk"
    case .chunkLimit: "chunk_limit_exceeded"
    case .malformedTrailer: "malformed_trailer"
    case .bodyTooLarge: "body_too_large"
    case .bodyIncomplete: "body_incomplete"
    case .notFound: "not_found"
    case .methodNotAllowed: "method_not_allowed"
    case .headerTimeout: "header_timeout"
    case .bodyTimeout: "body_timeout"
    case .handlerTimeout: "handler_timeout"
    case .responseTimeout: "response_timeout"
    case .responseTooSlow: "response_too_slow"
    case .tooManyConnections: "too_many_connections"
    case .tooManyStreams: "too_many_streams"
    case .tooManyBulkUploads: "too_many_bulk_uploads"
    case .tooManyHandlers: "too_many_requests_in_work"
    case .requestMemoryExhausted: "request_memory_exhausted"
    case .unsafeResponseHeader: "unsafe_response_header"
    case .badResponseStatus: "bad_response_status"
    }
  }

  /// The path of the request, where the failure is about it.
  package var path: String? {
    switch self {
    case .notFound(let path), .methodNotAllowed(_, let path, _): path
    default: nil
    }
  }

  /// Seconds after which the client may try again; nil if trying again would not help.
  package var retryAfterSeconds: Int? {
    switch self {
    case .handlerTimeout, .responseTimeout, .responseTooSlow, .tooManyConnections, .tooManyStreams,
      .tooManyBulkUploads, .tooManyHandlers, .requestMemoryExhausted:
      1
    default: nil
    }
  }
}

extension HTTPFailure: CustomStringConvertible {
  /// One sentence for people: what was needed, what was given, which limit.
  package var description: String {
    switch self {
    case .malformedRequestLine(let defect): "the request line \(defect.rawValue)"
    case .requestLineTooLong(let max): "the request line is longer than \(max) bytes"
    case .methodTooLong(let max): "the method is longer than \(max) bytes"
    case .methodNotImplemented(let method): "no resource here knows the method \(method)"
    case .unsupportedVersion(let major, let minor):
      "the server speaks HTTP/1.1 and HTTP/1.0, not HTTP/\(major).\(minor)"
    case .malformedTarget(let defect): "the request target \(defect.rawValue)"
    case .malformedHeader(let defect): "a header line \(defect.rawValue)"
    case .headersTooLarge(let limit, let max):
      "the header section has more than \(max) \(limit.rawValue)"
    case .badHost(let defect): "the Host \(defect.rawValue)"
    case .duplicateHeader(let name): "the header \(name) is given more than once"
    case .expectationFailed: "the only expectation that can be met is 100-continue"
    default: bodyDescription
    }
  }

  private var bodyDescription: String {
    switch self {
    case .badContentLength(let defect): "the Content-Length \(defect.rawValue)"
    case .badTransferEncoding(let defect): "the Transfer-Encoding \(defect.rawValue)"
    case .unsupportedTransferCoding: "the only transfer coding that can be read is chunked"
    case .malformedChunk(let defect): "a chunk \(defect.rawValue)"
    case .chunkLimit(let limit, let max): "the limit is \(max) \(limit.rawValue)"
    case .malformedTrailer(let defect): "a trailer line \(defect.rawValue)"
    case .bodyTooLarge(let max, let declared?):
      "the body has \(declared) bytes, but the limit is \(max) bytes"
    case .bodyTooLarge(let max, nil): "the body has more than the limit of \(max) bytes"
    case .bodyIncomplete(let received):
      "the body ended after \(received) bytes, before its declared end"
    default: serviceDescription
    }
  }

  private var serviceDescription: String {
    switch self {
    case .notFound(let path): "there is nothing at \(escapedForMessages(path))"
    case .methodNotAllowed(let method, _, let allow):
      "the method \(method) is not one of \(allow.joined(separator: ", "))"
    case .headerTimeout(let time): "the request's head did not arrive within \(time)"
    case .bodyTimeout(let received):
      "the request's body came too slowly; \(received) bytes had arrived"
    case .handlerTimeout(let time): "the request could not be answered within \(time)"
    case .responseTooSlow(let rate):
      "the response was taken at less than \(rate) bytes a second in the mean"
    case .responseTimeout(let time): "no byte of the response was taken within \(time)"
    case .tooManyConnections(let max): "more than \(max) connections are open"
    case .tooManyStreams(let max): "more than \(max) streams are open"
    case .tooManyBulkUploads(let max): "more than \(max) large uploads are under way"
    case .tooManyHandlers(let max): "more than \(max) requests are in work"
    case .requestMemoryExhausted(let max):
      "more than \(max) bytes of requests and unsent answers would be in memory"
    case .unsafeResponseHeader(let name):
      "the response has a header that cannot be sent: \(name)"
    case .badResponseStatus(let status): "the response has the status \(status), not 200 to 599"
    default: code
    }
  }
}
