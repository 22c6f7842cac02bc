package import NeuralNetwork
package import Training

/// How much memory a training takes at its peak: what decides whether a job is accepted.
package struct MemoryEstimate: Hashable, Sendable {
  /// The most that one job may need.
  package static let bytesMax = 2 << 30

  /// The values, gradients and parameters of training and of predicting side by side, the samples
  /// with the outputs for them, and the copies of the parameters that are shown and kept.
  package let bytes: Int

  /// Estimates a training.
  ///
  /// - Parameters:
  ///   - graph: The checked network.
  ///   - hyperparameters: The batch size and the optimizer count.
  ///   - trainingRows: Samples to train on.
  ///   - rows: Samples of all splits.
  package init(
    _ graph: Graph, _ hyperparameters: Hyperparameters, trainingRows: Int, rows: Int
  ) {
    let copies = 4
    let inputs = graph.inputs.reduce(0) { $0 + $1.features }
    let outputs = graph.outputFeatures
    bytes =
      GraphExecutor.bytes(
        graph: graph, rows: min(hyperparameters.batchSize, trainingRows),
        mode: .training(optimizer: hyperparameters.optimizer))
      + GraphExecutor.bytes(
        graph: graph, rows: min(rows, Predictor.rowsAtOnce), mode: .prediction)
      + MemoryLayout<Float>.stride * (rows * (inputs + 2 * outputs) + copies * graph.parameterCount)
  }

  /// Why the job is refused; nil if it is not.
  package var refusal: String? {
    guard bytes > MemoryEstimate.bytesMax else { return nil }
    return "the training needs about \(bytes) bytes of memory, but at most "
      + "\(MemoryEstimate.bytesMax) are allowed; a smaller batch_size or network needs less"
  }
}

extension MemoryEstimate {
  /// Estimates the training of a data set.
  package init(_ graph: Graph, _ hyperparameters: Hyperparameters, _ dataset: Dataset) {
    self.init(
      graph, hyperparameters, trainingRows: dataset.train.rows,
      rows: SplitName.allCases.reduce(0) { $0 + (dataset[split: $1]?.rows ?? 0) })
  }
}

extension Graph {
  /// The numbers of one sample's outputs.
  package var outputFeatures: Int { outputs.reduce(0) { $0 + nodes[$1].outputFeatures } }
}
