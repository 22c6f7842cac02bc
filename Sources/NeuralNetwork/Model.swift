/// A graph with values for its parameters.
package struct Model: Sendable {
  package let graph: Graph

  /// In the order of ``Graph/parameters``, each of its declaration's shape.
  package let parameters: [Tensor]

  /// Puts values to a graph's parameters.
  package init(graph: Graph, parameters: [Tensor]) {
    precondition(
      parameters.map(\.shape) == graph.parameters.map(\.declaration.shape),
      "One tensor of the declared shape for each parameter")
    self.graph = graph
    self.parameters = parameters
  }

  /// The model before training.
  ///
  /// Each parameter draws from a stream of its own, so that adding an operator with a greater id
  /// changes no other's values.
  ///
  /// - Parameters:
  ///   - graph: What the values are for.
  ///   - seed: Decides those that are drawn.
  ///   - inputs: The training samples of each of ``Graph/inputs``, for statistics that are taken
  ///     from them; empty if there are none.
  package init(graph: Graph, seed: UInt64, fittedTo inputs: [Tensor] = []) {
    let parameters = graph.parameters.enumerated().map { index, parameter in
      var generator = SeededGenerator(seed: seed, purpose: .initialization, index: index)
      var samples: Tensor?
      if case .input(let input)? = graph.nodes[parameter.node].sources.first {
        samples = inputs.isEmpty ? nil : inputs[input]
      }
      let declaration = parameter.declaration
      return Tensor(
        shape: declaration.shape,
        elements: declaration.initializer.values(
          for: declaration, input: samples, from: &generator))
    }
    self.init(graph: graph, parameters: parameters)
  }

  /// All parameters as little-endian 32-bit floats, one after another: what `weights_sha256` is the
  /// hash of.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * graph.storedCount)
    for tensor in parameters {
      bytes.appendLittleEndian(tensor.elements)
    }
    return bytes
  }

  /// Reads ``bytes`` back.
  ///
  /// - Returns: Nil if there are not four bytes for each number of the graph's parameters.
  package init?(graph: Graph, bytes: [UInt8]) {
    guard bytes.count == 4 * graph.storedCount else { return nil }
    var rest = bytes[...]
    let parameters = graph.parameters.map { _, declaration in
      let part = rest.prefix(4 * declaration.count)
      rest = rest.dropFirst(part.count)
      return Tensor(shape: declaration.shape, elements: part.littleEndianFloats)
    }
    self.init(graph: graph, parameters: parameters)
  }
}
