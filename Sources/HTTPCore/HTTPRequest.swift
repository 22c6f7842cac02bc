/// A whole request: its head checked, its body received to the end.
package struct HTTPRequest: Sendable, Hashable {
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
  package let body: [UInt8]

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
