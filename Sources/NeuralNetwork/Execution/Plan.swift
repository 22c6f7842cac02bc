internal import Kernels

/// Where everything lies for batches of one size.
final class Plan: Sendable {
  let rows: Int
  /// In the order of ``Graph/inputs``.
  let inputs: [Matrix]
  /// In the order of ``Graph/outputs``.
  let targets: [Matrix]
  /// In the order of ``Graph/nodes``.
  let sites: [Site]

  init(rows: Int, inputs: [Matrix], targets: [Matrix], sites: [Site]) {
    self.rows = rows
    self.inputs = inputs
    self.targets = targets
    self.sites = sites
  }
}

/// Lays out a graph's buffers once and describes them for each batch size.
struct Planner {
  private(set) var layout = ArenaLayout()

  /// In the order of ``Graph/parameters``.
  private(set) var parameterSites: [ParameterSite] = []

  private let graph: Graph
  private let inputs: [Matrix]
  private let targets: [Matrix]
  private var outputs: [Matrix] = []
  private var outputGradients: [Matrix?] = []
  private var scratch: [[Matrix]] = []
  private var parametersOfNode: [[ParameterSite]]

  /// Lays out buffers for batches of at most `rowsMax` rows.
  ///
  /// - Parameters:
  ///   - graph: What to lay out.
  ///   - optimizer: Nil to lay out nothing but what predictions need.
  ///   - rowsMax: The largest number of rows that will be asked for.
  init(graph: Graph, optimizer: (any Optimizer)?, rowsMax: Int) {
    self.graph = graph
    var layout = ArenaLayout()
    inputs = graph.inputs.map { layout.matrix(rows: rowsMax, columns: $0.features) }
    targets = graph.outputs.map {
      layout.matrix(rows: rowsMax, columns: graph.nodes[$0].outputFeatures)
    }
    for node in graph.nodes {
      outputs.append(layout.matrix(rows: rowsMax, columns: node.outputFeatures))
      outputGradients.append(
        optimizer.map { _ in layout.matrix(rows: rowsMax, columns: node.outputFeatures) })
      scratch.append(
        node.operation.scratch(inputs: node.inputFeatures).map {
          layout.matrix(rows: $0.rows, columns: $0.columns)
        })
    }
    parametersOfNode = Array(repeating: [], count: graph.nodes.count)
    for (node, declaration) in graph.parameters {
      func matrix() -> Matrix {
        layout.matrix(rows: declaration.rows, columns: declaration.columns)
      }
      let value = matrix()
      let site = ParameterSite(
        value: value, gradient: optimizer == nil ? value : matrix(),
        state: (0..<(optimizer?.stateCount ?? 0)).map { _ in matrix() })
      parameterSites.append(site)
      parametersOfNode[node].append(site)
    }
    self.layout = layout
  }

  /// The sites for batches of `rows` rows.
  func plan(rows: Int) -> Plan {
    Plan(
      rows: rows, inputs: inputs.map { $0.first(rows) }, targets: targets.map { $0.first(rows) },
      sites: sites(rows: rows))
  }

  private func sites(rows: Int) -> [Site] {
    // In backward order the first consumer to arrive replaces a gradient, the others add to it.
    var isWritten = Array(repeating: false, count: graph.nodes.count)
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
      sites.append(
        Site(
          inputs: node.sources.map { output(of: $0).first(rows) },
          output: outputs[index].first(rows),
          outputGradient: outputGradients[index]?.first(rows), inputGradients: gradients,
          parameters: parametersOfNode[index], scratch: scratch[index]))
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
