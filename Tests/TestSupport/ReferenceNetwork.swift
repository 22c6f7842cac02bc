import Foundation
package import NeuralNetwork

/// Numbers in double, a row for each sample.
package typealias Rows = [[Double]]

/// The forward pass and the loss of a graph, written as plainly as their formulas, in double.
///
/// It shares nothing with the engine but the graph, so that both cannot be wrong alike.
package struct ReferenceNetwork {
  /// An operator's formula: its inputs and parameters to its output.
  package typealias Formula = @Sendable ([Rows], [Rows]) -> Rows

  /// A formula for each kind of operator.
  package static let formulas: [String: Formula] = [
    "linear": { inputs, parameters in
      inputs[0].map { x in
        zip(parameters[0], parameters[1][0]).map { a, b in
          b + zip(x, a).reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
    },
    "relu": { inputs, _ in inputs[0].map { $0.map { max($0, 0) } } },
    "sigmoid": { inputs, _ in inputs[0].map { $0.map { 1 / (1 + exp(-$0)) } } },
    "tanh": { inputs, _ in inputs[0].map { $0.map { tanh($0) } } },
    "sum": { inputs, _ in
      inputs[0].indices.map { row in
        inputs[0][row].indices.map { column in inputs.reduce(0) { $0 + $1[row][column] } }
      }
    },
  ]

  /// Each kind of loss: predictions and targets to the mean over the batch.
  package static let losses: [String: @Sendable (Rows, Rows) -> Double] = [
    "mse": { predictions, targets in
      let squares = zip(predictions.joined(), targets.joined()).map { ($0 - $1) * ($0 - $1) }
      return squares.reduce(0, +) / Double(squares.count)
    }
  ]

  /// The kinds whose derivative jumps at 0.
  private static let kinked: Set<String> = ["relu"]

  private let graph: Graph
  private let formulas: [String: Formula]
  /// For each node the positions of its parameters in the graph's order.
  private let positions: [[Int]]

  /// Prepares to compute a graph.
  ///
  /// - Parameters:
  ///   - graph: What to compute.
  ///   - formulas: One for each kind of operator in the graph.
  package init(_ graph: Graph, formulas: [String: Formula] = ReferenceNetwork.formulas) {
    self.graph = graph
    self.formulas = formulas
    var positions = Array(repeating: [Int](), count: graph.nodes.count)
    for (position, parameter) in graph.parameters.enumerated() {
      positions[parameter.node].append(position)
    }
    self.positions = positions
  }

  /// Computes the outputs.
  ///
  /// - Parameters:
  ///   - inputs: For each of ``Graph/inputs``.
  ///   - parameters: For each of ``Graph/parameters``.
  /// - Returns: For each of ``Graph/outputs``, and the least distance of a number from a kink.
  package func forward(_ inputs: [Rows], parameters: [Rows]) -> (outputs: [Rows], margin: Double) {
    var values: [Rows] = []
    var margin = Double.infinity
    for (index, node) in graph.nodes.enumerated() {
      let operands = node.sources.map { source in
        switch source {
        case .input(let input): inputs[input]
        case .node(let producer): values[producer]
        }
      }
      if ReferenceNetwork.kinked.contains(node.operation.type) {
        // What is exactly 0 comes from a kinked operator's flat side, where it stays.
        let distances = operands.joined().joined().map(\.magnitude).filter { $0 > 0 }
        margin = min(margin, distances.min() ?? margin)
      }
      guard let formula = formulas[node.operation.type] else {
        preconditionFailure("The reference has a formula for \(node.operation.type)")
      }
      values.append(formula(operands, positions[index].map { parameters[$0] }))
    }
    return (graph.outputs.map { values[$0] }, margin)
  }

  /// Computes the sum of the outputs' losses.
  package func loss(
    _ type: String, inputs: [Rows], targets: [Rows], parameters: [Rows]
  ) -> Double {
    guard let loss = ReferenceNetwork.losses[type] else {
      preconditionFailure("The reference has a formula for \(type)")
    }
    return zip(forward(inputs, parameters: parameters).outputs, targets)
      .reduce(0) { $0 + loss($1.0, $1.1) }
  }
}

extension Tensor {
  /// The numbers in double; a tensor of one dimension is one row.
  package var inDouble: Rows {
    let columns = shape.last ?? 1
    return stride(from: 0, to: elements.count, by: columns).map { start in
      elements[start..<(start + columns)].map(Double.init)
    }
  }
}
