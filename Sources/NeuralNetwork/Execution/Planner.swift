internal import KernelInstructions
internal import Kernels

/// Former values of the parameters that a training may go back to.
package enum ParameterCopy: CaseIterable, Sendable {
  /// The last that were all finite.
  case finite
  /// Those of the best epoch.
  case best
}

/// Lays out a graph's buffers once and describes where they lie for each batch size.
struct Planner {
  private(set) var layout = ArenaLayout()

  /// In the order of ``Graph/parameters``.
  private(set) var parameterSites: [ParameterSite] = []

  /// Room for copies of all parameters, in the order of ``Graph/parameters``; empty when the model
  /// only predicts.
  private(set) var copies: [ParameterCopy: [Matrix]] = [:]

  /// Where the step rule keeps what changes from step to step; nil when the model only predicts.
  private(set) var stepRule: PlacedStepRule?

  /// A row of bits: the seed's two halves and the step.
  let randomState: Matrix

  private let graph: Graph
  private let inputs: [Matrix]
  private let targets: [Matrix]
  private let weights: [Matrix]
  private let rowLosses: [Matrix]
  private let batchLosses: [Matrix]
  private var outputs: [Matrix] = []
  private var outputGradients: [Matrix?] = []
  private var scratch: [[Matrix]] = []

  /// Lays out buffers.
  ///
  /// - Parameters:
  ///   - graph: What to lay out.
  ///   - rule: Nil to lay out nothing but what predictions need.
  ///   - rowsMax: The largest number of rows that will be asked for.
  init(graph: Graph, rule: StepRule?, rowsMax: Int) {
    self.graph = graph
    var layout = ArenaLayout()
    func rows(_ count: Int, _ columns: Int) -> [Matrix] {
      (0..<count).map { _ in layout.matrix(rows: 1, columns: columns) }
    }
    let outputCount = graph.outputs.count
    randomState = layout.matrix(rows: 1, columns: 4)
    inputs = graph.inputs.map { layout.matrix(rows: rowsMax, columns: $0.features) }
    targets = graph.outputs.map {
      layout.matrix(rows: rowsMax, columns: graph.nodes[$0].outputFeatures)
    }
    weights = graph.outputs.map { _ in layout.matrix(rows: rowsMax, columns: 1) }
    rowLosses = rows(outputCount, 2 * rowsMax)
    batchLosses = rows(outputCount, 4)
    if let rule {
      stepRule = PlacedStepRule(
        rule: rule, settings: layout.matrix(rows: 1, columns: 4),
        squaredNorm: layout.matrix(rows: 1, columns: 2))
    }
    self.layout = layout
    layOutNodes(rule: rule, rowsMax: rowsMax)
    layOutParameters(rule: rule)
  }

  private mutating func layOutNodes(rule: StepRule?, rowsMax: Int) {
    let uses = graph.useCounts
    let isTrained = graph.dependsOnParameters
    for (index, node) in graph.nodes.enumerated() {
      if let producer = replaceable(index, uses: uses, isTraining: rule != nil) {
        outputs.append(outputs[producer])
        outputGradients.append(outputGradients[producer])
      } else {
        outputs.append(layout.matrix(rows: rowsMax, columns: node.outputFeatures))
        outputGradients.append(
          rule != nil && isTrained[index]
            ? layout.matrix(rows: rowsMax, columns: node.outputFeatures) : nil)
      }
      let shapes = node.operation.scratch(
        inputs: node.inputFeatures, rows: rowsMax, rule == nil ? .prediction : .training)
      scratch.append(shapes.map { layout.matrix(rows: $0.rows, columns: $0.columns) })
    }
  }

  /// The producer whose output may lie where this node's does: nobody else reads it.
  private func replaceable(_ index: Int, uses: [Int], isTraining: Bool) -> Int? {
    let node = graph.nodes[index]
    guard node.operation.mayReplaceInput, case .node(let producer)? = node.sources.first,
      uses[producer] == 1, !(isTraining && graph.nodes[producer].operation.needsOutput)
    else { return nil }
    return producer
  }

  private mutating func layOutParameters(rule: StepRule?) {
    if rule != nil {
      for copy in ParameterCopy.allCases {
        copies[copy] = graph.parameters.map {
          layout.matrix(rows: $0.declaration.rows, columns: $0.declaration.columns)
        }
      }
    }
    for (_, declaration) in graph.parameters {
      func matrix() -> Matrix {
        layout.matrix(rows: declaration.rows, columns: declaration.columns)
      }
      let value = matrix()
      var gradient: GradientTarget?
      var state: [Matrix] = []
      if let rule, declaration.isTrained {
        gradient = GradientTarget(matrix: matrix(), destination: .replace)
        state = (0..<rule.optimizer.stateCount).map { _ in matrix() }
      }
      parameterSites.append(ParameterSite(value: value, gradient: gradient, state: state))
    }
  }

  /// Where everything lies for batches of `rows` rows.
  func place(rows: Int, isWeighted: Bool) -> Placement {
    let sites = sites(rows: rows)
    let losses = graph.outputs.enumerated().map { index, output in
      LossSite(
        predictions: sites[output].output, targets: targets[index].first(rows),
        weights: isWeighted ? weights[index].first(rows) : nil,
        rows: Matrix(offset: rowLosses[index].offset, rows: 1, columns: 2 * rows),
        batch: batchLosses[index], gradient: sites[output].outputGradient)
    }
    return Placement(
      rows: rows, inputs: inputs.map { $0.first(rows) }, weights: weights.map { $0.first(rows) },
      sites: sites, losses: losses)
  }

  private func sites(rows: Int) -> [Site] {
    // In backward order the first to arrive replaces a gradient, the others add to it.
    var isWritten = Array(repeating: false, count: graph.nodes.count)
    var isParameterWritten = Array(repeating: false, count: parameterSites.count)
    let positions = graph.parameterPositions
    var sites: [Site] = []
    for index in graph.nodes.indices.reversed() {
      let node = graph.nodes[index]
      let gradients = node.sources.map { source -> GradientTarget? in
        guard case .node(let producer) = source, let matrix = outputGradients[producer] else {
          return nil
        }
        defer { isWritten[producer] = true }
        return GradientTarget(
          matrix: matrix.first(rows), destination: isWritten[producer] ? .add : .replace)
      }
      let parameters = positions[index].map { position -> ParameterSite in
        defer { isParameterWritten[position] = true }
        let site = parameterSites[position]
        guard isParameterWritten[position], let gradient = site.gradient else { return site }
        return ParameterSite(
          value: site.value, gradient: GradientTarget(matrix: gradient.matrix, destination: .add),
          state: site.state)
      }
      sites.append(
        Site(
          inputs: node.sources.map { output(of: $0).first(rows) },
          output: outputs[index].first(rows),
          outputGradient: outputGradients[index]?.first(rows), inputGradients: gradients,
          parameters: parameters, scratch: scratch[index],
          stream: UInt32(truncatingIfNeeded: index), randomState: randomState))
    }
    return sites.reversed()
  }

  private func output(of source: Graph.Source) -> Matrix {
    switch source {
    case .input(let input): inputs[input]
    case .node(let producer): outputs[producer]
    }
  }
}

/// Where everything lies for batches of one size.
struct Placement: Sendable {
  let rows: Int
  /// In the order of ``Graph/inputs``.
  let inputs: [Matrix]
  /// In the order of ``Graph/outputs``.
  let weights: [Matrix]
  /// In the order of ``Graph/nodes``.
  let sites: [Site]
  /// In the order of ``Graph/outputs``.
  let losses: [LossSite]
}
