import Yams

/// The published contract, read as a tree of dictionaries and arrays.
struct Contract {
  /// One operation of one path.
  struct Operation: Hashable {
    let method: String
    let template: String
  }

  let root: [String: Any]

  private static let methods = [
    "get", "put", "post", "delete", "patch", "head", "options", "trace",
  ]

  init() throws {
    root = try Yams.load(yaml: Repository.text("openapi.yaml")) as? [String: Any] ?? [:]
  }

  var paths: [String: Any] { root["paths"] as? [String: Any] ?? [:] }

  /// Every operation with what is said of it.
  var operations: [Operation: [String: Any]] {
    var operations: [Operation: [String: Any]] = [:]
    for (template, item) in paths {
      for (method, operation) in item as? [String: Any] ?? [:] where Self.methods.contains(method) {
        operations[Operation(method: method.uppercased(), template: template)] =
          operation as? [String: Any]
      }
    }
    return operations
  }

  /// A schema by its name.
  func schema(_ name: String) -> [String: Any] { find(["components", "schemas", name]) ?? [:] }

  /// What stands at the end of a way of member names.
  func find<Value>(_ way: [String]) -> Value? {
    var node: Any? = root
    for name in way { node = (node as? [String: Any])?[name] }
    return node as? Value
  }

  /// The constants of a schema that lists them with a description each.
  func constants(of name: String) -> [String] {
    (schema(name)["oneOf"] as? [[String: Any]] ?? []).compactMap { $0["const"] as? String }
  }

  /// Every string that a `$ref` holds.
  var references: [String] { Self.references(in: root) }

  private static func references(in node: Any) -> [String] {
    if let object = node as? [String: Any] {
      return object.flatMap { name, value in
        name == "$ref" ? [value as? String ?? ""] : references(in: value)
      }
    }
    return (node as? [Any])?.flatMap(references(in:)) ?? []
  }
}
