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

  /// What the engine computes of a batch.
  package struct Computed {
    package let outputs: [Tensor]
    package let loss: Double
    package let gradients: [Tensor]
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
  /// For each output a weight for each row; empty if all count alike.
  package let weights: [Tensor]
  private let losses: [WeightedLoss]
  private let reference: ReferenceNetwork
  private let seed: UInt64

  /// Draws inputs, targets and parameters away from all kinks; nil if many draws found none.
  ///
  /// - Parameters:
  ///   - graph: Whose gradients to check.
  ///   - rows: The batch.
  ///   - losses: What the gradients are of, one for each output.
  ///   - isWeighted: Whether rows count differently.
  ///   - random: Decides the numbers.
  ///   - formulas: What the operators should compute.
  package init?(
    _ graph: Graph, rows: Int, losses: [WeightedLoss], isWeighted: Bool = false,
    random: inout SeededRandom,
    formulas: [String: ReferenceNetwork.Formula] = ReferenceNetwork.formulas
  ) {
    self.losses = losses
    seed = random.next()
    reference = ReferenceNetwork(graph, seed: seed, formulas: formulas)
    for _ in 0..<300 {
      let parameters = graph.parameters.map { GradientCheck.draw($0.declaration, &random) }
      let inputs = graph.inputs.map { input in
        Tensor(
          shape: [rows, input.features],
          elements: random.floats(rows * input.features, in: -1.5...1.5))
      }
      let (outputs, margin) = reference.forward(
        inputs.map(\.inDouble), parameters: parameters.map(\.inDouble))
      let targets = zip(losses, outputs).map { loss, output in
        GradientCheck.drawTargets(of: loss.loss, rows: rows, columns: output[0].count, &random)
      }
      let distances = losses.indices.flatMap { index in
        ReferenceLosses.distances(
          losses[index].loss, predictions: outputs[index], targets: targets[index].inDouble)
      }
      guard min(margin, distances.min() ?? margin) >= GradientCheck.marginMin else { continue }
      model = Model(graph: graph, parameters: parameters)
      self.inputs = inputs
      self.targets = targets
      weights =
        isWeighted
        ? losses.map { _ in Tensor(shape: [rows, 1], elements: random.floats(rows, in: 0.1...3)) }
        : []
      return
    }
    return nil
  }

  /// The same with one loss for every output.
  package init?(
    _ graph: Graph, rows: Int, loss: any Loss, random: inout SeededRandom,
    formulas: [String: ReferenceNetwork.Formula] = ReferenceNetwork.formulas
  ) {
    self.init(
      graph, rows: rows, losses: graph.outputs.map { _ in WeightedLoss(loss) }, random: &random,
      formulas: formulas)
  }

  private static func draw(
    _ declaration: ParameterDeclaration, _ random: inout SeededRandom
  ) -> Tensor {
    // Variances and deviations, which are above 0.
    let isScale = !declaration.isTrained && !declaration.name.hasSuffix("mean")
    return Tensor(
      shape: declaration.shape,
      elements: random.floats(declaration.count, in: isScale ? 0.5...2 : -0.9...0.9))
  }

  private static func drawTargets(
    of loss: any Loss, rows: Int, columns: Int, _ random: inout SeededRandom
  ) -> Tensor {
    let range = loss.targetRange ?? -2...2
    var elements = random.floats(rows * columns, in: range)
    if loss.isOfClasses {
      for start in stride(from: 0, to: elements.count, by: columns) {
        let sum = elements[start..<(start + columns)].reduce(0.001, +)
        for index in start..<(start + columns) { elements[index] /= sum }
      }
    }
    return Tensor(shape: [rows, columns], elements: elements)
  }

  /// Lets the engine compute the outputs, the loss and the gradients.
  ///
  /// - Parameter rowsMax: What the engine is laid out for, if more than the check has rows.
  /// - Returns: Outputs and gradients in the graph's order.
  package func computed(rowsMax: Int? = nil) -> Computed {
    let rows = inputs[0].rows
    // Adam keeps the gradient apart from the step; a rate of 0 leaves the parameters.
    var reader = ConfigurationReader(.object([]), subject: "optimizer", pointer: .root)
    guard let optimizer = Adam(reading: &reader) else { preconditionFailure("Adam has defaults") }
    var executor = GraphExecutor(
      model, batchSizes: rowsMax.map { [$0, rows] } ?? [rows],
      purpose: .training(
        losses: losses, rule: StepRule(optimizer), seed: seed, isWeighted: !weights.isEmpty))
    executor.gather(Array(0..<rows)[...], inputs: inputs, targets: targets, weights: weights)
    executor.forward(rows: rows, .training)
    let outputs = executor.outputs(rows: rows)
    let loss = executor.loss(rows: rows)
    executor.update(rows: rows, rate: 0, step: 1)
    return Computed(outputs: outputs, loss: loss, gradients: executor.gradients)
  }

  /// The outputs that the engine predicts.
  package func predictions() -> [Tensor] {
    let rows = inputs[0].rows
    var executor = GraphExecutor(model, batchSizes: [rows], purpose: .prediction())
    executor.gather(Array(0..<rows)[...], inputs: inputs, targets: [])
    executor.forward(rows: rows, .prediction)
    return executor.outputs(rows: rows)
  }

  /// The outputs as the reference computes them.
  package func referenceOutputs(_ mode: ExecutionMode = .training) -> [Rows] {
    reference.forward(
      inputs.map(\.inDouble), parameters: model.parameters.map(\.inDouble), mode
    ).outputs
  }

  /// The loss as the reference computes it.
  package var referenceLoss: Double { referenceLoss(model.parameters.map(\.inDouble)) }

  /// Compares gradients with the differences.
  ///
  /// - Parameters:
  ///   - gradients: In the order of ``Graph/parameters``; of those that are not trained, zeros.
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
    return model.graph.parameters.enumerated().map { index, parameter in
      guard parameter.declaration.isTrained else {
        return Array(repeating: 0, count: parameter.declaration.count)
      }
      return parameters[index].indices.flatMap { row in
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
    let outputs = reference.forward(inputs.map(\.inDouble), parameters: parameters).outputs
    return losses.indices.reduce(0) { sum, index in
      let targets = targets[index].inDouble
      let weights =
        weights.isEmpty
        ? Array(repeating: 1, count: targets.count) : weights[index].elements.map(Double.init)
      return sum + losses[index].weight
        * ReferenceLosses.batch(
          losses[index].loss, predictions: outputs[index], targets: targets, weights: weights)
    }
  }
}

private func length(_ numbers: some Sequence<Double>) -> Double {
  numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
}
