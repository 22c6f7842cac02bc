internal import HTTPCore
internal import Interchange
internal import NeuralNetwork
internal import Yams

extension APIService {
  /// The contract itself.
  func addContractRoutes(to router: inout Router) {
    let yaml = PackageResources.openapi_yaml
    router.add(
      method: "GET", "/openapi.yaml",
      .immediate { _, _ in
        HTTPResponse(
          status: 200, headers: ["Content-Type": "application/yaml"], body: .bytes(yaml))
      })
    router.add(
      method: "GET", "/openapi.json",
      handler { _, _ in
        let text = String(decoding: yaml, as: UTF8.self)
        guard let node = try Yams.compose(yaml: text) else { return .json(.null) }
        return .json(JSONWriter.write(JSONValue(node), layout: .pretty))
      })
  }
}

extension JSONValue {
  /// The JSON of a YAML document, members in their order.
  fileprivate init(_ node: Node) {
    switch node {
    case .mapping(let mapping):
      self = .object(
        mapping.map { JSONValue.Member($0.key.string ?? "", JSONValue($0.value)) })
    case .sequence(let sequence):
      self = .array(sequence.map { JSONValue($0) })
    case .scalar:
      if node.null != nil {
        self = .null
      } else if let bool = node.bool {
        self = .bool(bool)
      } else if let integer = node.int {
        self = .integer(integer)
      } else if let number = node.float {
        self = .number(number)
      } else {
        self = .string(node.string ?? "")
      }
    case .alias:
      self = .null
    }
  }
}
