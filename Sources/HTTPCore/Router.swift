/// Finds the route of a request by method and path.
///
/// A template's segment is a literal, or `{name}` for any one segment that is not empty. A literal
/// wins over a wildcard. HEAD is served by the route of GET; OPTIONS is answered without a route.
package struct Router: Sendable {
  /// The outcome of a look-up.
  package enum Match: Sendable {
    case matched(Route, PathParameters)
    /// An OPTIONS request: to be answered 204 with these methods in `Allow`.
    case options(allow: [String])
    case methodNotAllowed(allow: [String])
    case notFound
  }

  /// One place in the tree of templates; children are indices into `nodes`.
  private struct Node {
    var literals: [String: Int] = [:]
    var wildcard: Int?
    var routes: [Int] = []
  }

  private var nodes = [Node()]
  private var table: [Route] = []

  package init() {}

  /// Every route, in the order added.
  package var routes: [Route] { table }

  /// Adds a route; a template without leading slash and a route given twice are programming errors.
  package mutating func add(
    method: String, _ template: String, _ options: RouteOptions, _ handler: RouteHandler
  ) {
    precondition(RequestHead.supportedMethods.contains(method), "the method must be supported")
    precondition(template.hasPrefix("/"), "a template begins with a slash")
    var node = 0
    var names: [String] = []
    for segment in Self.segments(of: template) {
      if let name = Self.wildcardName(segment) {
        names.append(name)
        node = wildcardChild(of: node)
      } else {
        node = literalChild(segment, of: node)
      }
    }
    precondition(!nodes[node].routes.contains { table[$0].method == method }, "given twice")
    nodes[node].routes.append(table.count)
    table.append(
      Route(
        method: method, template: template, options: options, handler: handler,
        parameterNames: names))
  }

  /// Adds a route with the default options.
  package mutating func add(method: String, _ template: String, _ handler: RouteHandler) {
    add(method: method, template, RouteOptions(), handler)
  }

  /// Finds what answers the method on the path.
  package func match(method: String, target: RequestTarget) -> Match {
    if target.isAsterisk { return .options(allow: allowedMethods(amongst: Array(table.indices))) }
    var values: [String] = []
    guard let node = find(target.segments[...], from: 0, values: &values) else { return .notFound }
    let wanted = method == "HEAD" && !has("HEAD", node) ? "GET" : method
    if let index = nodes[node].routes.first(where: { table[$0].method == wanted }) {
      let route = table[index]
      return .matched(route, PathParameters(names: route.parameterNames, values: values))
    }
    let allow = allowedMethods(amongst: nodes[node].routes)
    return method == "OPTIONS" ? .options(allow: allow) : .methodNotAllowed(allow: allow)
  }

  private func has(_ method: String, _ node: Int) -> Bool {
    nodes[node].routes.contains { table[$0].method == method }
  }

  /// The methods of some routes, with those that need none of their own.
  private func allowedMethods(amongst routes: [Int]) -> [String] {
    let methods = Set(routes.map { table[$0].method })
    return RequestHead.supportedMethods.filter { method in
      method == "OPTIONS" || methods.contains(method)
        || (method == "HEAD" && methods.contains("GET"))
    }
  }

  /// The most literal node with routes that the segments lead to; its wildcards' values in order.
  private func find(
    _ segments: ArraySlice<String>, from node: Int, values: inout [String]
  ) -> Int? {
    guard let segment = segments.first else { return nodes[node].routes.isEmpty ? nil : node }
    let rest = segments.dropFirst()
    if let child = nodes[node].literals[segment],
      let found = find(rest, from: child, values: &values)
    {
      return found
    }
    guard let child = nodes[node].wildcard, !segment.isEmpty else { return nil }
    values.append(segment)
    if let found = find(rest, from: child, values: &values) { return found }
    values.removeLast()
    return nil
  }

  private static func segments(of template: String) -> [String] {
    guard template != "/" else { return [] }
    return template.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      .map(String.init)
  }

  private static func wildcardName(_ segment: String) -> String? {
    guard segment.hasPrefix("{") else { return nil }
    precondition(segment.hasSuffix("}") && segment.count > 2, "a wildcard is a whole segment")
    return String(segment.dropFirst().dropLast())
  }

  private mutating func literalChild(_ segment: String, of node: Int) -> Int {
    if let child = nodes[node].literals[segment] { return child }
    nodes.append(Node())
    nodes[node].literals[segment] = nodes.count - 1
    return nodes.count - 1
  }

  private mutating func wildcardChild(of node: Int) -> Int {
    if let child = nodes[node].wildcard { return child }
    nodes.append(Node())
    nodes[node].wildcard = nodes.count - 1
    return nodes.count - 1
  }
}
