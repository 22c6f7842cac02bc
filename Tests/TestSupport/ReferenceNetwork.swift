package import NeuralNetwork

/// Numbers in double, a row for each sample.
package typealias Rows = [[Double]]

/// The forward pass and the loss of a graph, written as plainly as their formulas, in double.
///
/// It shares nothing with the engine but the graph and the written options, so that both cannot be
/// wrong alike.
package struct ReferenceNetwork {
  /// What an operator computes its output from.
  package struct Operands {
    /// In the order in which the operator takes them.
    package let inputs: [Rows]
    /// In the order of the operator's declarations.
    package let parameters: [Rows]
    package let options: Options
    package let mode: ExecutionMode
    /// Which numbers a dropout drops.
    package let mask: DropoutMask
  }

  /// An operator's or a loss's options as its document writes them.
  package struct Options {
    private let members: [JSONValue.Member]

    package init(_ members: [JSONValue.Member]) {
      self.members = members
    }

    /// A number that the document writes.
    package func number(_ name: String) -> Double {
      switch members.first(where: { $0.name == name })?.value {
      case .number(let number): number
      case .integer(let integer): Double(integer)
      default: preconditionFailure("The document writes \(name)")
      }
    }

    /// A text that the document writes.
    package func text(_ name: String) -> String {
      guard case .string(let text)? = members.first(where: { $0.name == name })?.value else {
        preconditionFailure("The document writes \(name)")
      }
      return text
    }
  }

  /// An operator's formula.
  package typealias Formula = @Sendable (Operands) -> Rows

  private let graph: Graph
  private let formulas: [String: Formula]
  private let seed: UInt64
  /// For each node the positions of its parameters in the graph's order.
  private let positions: [[Int]]

  /// Prepares to compute a graph.
  ///
  /// - Parameters:
  ///   - graph: What to compute.
  ///   - seed: Decides what is dropped in the first step.
  ///   - formulas: One for each kind of operator in the graph.
  package init(
    _ graph: Graph, seed: UInt64 = 0, formulas: [String: Formula] = ReferenceNetwork.formulas
  ) {
    self.graph = graph
    self.formulas = formulas
    self.seed = seed
    var positions = Array(repeating: [Int](), count: graph.nodes.count)
    for (position, parameter) in graph.parameters.enumerated() {
      positions[parameter.node].append(position)
    }
    self.positions = graph.nodes.indices.map { positions[graph.nodes[$0].sharedNode ?? $0] }
  }

  /// Computes the outputs.
  ///
  /// - Parameters:
  ///   - inputs: For each of ``Graph/inputs``.
  ///   - parameters: For each of ``Graph/parameters``.
  ///   - mode: What for.
  /// - Returns: For each of ``Graph/outputs``, and the least distance of a number from a kink.
  package func forward(
    _ inputs: [Rows], parameters: [Rows], _ mode: ExecutionMode = .training
  ) -> (outputs: [Rows], margin: Double) {
    var values: [Rows] = []
    var margin = Double.infinity
    for (index, node) in graph.nodes.enumerated() {
      let type = node.operation.type
      let operands = Operands(
        inputs: node.sources.map { source in
          switch source {
          case .input(let input): inputs[input]
          case .node(let producer): values[producer]
          }
        },
        parameters: positions[index].map { parameters[$0] },
        options: Options(node.operation.options(inputs: node.inputFeatures)), mode: mode,
        mask: DropoutMask(seed: seed, step: 0, stream: UInt32(index)))
      // What is exactly 0 comes from a kinked operator's flat side, where it stays.
      let distances = ReferenceNetwork.kinks[type]?(operands).filter { $0 > 0 } ?? []
      margin = min(margin, distances.min() ?? margin)
      guard let formula = formulas[type] else {
        preconditionFailure("The reference has a formula for \(type)")
      }
      values.append(formula(operands))
    }
    return (graph.outputs.map { values[$0] }, margin)
  }
}

/// Which numbers a dropout keeps: Philox4x32-10, written once more.
package struct DropoutMask: Sendable {
  package let seed: UInt64
  package let step: UInt32
  package let stream: UInt32

  package init(seed: UInt64, step: UInt32, stream: UInt32) {
    self.seed = seed
    self.step = step
    self.stream = stream
  }

  /// Whether the number in a row and a column is kept.
  package func keeps(row: Int, column: Int, of columns: Int, rate: Double) -> Bool {
    let blocks = (columns + 3) / 4
    let words = SeededGenerator.philox(
      counter: SIMD4(UInt32(row * blocks + column / 4), step, 3, stream),
      key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
    return Double(words[column % 4]) >= (Double(Float(rate)) * 0x1p32).rounded(.down)
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
