package import NeuralNetwork

/// Computes a model's outputs for any number of samples.
///
/// Each row's bits depend on that row alone, so it does not matter how rows are put together.
package struct Predictor: Sendable {
  /// Outputs, and what the targets say of them.
  package struct Prediction: Sendable {
    /// For each of ``Graph/outputs``, shape `[rows, features]`.
    package let outputs: [Tensor]

    /// For each row the loss, summed over the outputs; empty without targets.
    package let rowLosses: [Double]

    /// The mean of ``rowLosses``.
    package var meanLoss: Double { rowLosses.reduce(0, +) / Double(rowLosses.count) }
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
    predict(Samples(inputs: inputs, targets: []), loss: nil).outputs
  }

  /// Computes the outputs and each row's loss.
  ///
  /// - Parameters:
  ///   - samples: Inputs, and targets if there is a loss.
  ///   - loss: Nil to compute none.
  /// - Returns: A row for each sample.
  package func predict(_ samples: Samples, loss: (any Loss)?) -> Prediction {
    guard let prediction = predict(samples, loss: loss, unless: { false }) else {
      preconditionFailure("Nobody stopped it")
    }
    return prediction
  }

  /// Computes the outputs and each row's loss, unless somebody stops it.
  ///
  /// - Parameters:
  ///   - samples: Inputs, and targets if there is a loss.
  ///   - loss: Nil to compute none.
  ///   - shouldStop: Asked now and then.
  /// - Returns: A row for each sample; nil if it was stopped.
  package func predict(
    _ samples: Samples, loss: (any Loss)?, unless shouldStop: () -> Bool
  ) -> Prediction? {
    let rows = samples.rows
    let chunk = min(rows, Predictor.rowsAtOnce)
    var elements = model.graph.outputs.map { _ in [Float]() }
    var losses: [Double] = []
    if rows > 0 {
      let last = rows % chunk
      var executor = GraphExecutor(
        model, batchSizes: last == 0 ? [chunk] : [chunk, last], mode: .prediction)
      let order = Array(0..<rows)
      for start in stride(from: 0, to: rows, by: chunk) {
        if shouldStop() { return nil }
        let batch = order[start..<min(start + chunk, rows)]
        executor.gather(batch, inputs: samples.inputs, targets: samples.targets)
        executor.forward(rows: batch.count)
        for (index, tensor) in executor.outputs(rows: batch.count).enumerated() {
          elements[index] += tensor.elements
        }
        if let loss { losses += executor.rowValues(of: loss, rows: batch.count) }
      }
    }
    let outputs = zip(model.graph.outputs, elements).map { node, elements in
      Tensor(shape: [rows, model.graph.nodes[node].outputFeatures], elements: elements)
    }
    return Prediction(outputs: outputs, rowLosses: losses)
  }
}
