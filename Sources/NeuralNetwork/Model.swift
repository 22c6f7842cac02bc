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
  package init(graph: Graph, seed: UInt64) {
    let parameters = graph.parameters.enumerated().map { index, parameter in
      let declaration = parameter.declaration
      var generator = SeededGenerator(seed: seed, purpose: .initialization, index: index)
      return Tensor(
        shape: declaration.shape,
        elements: declaration.initializer.values(count: declaration.count, from: &generator))
    }
    self.init(graph: graph, parameters: parameters)
  }

  /// All parameters as little-endian 32-bit floats, one after another: what `weights_sha256` is the
  /// hash of.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * graph.parameterCount)
    for tensor in parameters {
      bytes.appendLittleEndian(tensor.elements)
    }
    return bytes
  }

  /// Reads ``bytes`` back.
  ///
  /// - Returns: Nil if there are not four bytes for each trained number of the graph.
  package init?(graph: Graph, bytes: [UInt8]) {
    guard bytes.count == 4 * graph.parameterCount else { return nil }
    var rest = bytes[...]
    let parameters = graph.parameters.map { _, declaration in
      let part = rest.prefix(4 * declaration.count)
      rest = rest.dropFirst(part.count)
      return Tensor(shape: declaration.shape, elements: part.littleEndianFloats)
    }
    self.init(graph: graph, parameters: parameters)
  }
}
