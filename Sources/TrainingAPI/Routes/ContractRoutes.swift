internal import HTTPCore
internal import Interchange
internal import NeuralNetwork
internal import TrainingJobs
internal import Yams

extension APIService {
  /// The contract itself.
  func addContractRoutes(to router: inout Router) {
    // Hashed and encoded here, never on an event loop.
    let yaml = StaticAnswer.contractInYAML
    router.add(
      method: "GET", "/openapi.yaml", RouteOptions(access: .everyone),
      .immediate { request, _ in yaml.answer(to: request) })
    router.add(
      method: "GET", "/openapi.json", RouteOptions(access: .everyone),
      handler { request, _ in
        try await offPool { try StaticAnswer.contractInJSON.get() }.answer(to: request)
      })
  }
}

extension StaticAnswer {
  fileprivate static let contractInYAML = StaticAnswer(
    HTTPResponse(
      status: 200, headers: ["Content-Type": "application/yaml"],
      body: .bytes(PackageResources.openapi_yaml)))

  fileprivate static let contractInJSON = Result {
    let text = String(decoding: PackageResources.openapi_yaml, as: UTF8.self)
    guard let node = try Yams.compose(yaml: text) else { return StaticAnswer(.json(.null)) }
    return StaticAnswer(.json(JSONWriter.write(JSONValue(node), layout: .pretty)))
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
