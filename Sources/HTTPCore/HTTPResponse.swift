/// What a handler answers.
///
/// The server adds `Date`, the framing (`Content-Length` or chunks) and `Connection` itself and
/// ignores these fields if a handler sets them.
package struct HTTPResponse: Sendable {
  /// The content of a response.
  package enum Body: Sendable {
    /// No content: `Content-Length: 0`, or no length at all with 204 and 304.
    case none
    /// Content that is there as a whole.
    case bytes([UInt8])
    /// Content that is written piece by piece after the head has gone out.
    ///
    /// The closure runs in a task of its own, without deadline. Its return ends the content; an
    /// error thrown cuts the connection, so that the client sees the content is not whole. When the
    /// server drains, the task is cancelled, but `write` still works: a last event can be sent.
    case stream(@Sendable (any HTTPBodyWriter) async throws -> Void)
  }

  /// The status code, 200 to 599; any other is answered as 500.
  package var status: Int
  package var headers: HTTPHeaders
  package var body: Body

  package init(status: Int, headers: HTTPHeaders = [:], body: Body = .none) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// Takes the pieces of a streamed response body.
package protocol HTTPBodyWriter: Sendable {
  /// Sends a piece, suspending while more than the high-water mark waits to be sent.
  ///
  /// - Parameter bytes: One piece; nothing is sent for an empty one.
  /// - Throws: ``HTTPStreamClosed`` when the connection is gone.
  func write(_ bytes: [UInt8]) async throws
}

/// The connection of a stream is gone; nothing can be written any more.
package struct HTTPStreamClosed: Error, Hashable, Sendable {
  package init() {}
}
