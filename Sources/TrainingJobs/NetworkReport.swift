package import NeuralNetwork
internal import Training

/// The answer to `POST /networks/validate`: faults, shapes, sizes and an estimate.
package struct NetworkReport: Sendable {
  private let reading: RequestReading

  /// Arithmetic that one core is assumed to do, for the estimate of the time.
  private static let flopsPerSecond = 1e11

  /// What an operator is assumed to take in each step besides its arithmetic.
  private static let secondsPerOperator = 8e-8

  /// Makes the report of what was read.
  package init(_ reading: RequestReading) {
    self.reading = reading
  }

  /// The report; order, operators, totals and estimate are null if the network has a fault.
  package var document: JSONValue {
    let graph = reading.graph
    return .object([
      JSONValue.Member("valid", .bool(reading.issues.isEmpty)),
      JSONValue.Member(
        "errors",
        .array(
          reading.issues.map(\.document))),
      JSONValue.Member(
        "order",
        graph.map { .array($0.nodes.map { .string($0.id.description) }) } ?? .null),
      JSONValue.Member("operators", graph.map(operators) ?? .null),
      JSONValue.Member(
        "totals",
        graph.map {
          .object([
            JSONValue.Member("operators", .integer($0.nodes.count)),
            JSONValue.Member("parameters", .integer($0.parameterCount)),
          ])
        } ?? .null),
      JSONValue.Member("estimate", graph.map(estimate) ?? .null),
    ])
  }

  private func operators(_ graph: Graph) -> JSONValue {
    .object(
      graph.nodesByID.map { index in
        let node = graph.nodes[index]
        return JSONValue.Member(
          node.id.description,
          .object([
            JSONValue.Member("inputs", .array(node.inputFeatures.map { .integer($0) })),
            JSONValue.Member("output", .integer(node.outputFeatures)),
            JSONValue.Member(
              "parameters",
              .integer(node.parameters.reduce(0) { $0 + $1.count })),
          ]))
      })
  }

  private func estimate(_ graph: Graph) -> JSONValue {
    let flops = flopsPerSample(graph)
    var seconds: JSONValue = .null
    if let hyperparameters = reading.hyperparameters, let rows = reading.trainingRows {
      let batch = min(hyperparameters.batchSize, rows)
      let steps = Double((rows + batch - 1) / batch)
      let epoch =
        Double(rows * flops) / NetworkReport.flopsPerSecond
        + steps * Double(graph.nodes.count) * NetworkReport.secondsPerOperator
      seconds = .number(epoch * Double(hyperparameters.epochs))
    }
    return .object([
      JSONValue.Member("flops_per_sample", .integer(flops)),
      JSONValue.Member("bytes_parameters", .integer(4 * graph.storedCount)),
      JSONValue.Member(
        "bytes_peak", reading.memory.map { .integer($0.bytes) } ?? .null),
      JSONValue.Member("seconds", seconds),
    ])
  }

  /// Of training: a multiplication and an addition for each weight in the forward product and in
  /// each of the two gradients.
  private func flopsPerSample(_ graph: Graph) -> Int {
    graph.parameters.reduce(0) { sum, parameter in
      sum + (parameter.declaration.shape.count == 2 ? 6 * parameter.declaration.count : 0)
    }
  }
}

extension ConfigurationIssue {
  /// The fault as an entry of `errors`.
  package var document: JSONValue {
    .object([
      JSONValue.Member("pointer", .string(pointer)),
      JSONValue.Member("code", .string(code)),
      JSONValue.Member("detail", .string(detail)),
    ])
  }
}
