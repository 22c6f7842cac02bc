internal import HTTPCore
internal import Interchange
internal import NeuralNetwork
internal import Yams

extension APIService {
  /// The contract itself.
  func addContractRoutes(to router: inout Router) {
    let yaml = PackageResources.openapi_yaml
    router.add(
      method: "GET", "/openapi.yaml", RouteOptions(access: .everyone),
      .immediate { _, _ in
        HTTPResponse(
          status: 200, headers: ["Content-Type": "application/yaml"], body: .bytes(yaml))
      })
    router.add(
      method: "GET", "/openapi.json", RouteOptions(access: .everyone),
      handler { _, _ in
        let text = String(decoding: yaml, as: UTF8.self)
        guard let node = try Yams.compose(yaml: text) else { return .json(.null) }
        return .json(JSONWriter.write(JSONValue(node), layout: .pretty))
      })
  }
}

extension JSONValue {
  /// The JSON of a YAML document, members in their order.
  init(_ node: Node) {
    switch node {
    case .mapping(let mapping):
      self = .object(
        mapping.map { JSONValue.Member($0.key.string ?? "", JSONValue($0.value)) })
    case .sequence(let sequence):
      self = .array(sequence.map { JSONValue($0) })
    case .scalar(let scalar):
      self = JSONValue(scalar, node)
    case .alias:
      self = .null
    }
  }

  /// A scalar by its tag: what is quoted is a string, whatever it looks like.
  private init(_ scalar: Node.Scalar, _ node: Node) {
    if node.tag == Tag(.null) {
      self = .null
    } else if node.tag == Tag(.bool), let bool = node.bool {
      self = .bool(bool)
    } else if node.tag == Tag(.int), let integer = node.int {
      self = .integer(integer)
    } else if node.tag == Tag(.float), let number = node.float {
      self = .number(number)
    } else {
      self = .string(scalar.string)
    }
  }
}
