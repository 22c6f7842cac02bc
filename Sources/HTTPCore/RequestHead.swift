/// The head of a request after every check that needs no route.
///
/// An object, since the connection, the request and its handler share it, and it has a dozen parts.
package final class RequestHead: Sendable, Equatable {
  /// The methods that a route can have; any other is answered 501.
  package static let supportedMethods = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
  ]

  /// Methods that are known and that no route can have: answered 405 on every path that there is (RFC
  /// 9110 9.3.8 and 15.5.6), where one that nobody knows is answered 501.
  static let refusedMethods = ["TRACE", "QUERY"]

  package let method: String
  package let target: RequestTarget
  package let version: HTTPVersion
  package let headers: HTTPHeaders

  package init(
    method: String, target: RequestTarget, version: HTTPVersion, headers: HTTPHeaders
  ) {
    self.method = method
    self.target = target
    self.version = version
    self.headers = headers
  }

  package static func == (left: RequestHead, right: RequestHead) -> Bool {
    left.method == right.method && left.target == right.target && left.version == right.version
      && left.headers == right.headers
  }

  /// Whether the connection may serve another request after this one (RFC 9112 9.3).
  package var wantsKeepAlive: Bool {
    let options = headers.listElements("Connection")
    if options.contains(where: { equalsIgnoringCase($0, "close") }) { return false }
    switch version {
    case .http11: return true
    case .http10: return options.contains { equalsIgnoringCase($0, "keep-alive") }
    }
  }

  /// Whether the body is meant for the handler (RFC 9110 9.3: elsewhere content has no meaning).
  package var acceptsBody: Bool {
    switch method {
    case "POST", "PUT", "PATCH": true
    default: false
    }
  }
}
