/// The parts of a path that stood at a route's `{name}` segments, decoded.
package struct PathParameters: Sendable, Hashable {
  private let names: [String]
  private let values: [String]

  /// Parameters by hand, for calling handlers without a router.
  package init(_ parameters: KeyValuePairs<String, String> = [:]) {
    names = parameters.map(\.key)
    values = parameters.map(\.value)
  }

  init(names: [String], values: [String]) {
    self.names = names
    self.values = values
  }

  /// The segment at `{name}`; empty if the route's template has no such name.
  package subscript(name: String) -> String {
    guard let index = names.firstIndex(of: name), index < values.count else { return "" }
    return values[index]
  }
}
