package import NeuralNetwork
package import Training

/// How much memory a training takes at its peak: what decides whether a job is accepted.
package struct MemoryEstimate: Hashable, Sendable {
  /// The most that one job may need.
  package static let bytesMax = 2 << 30

  /// What the job takes at its peak, on top of what the program takes without jobs.
  package let bytes: Int

  /// What one epoch's number in one column of the history takes while it is written: in the column,
  /// as a JSON value, and as text; measured.
  private static let bytesPerHistoryNumber = 93

  /// Estimates a training.
  ///
  /// It is the greatest of what the job takes
  ///
  /// - while the samples are read: the samples twice, as they are stored and as tensors;
  /// - while it trains: the samples and their order, the executor, a checkpoint, and two copies of the
  ///   parameters: what is shown and what will replace it;
  /// - while it is judged: the samples, the parameters, a checkpoint, the executor that predicts, and
  ///   for each sample of a split its outputs and losses;
  /// - while the result is written: the samples, the parameters twice, a checkpoint, and the history.
  ///
  /// A training of less than a second makes no checkpoint and takes so much less. Threads take 32 KiB each, which is not counted.
  ///
  /// - Parameters:
  ///   - graph: The checked network.
  ///   - hyperparameters: The batch size, the optimizer and the number of epochs count.
  ///   - rows: Samples of each split.
  ///   - isWeighted: Whether samples count differently.
  package init(
    _ graph: Graph, _ hyperparameters: Hyperparameters, rows: [SplitName: Int],
    isWeighted: Bool = false
  ) {
    let number = MemoryLayout<Float>.stride
    let trainingRows = rows[.train] ?? 0
    let watchedRows = trainingRows + (rows[.validation] ?? 0)
    let allRows = rows.values.reduce(0, +)
    let features = graph.inputs.reduce(0) { $0 + $1.features } + graph.outputFeatures
    let samples = number * allRows * (features + (isWeighted ? 1 : 0))
    let parameters = number * graph.storedCount
    let columns = rows[.validation] == nil ? 4 : 5
    let history = hyperparameters.epochs * columns
    let checkpoint = GraphExecutor.stateBytes(graph: graph, rule: hyperparameters.rule)
    let training =
      GraphExecutor.bytes(
        graph: graph,
        rows: max(min(hyperparameters.batchSize, max(trainingRows, rows[.validation] ?? 0)), 1),
        rule: hyperparameters.rule)
      + watchedRows * MemoryLayout<Int>.stride
      + (isWeighted ? number * watchedRows * graph.outputs.count : 0)
      + 2 * parameters + checkpoint + 2 * history * MemoryLayout<Double>.stride
    let judgedRows = rows.values.max() ?? 0
    let judging =
      GraphExecutor.bytes(
        graph: graph, rows: max(min(judgedRows, Predictor.rowsAtOnce), 1), rule: nil)
      + judgedRows
      * (number * graph.outputFeatures + MemoryLayout<Double>.stride * graph.outputs.count)
      + parameters + checkpoint
    let writing = 2 * parameters + checkpoint + history * MemoryEstimate.bytesPerHistoryNumber
    bytes = samples + max(samples, training, judging, writing)
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
    let splits = dataset.splits.compactMap { split in
      dataset[split: split].map { (split, $0.rows) }
    }
    let losses = hyperparameters.losses.losses(of: graph)
    self.init(
      graph, hyperparameters, rows: Dictionary(uniqueKeysWithValues: splits),
      isWeighted: losses.contains { $0.loss.classWeights != nil }
        || dataset.splits.contains { dataset[split: $0]?.weights != nil })
  }
}

extension Graph {
  /// The numbers of one sample's outputs.
  package var outputFeatures: Int { outputs.reduce(0) { $0 + nodes[$1].outputFeatures } }
}
