/// A request: its head checked, its body received to the end, or on a bulk route to its first part.
package struct HTTPRequest: Sendable {
  /// One `name=value` of the query, decoded; the value is empty if there was no `=`.
  package struct QueryItem: Sendable, Hashable {
    package let name: String
    package let value: String
  }

  /// The method: one of those in ``RequestHead/supportedMethods``.
  package let method: String

  /// The path as sent, percent-encoded and without query; `*` for `OPTIONS *`.
  package let path: String

  /// The path's segments, split at `/` as sent and only then percent-decoded; `[]` for `/`.
  package let pathSegments: [String]

  /// The query's items in their order, percent-decoded, `+` read as a space.
  package let query: [QueryItem]

  package let version: HTTPVersion
  package let headers: HTTPHeaders

  /// The body without its framing; empty if none was sent or the method gives it no meaning.
  ///
  /// On a bulk route it may be the beginning only; then ``rest`` has what follows.
  package let body: [UInt8]

  /// What follows ``body``; nil if that is all.
  package var rest: (any HTTPBodyReader)?

  /// The path with each segment percent-decoded; ambiguous if a segment held `%2F`, so for display only.
  package var decodedPath: String {
    path == "*" ? path : "/" + pathSegments.joined(separator: "/")
  }

  /// The value of the first query item of that name, or nil.
  package func queryValue(_ name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// A request as the server makes it out of a checked head and its body.
  package init(head: RequestHead, body: [UInt8]) {
    method = head.method
    path = head.target.path
    pathSegments = head.target.segments
    query = head.target.query
    version = head.version
    headers = head.headers
    self.body = body
  }

  /// A request to a target such as `/jobs/7?full=1`, for calling handlers without a connection.
  package init(
    method: String, target: String, headers: HTTPHeaders = [:], body: [UInt8] = []
  ) throws(HTTPFailure) {
    let parsed = try RequestTarget(bytes: ArraySlice(target.utf8), method: method)
    self.init(
      head: RequestHead(method: method, target: parsed, version: .http11, headers: headers),
      body: body)
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
