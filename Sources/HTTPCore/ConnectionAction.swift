/// What the owner of a connection must do after an event, in the order given.
package enum ConnectionAction: Sendable {
  /// Write the bytes after all earlier ones; report progress with `written`.
  case send([UInt8])
  /// Call the route's handler and report its response with `responded` under the same number.
  indirect case handle(PendingRequest)
  /// Give the handler that reads a body piece by piece what has come; report what it takes with
  /// `delivered`.
  case deliver([UInt8], isLast: Bool)
  /// Run the body's closure; report with `streamWrote`, `streamFinished` or `streamFailed`.
  case startStream(exchange: UInt64, @Sendable (any HTTPBodyWriter) async throws -> Void)
  /// Cancel the task of the exchange; its response, if one still comes, is judged on arrival.
  case cancelHandler(exchange: UInt64)
  /// Resume the producers that were suspended at the high-water mark.
  case resumeStream
  /// Shut down the writing side; what still arrives is given to `received` and discarded.
  case finishSending
  /// Close in order.
  case close
  /// Close at once with a reset, so that the client sees that something is missing.
  case reset
  /// Count a refusal under its code.
  case reject(HTTPFailure)
  /// Count a request that was not admitted under its code.
  case notAdmitted(code: String)
  /// Record an answer, at the time its head is written.
  indirect case answered(ExchangeRecord)
}

/// A request with the route that answers it.
package struct PendingRequest: Sendable {
  /// The number of the exchange on its connection.
  package let exchange: UInt64
  package let request: HTTPRequest
  /// Whether nothing of the body is still to come; what comes is told with `deliver`.
  package let isBodyWhole: Bool
  package let route: Route
  package let parameters: PathParameters
}

/// What is known of an answer when its head is written; for logs and metrics.
package struct ExchangeRecord: Sendable, Equatable {
  /// The method; nil if the head could not be read.
  package let method: String?
  /// The template of the route, never the path, which a client can vary; nil if none was found.
  package let template: String?
  package let status: Int
  /// Time from the first byte of the request to its answer.
  package let duration: Duration
  /// Bytes of the request's body.
  package let requestBodyBytes: Int
  /// Bytes of the response's body; nil for a stream, which has only begun.
  package let responseBodyBytes: Int?
  /// The answer's `X-Request-Id`.
  package let requestID: String
  /// The peer's address, where it was asked for.
  package let peer: String?
  /// Who sent it, as its admission named them; nil if it was not admitted or nobody was named.
  package let caller: String?
  /// All of the request's head; nil if it could not be read.
  package let head: RequestHead?
}
