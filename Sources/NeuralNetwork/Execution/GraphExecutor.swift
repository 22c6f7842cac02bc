internal import Kernels

/// A model laid out in memory for batches of a fixed size: forward, backward, update.
///
/// Everything is laid out by the initialiser, the smaller last batch included; what follows
/// allocates nothing and reads no clock.
package struct GraphExecutor: ~Copyable {
  /// What the executor is laid out for.
  package enum Mode: Sendable {
    /// Forward only.
    case prediction
    /// With room for gradients and for what the optimizer keeps.
    case training(optimizer: any Optimizer)
  }

  /// The model's graph.
  package let graph: Graph

  private var arena: Arena
  private let plans: [Plan]
  private let parameterSites: [ParameterSite]
  private let parameterShapes: [[Int]]
  private let optimizer: (any Optimizer)?

  /// Lays a model out.
  ///
  /// - Parameters:
  ///   - model: The graph and the values that its parameters begin with.
  ///   - batchSizes: The numbers of rows that will be asked for, at least 1 each; there are seldom
  ///     more than two.
  ///   - mode: What it is laid out for.
  package init(_ model: Model, batchSizes: [Int], mode: Mode) {
    graph = model.graph
    var optimizer: (any Optimizer)?
    if case .training(let chosen) = mode { optimizer = chosen }
    self.optimizer = optimizer
    let planner = Planner(graph: graph, optimizer: optimizer, rowsMax: batchSizes.max() ?? 1)
    plans = batchSizes.map { planner.plan(rows: $0) }
    parameterSites = planner.parameterSites
    parameterShapes = model.parameters.map(\.shape)
    arena = Arena(planner.layout)
    load(model.parameters)
  }

  /// Bytes of memory that an executor for this graph takes.
  package static func bytes(graph: Graph, rows: Int, mode: Mode) -> Int {
    var optimizer: (any Optimizer)?
    if case .training(let chosen) = mode { optimizer = chosen }
    let planner = Planner(graph: graph, optimizer: optimizer, rowsMax: rows)
    return planner.layout.size * MemoryLayout<Float>.stride
  }

  /// Replaces the parameters' values.
  ///
  /// - Parameter parameters: In the order of ``Graph/parameters``.
  package mutating func load(_ parameters: [Tensor]) {
    for (site, tensor) in zip(parameterSites, parameters) {
      arena.fill(site.value, with: tensor.elements)
    }
    for plan in plans.prefix(1) {
      for (node, site) in zip(graph.nodes, plan.sites) {
        node.operation.prepare(site, in: &arena)
      }
    }
  }

  /// The parameters' present values, in the order of ``Graph/parameters``.
  package var parameters: [Tensor] {
    zip(parameterSites, parameterShapes).map { site, shape in
      Tensor(shape: shape, elements: arena.elements(of: site.value))
    }
  }

  /// Whether all parameters are finite.
  package var isFinite: Bool {
    parameterSites.allSatisfy { arena.isFinite($0.value) }
  }

  /// Copies samples in as the next batch.
  ///
  /// - Parameters:
  ///   - rows: Indices of the samples, one of the batch sizes in number.
  ///   - inputs: For each of the graph's inputs, in order, all samples.
  ///   - targets: For each of the graph's outputs, in order; empty when only predicting.
  package mutating func gather(
    _ rows: ArraySlice<Int>, inputs: borrowing [Tensor], targets: borrowing [Tensor]
  ) {
    let plan = plan(rows: rows.count)
    for index in inputs.indices {
      arena.gather(rows, of: inputs[index].elements, into: plan.inputs[index])
    }
    for index in targets.indices {
      arena.gather(rows, of: targets[index].elements, into: plan.targets[index])
    }
  }

  /// Computes every operator's output for the batch.
  package mutating func forward(rows: Int) {
    let plan = plan(rows: rows)
    for index in graph.nodes.indices {
      graph.nodes[index].operation.forward(plan.sites[index], in: &arena)
    }
  }

  /// The loss of the batch after ``forward(rows:)``: the sum of the outputs' losses.
  package func value(of loss: any Loss, rows: Int) -> Double {
    let plan = plan(rows: rows)
    var sum = 0.0
    for (index, output) in graph.outputs.enumerated() {
      sum += loss.value(of: plan.sites[output].output, plan.targets[index], in: arena)
    }
    return sum
  }

  /// The loss of each row of the batch on its own, after ``forward(rows:)``.
  package func rowValues(of loss: any Loss, rows: Int) -> [Double] {
    let plan = plan(rows: rows)
    return (0..<rows).map { row in
      graph.outputs.enumerated().reduce(0) { sum, output in
        sum
          + loss.value(
            of: plan.sites[output.element].output.row(row), plan.targets[output.offset].row(row),
            in: arena)
      }
    }
  }

  /// Computes the gradient of the loss with respect to every parameter, after ``forward(rows:)``.
  package mutating func backward(from loss: any Loss, rows: Int) {
    let plan = plan(rows: rows)
    for (index, output) in graph.outputs.enumerated() {
      guard let gradient = plan.sites[output].outputGradient else { continue }
      loss.gradient(
        of: plan.sites[output].output, plan.targets[index], into: gradient, in: &arena)
    }
    for index in graph.nodes.indices.reversed() {
      graph.nodes[index].operation.backward(plan.sites[index], in: &arena)
    }
  }

  /// Takes one step of the optimizer on every parameter, after ``backward(from:rows:)``.
  package mutating func update(rate: Float) {
    guard let optimizer, let plan = plans.first else { return }
    for index in graph.nodes.indices {
      graph.nodes[index].operation.update(
        plan.sites[index], by: optimizer, rate: rate, in: &arena)
    }
  }

  /// The outputs after ``forward(rows:)``, in the order of ``Graph/outputs``.
  package func outputs(rows: Int) -> [Tensor] {
    let plan = plan(rows: rows)
    return graph.outputs.map { output in
      let matrix = plan.sites[output].output
      return Tensor(shape: [rows, matrix.columns], elements: arena.elements(of: matrix))
    }
  }

  /// The gradients after ``backward(from:rows:)``, in the order of ``Graph/parameters``.
  package var gradients: [Tensor] {
    zip(parameterSites, parameterShapes).map { site, shape in
      Tensor(shape: shape, elements: arena.elements(of: site.gradient))
    }
  }

  private func plan(rows: Int) -> Plan {
    for plan in plans where plan.rows == rows {
      return plan
    }
    preconditionFailure("A batch has one of the sizes that the executor was laid out for")
  }
}
