/// What is the same for every connection of a server; one object, since there are thousands.
package final class ConnectionRules: Sendable {
  package let router: Router
  package let limits: HTTPLimits
  /// Asked on the event loop for each request with a route, before any of its body is awaited.
  package let admit: @Sendable (RequestHead, Route, Moment) -> Admission
  /// Renders a failure; `Allow`, `Retry-After` and `Connection` are added here.
  package let failureResponse: @Sendable (HTTPFailure) -> HTTPResponse

  package init(
    router: Router, limits: HTTPLimits,
    admit: @escaping @Sendable (RequestHead, Route, Moment) -> Admission = { _, _, _ in
      .admitted(caller: nil)
    },
    failureResponse: @escaping @Sendable (HTTPFailure) -> HTTPResponse
  ) {
    self.router = router
    self.limits = limits
    self.admit = admit
    self.failureResponse = failureResponse
  }

  /// The response to a failure, with the fields that its status calls for.
  package func response(to failure: HTTPFailure) -> HTTPResponse {
    var response = failureResponse(failure)
    if let seconds = failure.retryAfterSeconds {
      response.headers.set("Retry-After", String(seconds))
    }
    if case .methodNotAllowed(_, _, let allow) = failure {
      response.headers.set("Allow", allow.joined(separator: ", "))
    }
    return response
  }
}
