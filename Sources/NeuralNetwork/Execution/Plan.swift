internal import Kernels

/// The programs for batches of one size, written down before the first step.
///
/// A class, so that a step runs them without copying their lists.
final class Plan: Sendable {
  let placement: Placement

  /// Every output and the losses, with the batch's own statistics and dropped numbers.
  let trainingForward: FinishedProgram

  /// Every output as a finished model computes it, and the losses.
  let predictionForward: FinishedProgram

  /// Every gradient, then one step on every parameter.
  let backward: FinishedProgram

  init(_ graph: Graph, _ planner: Planner, rows: Int, losses: [WeightedLoss], isWeighted: Bool) {
    let placement = planner.place(rows: rows, isWeighted: isWeighted)
    self.placement = placement
    predictionForward = Plan.forward(graph, placement, losses, .prediction)
    guard let rule = planner.stepRule else {
      let nothing = FinishedProgram(Program())
      (trainingForward, backward) = (nothing, nothing)
      return
    }
    trainingForward = Plan.forward(graph, placement, losses, .training)
    var backward = Program()
    for (loss, site) in zip(losses, placement.losses) {
      loss.loss.backward(site, factor: loss.weight, into: &backward)
    }
    for index in graph.nodes.indices.reversed() {
      graph.nodes[index].operation.backward(placement.sites[index], into: &backward)
    }
    rule.begin(planner.parameterSites, into: &backward)
    for (node, site) in zip(graph.nodes, placement.sites) where node.sharedNode == nil {
      node.operation.update(site, by: rule, into: &backward)
    }
    for (node, site) in zip(graph.nodes, placement.sites) {
      node.operation.prepare(site, into: &backward)
    }
    self.backward = FinishedProgram(backward)
  }

  private static func forward(
    _ graph: Graph, _ placement: Placement, _ losses: [WeightedLoss], _ mode: ExecutionMode
  ) -> FinishedProgram {
    var program = Program()
    for (node, site) in zip(graph.nodes, placement.sites) {
      node.operation.forward(site, mode, into: &program)
    }
    for (loss, site) in zip(losses, placement.losses) {
      loss.loss.forward(site, into: &program)
    }
    return FinishedProgram(program)
  }

  /// Derives what forward needs from parameters that were put in from outside.
  static func preparation(_ graph: Graph, _ placement: Placement) -> FinishedProgram {
    var program = Program()
    for (node, site) in zip(graph.nodes, placement.sites) {
      node.operation.prepare(site, into: &program)
    }
    return FinishedProgram(program)
  }
}
