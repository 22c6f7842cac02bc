package import NeuralNetwork

/// Computes a model's outputs for any number of samples.
///
/// Each row's bits depend on that row alone, so it does not matter how rows are put together.
package struct Predictor: Sendable {
  /// Outputs, and what the targets say of them.
  package struct Prediction: Sendable {
    /// For each of ``Graph/outputs``, shape `[rows, features]`.
    package let outputs: [Tensor]

    /// For each output the loss of each row; empty without targets.
    package let losses: [[Double]]

    /// How much each output's loss counts.
    package let lossWeights: [Double]

    /// For each output how much each row counts; empty if all count alike.
    package let rowWeights: [Tensor]

    /// For each row the loss, summed over the outputs; empty without targets.
    package var rowLosses: [Double] {
      guard let first = losses.first else { return [] }
      return first.indices.map { row in
        zip(losses, lossWeights).reduce(0) { $0 + $1.1 * $1.0[row] }
      }
    }

    /// The mean over the rows, as much as each counts, summed over the outputs.
    package var meanLoss: Double {
      losses.indices.reduce(0) { mean, output in
        var (sum, total) = (0.0, 0.0)
        for (row, loss) in losses[output].enumerated() {
          let weight = rowWeights.isEmpty ? 1 : Double(rowWeights[output].elements[row])
          sum += weight * loss
          total += weight
        }
        return mean + (total > 0 ? lossWeights[output] * sum / total : 0)
      }
    }
  }

  package let model: Model

  /// Rows that are computed at once: enough to keep the kernels busy, few enough to stay in cache.
  package static let rowsAtOnce = 256

  /// Prepares predictions of a model.
  package init(_ model: Model) {
    self.model = model
  }

  /// Computes the outputs for inputs alone.
  ///
  /// - Parameter inputs: For each of ``Graph/inputs``, shape `[rows, features]`.
  /// - Returns: For each of ``Graph/outputs``, shape `[rows, features]`.
  package func predict(_ inputs: [Tensor]) -> [Tensor] {
    predict(Samples(inputs: inputs, targets: []), losses: []).outputs
  }

  /// Computes the outputs and each row's loss.
  ///
  /// - Parameters:
  ///   - samples: Inputs, and targets if there is a loss.
  ///   - losses: One for each output; empty to compute none.
  /// - Returns: A row for each sample.
  package func predict(_ samples: Samples, losses: [WeightedLoss]) -> Prediction {
    guard let prediction = predict(samples, losses: losses, unless: { false }) else {
      preconditionFailure("Nobody stopped it")
    }
    return prediction
  }

  /// Computes the outputs and each row's loss, unless somebody stops it.
  ///
  /// - Parameters:
  ///   - samples: Inputs, and targets if there is a loss.
  ///   - losses: One for each output; empty to compute none.
  ///   - shouldStop: Asked now and then.
  /// - Returns: A row for each sample; nil if it was stopped.
  package func predict(
    _ samples: Samples, losses: [WeightedLoss], unless shouldStop: () -> Bool
  ) -> Prediction? {
    let rows = samples.rows
    let chunk = min(rows, Predictor.rowsAtOnce)
    var elements = model.graph.outputs.map { _ in [Float]() }
    var rowLosses = losses.map { _ in [Double]() }
    if rows > 0 {
      let last = rows % chunk
      var executor = GraphExecutor(
        model, batchSizes: last == 0 ? [chunk] : [chunk, last],
        purpose: .prediction(losses: losses))
      for (index, output) in model.graph.outputs.enumerated() {
        elements[index].reserveCapacity(rows * model.graph.nodes[output].outputFeatures)
      }
      for output in losses.indices {
        rowLosses[output].reserveCapacity(rows)
      }
      for start in stride(from: 0, to: rows, by: chunk) {
        if shouldStop() { return nil }
        let batch = Array(start..<min(start + chunk, rows))[...]
        executor.gather(batch, inputs: samples.inputs, targets: samples.targets)
        executor.forward(rows: batch.count, .prediction)
        for (index, tensor) in executor.outputs(rows: batch.count).enumerated() {
          elements[index] += tensor.elements
        }
        for output in losses.indices {
          rowLosses[output] += executor.rowLosses(rows: batch.count, output: output)
        }
      }
    }
    let outputs = zip(model.graph.outputs, elements).map { node, elements in
      Tensor(shape: [rows, model.graph.nodes[node].outputFeatures], elements: elements)
    }
    return Prediction(
      outputs: outputs, losses: rowLosses, lossWeights: losses.map(\.weight),
      rowWeights: samples.rowWeights(losses))
  }
}
