package import NeuralNetwork

/// Compares the engine's gradients with central differences of ``ReferenceNetwork`` in double.
package struct GradientCheck {
  /// A parameter whose gradient is not what the differences say.
  package struct Fault: CustomStringConvertible {
    package let parameter: String
    /// Length of the difference over the length of the gradient.
    package let relativeError: Double

    package var description: String { "\(parameter) is off by \(relativeError) of its length" }
  }

  /// The step of the differences.
  ///
  /// With a third derivative about 1 it leaves an error of 1e-10, and so does rounding.
  private static let step = 1e-5

  /// Numbers are at least this far from a kink, which no step then crosses.
  private static let marginMin = 1e-3

  package let model: Model
  package let inputs: [Tensor]
  package let targets: [Tensor]
  private let loss: any Loss
  private let reference: ReferenceNetwork

  /// Draws inputs, targets and parameters away from all kinks; nil if many draws found none.
  ///
  /// - Parameters:
  ///   - graph: Whose gradients to check.
  ///   - rows: The batch.
  ///   - loss: What the gradients are of.
  ///   - random: Decides the numbers.
  ///   - formulas: What the operators should compute.
  package init?(
    _ graph: Graph, rows: Int, loss: any Loss, random: inout SeededRandom,
    formulas: [String: ReferenceNetwork.Formula] = ReferenceNetwork.formulas
  ) {
    self.loss = loss
    reference = ReferenceNetwork(graph, formulas: formulas)
    for _ in 0..<200 {
      let parameters = graph.parameters.map { _, declaration in
        Tensor(
          shape: declaration.shape, elements: random.floats(declaration.count, in: -0.9...0.9))
      }
      let inputs = graph.inputs.map { input in
        Tensor(
          shape: [rows, input.features],
          elements: random.floats(rows * input.features, in: -1.5...1.5))
      }
      let (outputs, margin) = reference.forward(
        inputs.map(\.inDouble), parameters: parameters.map(\.inDouble))
      guard margin >= GradientCheck.marginMin else { continue }
      model = Model(graph: graph, parameters: parameters)
      self.inputs = inputs
      targets = outputs.map { rows in
        let columns = rows[0].count
        return Tensor(
          shape: [rows.count, columns], elements: random.floats(rows.count * columns))
      }
      return
    }
    return nil
  }

  /// Lets the engine compute the outputs, the loss and the gradients.
  ///
  /// - Parameter rowsMax: What the engine is laid out for, if more than the check has rows.
  /// - Returns: Outputs and gradients in the graph's order.
  package func computed(rowsMax: Int? = nil) -> (
    outputs: [Tensor], loss: Double, gradients: [Tensor]
  ) {
    let rows = inputs[0].rows
    var reader = ConfigurationReader(.object([]), subject: "optimizer", pointer: .root)
    guard let optimizer = SGD(reading: &reader) else { preconditionFailure("SGD has defaults") }
    var executor = GraphExecutor(
      model, batchSizes: rowsMax.map { [$0, rows] } ?? [rows],
      mode: .training(optimizer: optimizer))
    executor.gather(Array(0..<rows)[...], inputs: inputs, targets: targets)
    executor.forward(rows: rows)
    executor.backward(from: loss, rows: rows)
    return (
      executor.outputs(rows: rows), executor.value(of: loss, rows: rows), executor.gradients
    )
  }

  /// The outputs as the reference computes them.
  package var referenceOutputs: [Rows] {
    reference.forward(inputs.map(\.inDouble), parameters: model.parameters.map(\.inDouble)).outputs
  }

  /// The loss as the reference computes it.
  package var referenceLoss: Double { referenceLoss(model.parameters.map(\.inDouble)) }

  /// Compares gradients with the differences.
  ///
  /// - Parameters:
  ///   - gradients: In the order of ``Graph/parameters``.
  ///   - tolerance: The relative error that rounding to single precision may leave. A parameter
  ///     whose gradient is much smaller than the others' is compared with a thousandth of those.
  /// - Returns: The parameters at fault.
  package func faults(in gradients: [Tensor], tolerance: Double = 1e-4) -> [Fault] {
    let expected = centralDifferences()
    let wholeLength = length(expected.joined())
    return model.graph.parameters.enumerated().compactMap { index, parameter in
      let difference = zip(gradients[index].elements, expected[index]).map { Double($0) - $1 }
      let scale = max(length(expected[index]), wholeLength / 1000)
      let error = scale == 0 ? length(difference) : length(difference) / scale
      guard !(error <= tolerance) else { return nil }
      let node = model.graph.nodes[parameter.node]
      return Fault(
        parameter: "\(parameter.declaration.name) of operator \(node.id)", relativeError: error)
    }
  }

  private func centralDifferences() -> [[Double]] {
    let parameters = model.parameters.map(\.inDouble)
    return parameters.indices.map { index in
      parameters[index].indices.flatMap { row in
        parameters[index][row].indices.map { column in
          var moved = parameters
          moved[index][row][column] += GradientCheck.step
          let above = referenceLoss(moved)
          moved[index][row][column] = parameters[index][row][column] - GradientCheck.step
          return (above - referenceLoss(moved)) / (2 * GradientCheck.step)
        }
      }
    }
  }

  private func referenceLoss(_ parameters: [Rows]) -> Double {
    reference.loss(
      loss.type, inputs: inputs.map(\.inDouble), targets: targets.map(\.inDouble),
      parameters: parameters)
  }
}

private func length(_ numbers: some Sequence<Double>) -> Double {
  numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
}
