/// Checks a network's connections and infers every shape, telling all faults at once.
///
/// The checks do not hide one another: what a fault leaves unknown is passed over, the rest is
/// still checked. Faults come in this order: ids, inputs, ends, cycles, paths, shapes, limits.
package struct GraphCheck {
  /// The graph, if there was no fault.
  package private(set) var graph: Graph?

  /// The faults found.
  package private(set) var issues: [ConfigurationIssue] = []

  /// The most trained numbers that a network may have.
  package static let parametersMax = 50_000_000

  private struct Edge {
    let id: OperatorID
    let source: Graph.Source
  }

  private let network: Network
  private let givenFeatures: [String: Int]
  private var indices: [OperatorID: Int] = [:]
  private var inputs: [Network.Input] = []
  private var sources: [[Edge]]
  private var consumers: [[Int]]
  private var inputFeatures: [Int?] = []
  private var outputFeatures: [Int?]
  /// The operators with what they take from those whose parameters they use.
  private var operations: [(any Operator)?]

  /// Checks a network.
  ///
  /// - Parameters:
  ///   - network: As it was read; operators that could not be read are passed over.
  ///   - features: The number of features of each named input, as far as the data set tells it.
  ///     The others are taken from the operators that say how many they expect.
  package init(_ network: Network, features: [String: Int]) {
    self.network = network
    givenFeatures = features
    sources = Array(repeating: [], count: network.declarations.count)
    consumers = Array(repeating: [], count: network.declarations.count)
    outputFeatures = Array(repeating: nil, count: network.declarations.count)
    operations = network.declarations.map(\.operation)
    guard !network.isOverLimit else { return }
    for (index, declaration) in network.declarations.enumerated() {
      indices[declaration.id] = index
    }
    connect()
    connectInputs()
    checkEnds()
    let order = checkCycles()
    checkPaths(order)
    checkInputCounts()
    orderInputs()
    shareParameters()
    inferShapes(order)
    checkSharedShapes()
    buildGraph(order)
  }

  private func name(_ index: Int) -> String { network.declarations[index].name }

  private func name(_ edge: Edge) -> String {
    switch edge.source {
    case .input: "input \(edge.id)"
    case .node(let index): name(index)
    }
  }

  private func place(_ index: Int) -> JSONPath {
    network.pointer.member("operators").member(network.declarations[index].id.description)
  }

  private mutating func report(_ code: String, at place: JSONPath, _ detail: String) {
    issues.tell(ConfigurationIssue(pointer: place.description, code: code, detail: detail))
  }

  // MARK: Connections

  private mutating func connect() {
    let dictionary = network.pointer.member("connectivity")
    for (producer, ids) in network.connectivity {
      let place = dictionary.member(producer.description)
      guard let producerIndex = indices[producer] else {
        report(
          "unknown_operator", at: place,
          "connectivity names operator \(producer), which is not in operators")
        continue
      }
      for (position, id) in ids.enumerated() {
        guard let consumer = indices[id] else {
          report(
            "unknown_operator", at: place.entry(position),
            "\(name(producerIndex)) feeds operator \(id), which is not in operators")
          continue
        }
        consumers[producerIndex].append(consumer)
        sources[consumer].append(Edge(id: producer, source: .node(producerIndex)))
      }
    }
  }

  private mutating func connectInputs() {
    if let written = network.inputs {
      inputs = written
    } else {
      guard let id = OperatorID(Network.defaultInput) else {
        preconditionFailure("the name of the default input is an id")
      }
      let unfed = sources.indices.filter { sources[$0].isEmpty }
      inputs = [Network.Input(id: id, consumers: unfed.map { network.declarations[$0].id })]
    }
    let dictionary = network.pointer.member("inputs")
    if inputs.isEmpty {
      report("missing_member", at: dictionary, "inputs must name at least one input")
    }
    for (index, input) in inputs.enumerated() {
      let place = dictionary.member(input.id.description)
      if let index = indices[input.id] {
        report(
          "duplicate_id", at: network.inputs == nil ? self.place(index) : place,
          network.inputs == nil
            ? "\(name(index)) has the name of the input that a network has by default; rename it or "
              + "name the inputs"
            : "\(input.id) is the id of an input and of an operator; rename one of them")
      }
      if network.inputs != nil && input.consumers.isEmpty {
        report("dead_end", at: place, "input \(input.id) feeds no operator")
      }
      for (position, id) in input.consumers.enumerated() {
        guard let consumer = indices[id] else {
          report(
            "unknown_operator", at: place.entry(position),
            "input \(input.id) feeds operator \(id), which is not in operators")
          continue
        }
        sources[consumer].append(Edge(id: input.id, source: .input(index)))
      }
    }
    for index in sources.indices {
      sources[index].sort { $0.id < $1.id }
    }
  }

  private mutating func checkEnds() {
    let listed = Set(network.connectivity.map(\.producer))
    for (index, declaration) in network.declarations.enumerated()
    where !listed.contains(declaration.id) {
      report(
        "dead_end", at: place(index),
        "\(name(index)) feeds nothing and is not in connectivity; "
          + "write \"\(declaration.id)\": [] there to make it an output")
    }
  }

  // MARK: Order

  /// The operators in execution order, and a fault for each cycle among the others.
  private mutating func checkCycles() -> [Int] {
    let order = executionOrder(without: [])
    var remaining = Set(sources.indices).subtracting(order)
    var removed: Set<Int> = []
    while let start = remaining.min() {
      let cycle = cycle(from: start, in: remaining)
      let path = (cycle + cycle.prefix(1)).map { network.declarations[$0].id.description }
      report(
        "cycle", at: network.pointer.member("connectivity").member(path[0]),
        "the operators feed each other in a cycle: \(path.joined(separator: " -> ")); "
          + "a network must have none")
      removed.formUnion(cycle)
      remaining = Set(sources.indices).subtracting(executionOrder(without: removed))
        .subtracting(removed)
    }
    return order
  }

  /// Kahn's algorithm, the smallest id first among those that could come next.
  private func executionOrder(without removed: Set<Int>) -> [Int] {
    var missing = sources.map { edges in
      edges.count { edge in
        if case .node(let producer) = edge.source { return !removed.contains(producer) }
        return false
      }
    }
    var ready = sources.indices.filter { missing[$0] == 0 && !removed.contains($0) }
    var order: [Int] = []
    while let next = ready.min() {
      ready.removeAll { $0 == next }
      order.append(next)
      for consumer in consumers[next] {
        missing[consumer] -= 1
        if missing[consumer] == 0 && !removed.contains(consumer) { ready.append(consumer) }
      }
    }
    return order
  }

  /// Walks back from producer to producer until one comes again, and gives the loop forward,
  /// beginning with its smallest id.
  private func cycle(from start: Int, in remaining: Set<Int>) -> [Int] {
    var walk: [Int] = []
    var current = start
    while true {
      if let first = walk.firstIndex(of: current) {
        let loop = Array(walk[first...].reversed())
        guard let smallest = loop.indices.min(by: { loop[$0] < loop[$1] }) else {
          preconditionFailure("a cycle has at least one operator")
        }
        return Array(loop[smallest...] + loop[..<smallest])
      }
      walk.append(current)
      let producers = sources[current].compactMap { edge -> Int? in
        guard case .node(let producer) = edge.source else { return nil }
        return remaining.contains(producer) ? producer : nil
      }
      guard let producer = producers.min() else {
        preconditionFailure("what Kahn's algorithm left over waits for something that it left over")
      }
      current = producer
    }
  }

  private mutating func checkPaths(_ order: [Int]) {
    var isReached = Array(repeating: false, count: sources.count)
    for index in order {
      isReached[index] = sources[index].contains { edge in
        switch edge.source {
        case .input: true
        case .node(let producer): isReached[producer]
        }
      }
      if !isReached[index] {
        report(
          "unreachable", at: place(index),
          "\(name(index)) has no path from an input; feed it by an operator or name it in inputs")
      }
    }
  }

  private mutating func checkInputCounts() {
    for index in operations.indices {
      guard let operation = operations[index], !sources[index].isEmpty else { continue }
      if operation.takesNetworkInputsOnly,
        let producer = sources[index].first(where: {
          if case .node = $0.source { true } else { false }
        })
      {
        report(
          "invalid_place", at: place(index),
          "\(name(index)) takes an input of the network only but is fed by \(name(producer)); put it "
            + "before the first operator")
      }
      let allowed = operation.inputCount
      guard !allowed.contains(sources[index].count) else { continue }
      let count = sources[index].count
      let tooFew = count < allowed.lowerBound
      let limit = tooFew ? "at least \(allowed.lowerBound)" : "at most \(allowed.upperBound)"
      let given = sources[index].map { name($0) }.listed(by: " and ")
      report(
        tooFew ? "too_few_inputs" : "too_many_inputs", at: place(index),
        "\(name(index)) takes \(limit) input\(limit.hasSuffix(" 1") ? "" : "s") but is fed by "
          + "\(given); \(tooFew ? "feed it by more" : "add them by an operator such as sum")")
    }
  }

  /// Brings each operator's inputs into the order that the client wrote for it.
  private mutating func orderInputs() {
    for index in operations.indices {
      guard let order = operations[index]?.inputOrder else { continue }
      var remaining = sources[index]
      var ordered: [Edge] = []
      // Lists of different lengths differ; a long one would take long to compare.
      for id in order where order.count == sources[index].count {
        guard let position = remaining.firstIndex(where: { $0.id == id }) else { continue }
        ordered.append(remaining.remove(at: position))
      }
      guard ordered.count == order.count && remaining.isEmpty else {
        let given = sources[index].map(\.id.description).listed()
        report(
          "invalid_inputs", at: place(index).member("inputs"),
          "inputs of \(name(index)) is \(order.map(\.description).listed()), but it is fed by "
            + "\(given.isEmpty ? "nothing" : given); name each of these once for each time that it feeds it"
        )
        continue
      }
      sources[index] = ordered
    }
  }

  // MARK: Shared parameters

  /// Completes the operators that use the parameters of others.
  private mutating func shareParameters() {
    for (index, declaration) in network.declarations.enumerated() {
      guard let operation = declaration.operation, let id = operation.parameterOwner else {
        continue
      }
      func refuse(_ detail: String) {
        report("invalid_share", at: place(index).member("shares"), detail)
        operations[index] = nil
      }
      guard let owner = indices[id] else {
        refuse("\(name(index)) shares the parameters of operator \(id), which is not in operators")
        continue
      }
      guard let owning = network.declarations[owner].operation else { continue }
      guard owning.parameterOwner == nil else {
        refuse(
          "\(name(index)) shares the parameters of \(name(owner)), which has none of its own; name the "
            + "operator that owns them")
        continue
      }
      guard let shared = operation.sharing(with: owning) else {
        refuse(
          "\(name(index)) cannot share the parameters of \(name(owner)): both must be of one type, and "
            + "what both say must be equal")
        continue
      }
      operations[index] = shared
    }
  }

  /// Compares the shapes that shared parameters have at both operators.
  private mutating func checkSharedShapes() {
    for index in operations.indices {
      guard let operation = operations[index], let id = operation.parameterOwner,
        let owner = indices[id], let owning = operations[owner]
      else { continue }
      func shapes(_ index: Int, _ operation: any Operator) -> [[Int]]? {
        let given = sources[index].compactMap { features($0.source) }
        guard given.count == 1 else { return nil }
        return operation.parameters(inputs: given).map(\.shape)
      }
      guard let own = shapes(index, operation), let others = shapes(owner, owning), own != others
      else { continue }
      report(
        "shape_mismatch", at: place(index).member("shares"),
        "\(name(index)) needs parameters of the shapes \(own) but those of \(name(owner)) have "
          + "\(others)")
    }
  }

  // MARK: Shapes

  private mutating func inferShapes(_ order: [Int]) {
    inputFeatures = inputs.indices.map { input in
      givenFeatures[inputs[input].id.description] ?? declaredFeatures(of: input)
    }
    for (input, features) in inputFeatures.enumerated() where features == nil {
      let readable = inputs[input].consumers.compactMap { indices[$0] }
        .filter { operations[$0] != nil }
      guard let first = readable.first else { continue }
      report(
        "unknown_shape", at: place(first),
        "input \(inputs[input].id) has an unknown number of features; "
          + "give the data set, or in_features of an operator that it feeds")
    }
    for index in order {
      outputFeatures[index] = inferOutput(index)
    }
  }

  /// What the first of the input's consumers that says so expects.
  private func declaredFeatures(of input: Int) -> Int? {
    inputs[input].consumers.lazy.compactMap { indices[$0] }
      .compactMap { operations[$0]?.inputFeatures }.first
  }

  private func features(_ source: Graph.Source) -> Int? {
    switch source {
    case .input(let input): inputFeatures[input]
    case .node(let producer): outputFeatures[producer]
    }
  }

  private mutating func inferOutput(_ index: Int) -> Int? {
    guard let operation = operations[index] else { return nil }
    var given: [Int] = []
    for edge in sources[index] {
      guard let features = features(edge.source) else { continue }
      let expected = operation.inputFeatures ?? features
      if expected != features {
        let place = place(index)
        report(
          "shape_mismatch", at: operation.inputFeaturesMember.map(place.member) ?? place,
          "\(name(index)) expects \(expected) features but \(name(edge)) gives \(features)")
      }
      // What follows a mismatch is checked with the features that were expected.
      given.append(expected)
    }
    guard given.count == sources[index].count, operation.inputCount.contains(given.count) else {
      return nil
    }
    do {
      let features = try operation.outputFeatures(of: given)
      if features > Linear.featuresMax {
        report(
          "over_limit", at: place(index),
          "\(name(index)) gives \(features) features, but at most \(Linear.featuresMax) are allowed"
        )
        return nil
      }
      return features
    } catch {
      let (first, second) = (sources[index][error.first], sources[index][error.second])
      report(
        "shape_mismatch", at: place(index),
        "\(name(index)) needs inputs of equal shapes, but \(name(first)) gives "
          + "\(given[error.first]) features and \(name(second)) gives \(given[error.second])")
      return nil
    }
  }

  // MARK: Graph

  private mutating func buildGraph(_ order: [Int]) {
    guard issues.isEmpty, order.count == network.declarations.count, !order.isEmpty else { return }
    var positions: [Int?] = Array(repeating: nil, count: order.count)
    var nodes: [Graph.Node] = []
    for index in order {
      guard let operation = operations[index],
        let output = outputFeatures[index]
      else { return }
      let given = sources[index].compactMap { features($0.source) }
      positions[index] = nodes.count
      nodes.append(
        Graph.Node(
          id: network.declarations[index].id, operation: operation,
          sources: sources[index].map { edge in
            guard case .node(let producer) = edge.source else { return edge.source }
            guard let position = positions[producer] else {
              preconditionFailure("an operator comes after those that feed it")
            }
            return .node(position)
          },
          inputFeatures: given, outputFeatures: output,
          sharedNode: operation.parameterOwner.flatMap { indices[$0] }
            .flatMap { order.firstIndex(of: $0) }))
    }
    let built = Graph(
      inputs: zip(inputs, inputFeatures).map { input, features in
        guard let features else {
          preconditionFailure("an input of a network without fault has a known shape")
        }
        return Graph.Input(name: input.id.description, features: features)
      },
      nodes: nodes,
      outputs: order.indices.filter { consumers[order[$0]].isEmpty }
        .sorted { nodes[$0].id < nodes[$1].id })
    guard built.storedCount <= GraphCheck.parametersMax else {
      report(
        "over_limit", at: network.pointer.member("operators"),
        "the network has \(built.storedCount) parameters, but at most "
          + "\(GraphCheck.parametersMax) are allowed")
      return
    }
    graph = built
  }
}
