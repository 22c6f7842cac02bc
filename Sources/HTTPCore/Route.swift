/// What a route promises about the requests it takes.
package struct RouteOptions: Sendable, Hashable {
  /// Bytes of the request's body; beyond, 413; nil means ``HTTPLimits/bodyBytesMax``, or on a bulk
  /// route ``HTTPLimits/bulkBodyBytesMax``.
  package var bodyBytesMax: Int?

  /// Time the handler has to return its response, then 503 and cancellation; nil: as long as it takes.
  ///
  /// It does not count for a handler on the event loop, nor for the writing of a streamed body.
  package var deadline: Duration?

  /// Whether bodies may be large.
  ///
  /// Then the handler of a body of more than ``HTTPLimits/inlineBodyBytesMax`` starts with its
  /// beginning and reads the ``HTTPRequest/rest``; and bodies of more than
  /// ``HTTPLimits/bodyBytesMax`` must come at a higher least rate, few of them at once.
  package var isBulk: Bool

  /// Who may use it.
  package var access: RouteAccess

  package init(
    bodyBytesMax: Int? = nil, deadline: Duration? = .seconds(60), isBulk: Bool = false,
    access: RouteAccess = .byMethod
  ) {
    self.bodyBytesMax = bodyBytesMax
    self.deadline = deadline
    self.isBulk = isBulk
    self.access = access
  }
}

/// How a route answers.
package enum RouteHandler: Sendable {
  /// Runs on the event loop: only for what never waits and takes microseconds, such as probes.
  case immediate(@Sendable (HTTPRequest, PathParameters) -> HTTPResponse)
  /// Runs in a task of its own, cancelled when the client leaves or the deadline passes.
  case deferred(@Sendable (HTTPRequest, PathParameters) async -> HTTPResponse)
  /// Answers on the event loop, as an immediate one, if it can at once; otherwise the other does.
  indirect case first(@Sendable (HTTPRequest, PathParameters) -> HTTPResponse?, then: RouteHandler)
  /// Runs as a deferred one, and answers with a closure that only waits for the response.
  ///
  /// The wait does not count among the handlers at once: each belongs to a connection, and those are
  /// counted. The request is let go of before it, unless the closure keeps it. The deadline is for
  /// both.
  case waiting(@Sendable (HTTPRequest, PathParameters) async -> @Sendable () async -> HTTPResponse)
}

/// One method on one path template; an object, since every request refers to one.
package final class Route: Sendable {
  package let method: String
  /// The path with whole `{name}` segments as wildcards; the label for metrics.
  package let template: String
  package let options: RouteOptions
  package let handler: RouteHandler
  let parameterNames: [String]

  init(
    method: String, template: String, options: RouteOptions, handler: RouteHandler,
    parameterNames: [String]
  ) {
    self.method = method
    self.template = template
    self.options = options
    self.handler = handler
    self.parameterNames = parameterNames
  }
}
