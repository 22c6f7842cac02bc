/// Every way in which the server itself refuses a request or gives one up.
///
/// The layer above renders a failure into a response; ``HTTPFailure/status`` and
/// ``HTTPFailure/code`` are stable and published.
package enum HTTPFailure: Error, Hashable, Sendable {
  // Head
  case malformedRequestLine(RequestLineDefect)
  case requestLineTooLong(bytesMax: Int)
  case methodTooLong(bytesMax: Int)
  case methodNotImplemented(method: String)
  case unsupportedVersion(major: Int, minor: Int)
  case malformedTarget(TargetDefect)
  case malformedHeader(HeaderDefect)
  case headersTooLarge(HeaderLimit, max: Int)
  case badHost(HostDefect)
  case duplicateHeader(name: String)
  case expectationFailed

  // Framing and body
  case badContentLength(ContentLengthDefect)
  case badTransferEncoding(TransferEncodingDefect)
  case unsupportedTransferCoding
  case malformedChunk(ChunkDefect)
  case chunkLimit(ChunkLimit, max: Int)
  case malformedTrailer(HeaderDefect)
  case bodyTooLarge(bytesMax: Int, declared: Int?)
  case bodyIncomplete(bytesReceived: Int)

  // Routing
  case notFound(path: String)
  case methodNotAllowed(method: String, path: String, allow: [String])

  // Time
  case headerTimeout(Duration)
  case bodyTimeout(bytesReceived: Int)
  case handlerTimeout(Duration)
  /// The client took no byte of its response: counted, but no answer can tell it.
  case responseTimeout(Duration)
  /// The client took a response more slowly than it may.
  case responseTooSlow(bytesPerSecondMin: Int)

  // Load
  case tooManyConnections(max: Int)
  case tooManyStreams(max: Int)
  case tooManyBulkUploads(max: Int)
  case tooManyHandlers(max: Int)
  case requestMemoryExhausted(bytesMax: Int)

  // Our own handlers
  case unsafeResponseHeader(name: String)
  case badResponseStatus(Int)
}

/// What is wrong with a request line.
package enum RequestLineDefect: String, Sendable, Hashable, CaseIterable {
  case shape = "must be a method, a target and a version parted by single spaces"
  case method = "has a method that is no upper-case token"
  case version = "has a version other than HTTP/ digit . digit"
  case byte = "holds a byte that is no printable ASCII"
  case lineEnd = "must end in CR LF"
  case emptyLines = "is preceded by too many empty lines"
  case endless = "has no end of its method within the limit"
}

/// What is wrong with a request target.
package enum TargetDefect: String, Sendable, Hashable, CaseIterable {
  case form = "must be a path that begins with a slash, or an http URL"
  case asterisk = "may be * with OPTIONS only"
  case byte = "holds a byte that must be percent-encoded"
  case percentEncoding = "holds a % without two hexadecimal digits"
  case encodedControl = "holds an encoded control character"
  case encoding = "is not UTF-8 after percent-decoding"
  case dotSegment = "holds a . or .. segment"
}

/// What is wrong with a header or trailer line.
package enum HeaderDefect: String, Error, Sendable, Hashable, CaseIterable {
  case lineEnd = "must end in CR LF"
  case folded = "begins with a blank"
  case colon = "has no colon"
  case name = "has a name that is no token"
  case value = "has a control character in its value"
  case forbidden = "is a field that must not stand in a trailer"
}

/// Which limit of the header section is exceeded.
package enum HeaderLimit: String, Sendable, Hashable, CaseIterable {
  case block = "bytes in all"
  case line = "bytes in one line"
  case count = "lines"
}

/// What is wrong with the Host of a request.
package enum HostDefect: String, Sendable, Hashable, CaseIterable {
  case missing = "is missing"
  case repeated = "is given more than once"
  case empty = "is empty"
  case grammar = "is no host with an optional port"
  case contradictsTarget = "differs from the target's"
}

/// What is wrong with a Content-Length.
package enum ContentLengthDefect: String, Sendable, Hashable, CaseIterable {
  case grammar = "must be decimal digits without leading zeros"
  case overflow = "does not fit 63 bits"
  case repeated = "is given more than once"
  case withTransferEncoding = "stands beside a Transfer-Encoding"
}

/// What is wrong with a Transfer-Encoding.
package enum TransferEncodingDefect: String, Sendable, Hashable, CaseIterable {
  case grammar = "is no list of codings"
  case chunkedNotLast = "must end in chunked, once"
  case http10 = "must not be sent with HTTP/1.0"
}

/// What is wrong with a chunk.
package enum ChunkDefect: String, Sendable, Hashable, CaseIterable {
  case size = "must begin with its size in hexadecimal digits"
  case sizeOverflow = "has a size that does not fit 63 bits"
  case sizeExtension = "has a malformed extension"
  case lineEnd = "must have its size line end in CR LF"
  case dataEnd = "must have its data end in CR LF"
}

/// Which limit of the chunked coding is exceeded.
package enum ChunkLimit: String, Sendable, Hashable, CaseIterable {
  case sizeDigits = "digits in a chunk size"
  case extensionBytes = "bytes of chunk extensions"
  case trailerBytes = "bytes of trailers"
  case trailerCount = "trailer lines"
  case meanChunkBytes = "bytes in the mean chunk of a long body, at least"
}
