/// A network after all checks: its operators in execution order, every shape known.
package struct Graph: Sendable {
  /// Where an operator's input comes from.
  package enum Source: Hashable, Sendable {
    /// Index in ``Graph/inputs``.
    case input(Int)
    /// Index in ``Graph/nodes``.
    case node(Int)
  }

  /// An operator in its place.
  package struct Node: Sendable {
    package let id: OperatorID
    package let operation: any Operator
    /// In the order in which the operator takes them.
    package let sources: [Source]
    /// Features of each source.
    package let inputFeatures: [Int]
    package let outputFeatures: Int
    /// Index of the node whose parameters it uses; nil if it has its own.
    package let sharedNode: Int?

    /// Its own parameters, in the order in which they are stored.
    package var parameters: [ParameterDeclaration] {
      sharedNode == nil ? operation.parameters(inputs: inputFeatures) : []
    }
  }

  /// A named input of the network.
  package struct Input: Hashable, Sendable {
    package let name: String
    package let features: Int
  }

  /// In ascending order of their names.
  package let inputs: [Input]

  /// Each after the nodes that feed it; of those that could come next, the smallest id first.
  package let nodes: [Node]

  /// Indices of the nodes that feed no other, in ascending order of their ids.
  package let outputs: [Int]

  /// Indices of the nodes in ascending order of their ids, the order of stored parameters.
  package var nodesByID: [Int] {
    nodes.indices.sorted { nodes[$0].id < nodes[$1].id }
  }

  /// All parameters: operators in ascending order of their ids, each one's in its own order.
  package var parameters: [(node: Int, declaration: ParameterDeclaration)] {
    nodesByID.flatMap { node in nodes[node].parameters.map { (node, $0) } }
  }

  /// For each node the positions of the parameters that it uses in ``parameters``.
  var parameterPositions: [[Int]] {
    var positions = Array(repeating: [Int](), count: nodes.count)
    for (position, parameter) in parameters.enumerated() {
      positions[parameter.node].append(position)
    }
    return nodes.indices.map { positions[nodes[$0].sharedNode ?? $0] }
  }

  /// How often each node's output is taken.
  var useCounts: [Int] {
    nodes.reduce(into: Array(repeating: 0, count: nodes.count)) { counts, node in
      for case .node(let producer) in node.sources { counts[producer] += 1 }
    }
  }

  /// Whether each node's output depends on a trained parameter.
  var dependsOnParameters: [Bool] {
    var depends: [Bool] = []
    for node in nodes {
      let own = nodes[node.sharedNode ?? depends.count].parameters.contains(where: \.isTrained)
      let inherited = node.sources.contains { source in
        if case .node(let producer) = source { return depends[producer] }
        return false
      }
      depends.append(own || inherited)
    }
    return depends
  }

  /// The number of numbers that are kept with the model, statistics among them.
  package var storedCount: Int {
    parameters.reduce(0) { $0 + $1.declaration.count }
  }

  /// The number of trained numbers.
  package var parameterCount: Int {
    parameters.reduce(0) { $0 + ($1.declaration.isTrained ? $1.declaration.count : 0) }
  }

  /// Whether the client wrote values for some parameters.
  package var hasExplicitParameters: Bool {
    parameters.contains { $0.declaration.initializer is ExplicitValues }
  }

  /// The network with every inferred option written out, as it can be posted again.
  ///
  /// - Parameter values: Values in the order of ``parameters``, or nil to leave them out.
  /// - Returns: An object with `operators`, `connectivity` and `inputs`.
  package func document(parameters values: [Tensor]? = nil) -> JSONValue {
    var remaining = (values ?? [])[...]
    var operators: [JSONValue.Member] = []
    let order = nodesByID
    for node in order.map({ nodes[$0] }) {
      var members = [JSONValue.Member("type", .string(node.operation.type))]
      members += node.operation.options(inputs: node.inputFeatures)
      for declaration in node.parameters {
        guard let tensor = remaining.popFirst() else { break }
        members.append(JSONValue.Member(declaration.name, .tensor(tensor)))
      }
      operators.append(JSONValue.Member(node.id.description, .object(members)))
    }
    let consumers = consumers(order)
    func list(_ name: String, _ source: Source) -> JSONValue.Member {
      JSONValue.Member(name, .array((consumers[source] ?? []).map(JSONValue.string)))
    }
    return .object([
      JSONValue.Member("operators", .object(operators)),
      JSONValue.Member(
        "connectivity", .object(order.map { list(nodes[$0].id.description, .node($0)) })),
      JSONValue.Member(
        "inputs", .object(inputs.indices.map { list(inputs[$0].name, .input($0)) })),
    ])
  }

  /// The ids of the operators that take each source, once for each time that they take it.
  private func consumers(_ order: [Int]) -> [Source: [String]] {
    var consumers: [Source: [String]] = [:]
    for node in order.map({ nodes[$0] }) {
      for source in node.sources {
        consumers[source, default: []].append(node.id.description)
      }
    }
    return consumers
  }
}
