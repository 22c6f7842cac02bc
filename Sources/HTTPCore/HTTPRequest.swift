/// A request: its head checked, its body received to the end, or on a bulk route to its first part.
package struct HTTPRequest: Sendable {
  /// One `name=value` of the query, decoded; the value is empty if there was no `=`.
  package struct QueryItem: Sendable, Hashable {
    package let name: String
    package let value: String
  }

  /// Everything before the body.
  package let head: RequestHead

  /// The body without its framing; empty if none was sent or the method gives it no meaning.
  ///
  /// On a bulk route it may be the beginning only; then ``rest`` has what follows.
  package let body: [UInt8]

  /// What follows ``body``; nil if that is all.
  package var rest: (any HTTPBodyReader)?

  /// Who sent it, as the admission has found; nil if callers are not told apart.
  package let caller: String?

  /// The method: one of those in ``RequestHead/supportedMethods``.
  package var method: String { head.method }

  /// The path as sent, percent-encoded and without query; `*` for `OPTIONS *`.
  package var path: String { head.target.path }

  /// The query's items in their order, percent-decoded, `+` read as a space.
  package var query: [QueryItem] { head.target.query }

  package var headers: HTTPHeaders { head.headers }

  /// The value of the first query item of that name, or nil.
  package func queryValue(_ name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// A request as the server makes it out of a checked head and its body.
  package init(head: RequestHead, body: [UInt8], caller: String? = nil) {
    self.head = head
    self.body = body
    self.caller = caller
  }

  /// A request to a target such as `/jobs/7?full=1`, for calling handlers without a connection.
  package init(
    method: String, target: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
    caller: String? = nil
  ) throws(HTTPFailure) {
    let parsed = try RequestTarget(bytes: ArraySlice(target.utf8), method: method)
    self.init(
      head: RequestHead(method: method, target: parsed, version: .http11, headers: headers),
      body: body, caller: caller)
  }
}

/// Gives a handler the pieces of a body as they arrive.
///
/// The connection stops receiving while much waits to be read here, so a body of any size takes little
/// memory. One task reads at a time.
package protocol HTTPBodyReader: Sendable {
  /// The next piece, suspending until there is one; nil after the last.
  ///
  /// - Throws: ``HTTPBodyBrokenOff`` when the request was given up; it is answered already, or nobody
  ///   is there to be answered.
  func next() async throws(HTTPBodyBrokenOff) -> [UInt8]?
}

/// A body will not become whole: its client has left, was too slow, or sent what is no body.
package struct HTTPBodyBrokenOff: Error, Hashable, Sendable {
  package init() {}
}
