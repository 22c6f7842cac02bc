package import NeuralNetwork
package import Training

/// What could be read of a request, and every fault of it.
package struct RequestReading: Sendable {
  /// Nil if there was a fault.
  package private(set) var request: TrainingRequest?

  /// The graph, if the network had no fault; the rest of the request may have some.
  package private(set) var graph: Graph?

  /// The hyperparameters, if they had no fault.
  package private(set) var hyperparameters: Hyperparameters?

  /// The number of training samples, if there was a data set without fault.
  package private(set) var trainingRows: Int?

  /// What the training takes, as far as the request tells: without a data set, of one batch.
  package private(set) var memory: MemoryEstimate?

  /// In the order: top level, network, data set, training.
  package private(set) var issues: [ConfigurationIssue] = []

  /// Parts that a request must have.
  package enum Completeness: Sendable {
    /// A job: network and data set.
    case job
    /// A network to validate, the rest as far as it is given.
    case network
  }

  /// Reads a request.
  ///
  /// - Parameters:
  ///   - value: The request's body.
  ///   - completeness: What it must have.
  package init(_ value: JSONValue, completeness: Completeness) {
    var reader = ConfigurationReader(value, subject: "request", pointer: .root)
    let name = reader.string("name", lengths: 1...128)
    let priority = reader.integer("priority", in: -100...100) ?? 0
    let metadata = readMetadata(&reader)
    let networkValue = reader.value("network")
    let datasetValue = reader.value("dataset")
    let trainingValue = reader.value("training")
    if networkValue == nil {
      reader.report(
        "missing_member", member: "network",
        "request needs network, an object with operators and connectivity")
    }
    if datasetValue == nil && completeness == .job {
      reader.report(
        "missing_member", member: "dataset",
        "request needs dataset: samples with inputs and targets, or a generator")
    }
    issues += reader.finish()
    let written = datasetValue.map { WrittenDataset($0, at: .root.member("dataset")) }
    if let networkValue {
      readNetwork(networkValue, written)
    }
    issues += written?.issues ?? []
    var training = ConfigurationReader(
      trainingValue ?? .object([]), subject: "training", pointer: .root.member("training"))
    let (hyperparameters, choice) = Hyperparameters.read(
      &training, hasValidation: written.flatMap(\.hasValidation))
    self.hyperparameters = hyperparameters
    let losses = readLosses(choice, &training)
    let dataset = bind(written, losses)
    let options = readOptions(training, losses, dataset: dataset)
    estimateMemory(dataset)
    guard issues.isEmpty, let graph, let dataset, let written, let options else { return }
    request = TrainingRequest(
      name: name, graph: graph, dataset: dataset,
      generator: written.generator, options: options, priority: priority, metadata: metadata)
  }

  private mutating func readNetwork(_ value: JSONValue, _ written: WrittenDataset?) {
    let before = issues.count
    let network = Network.read(value, at: .root.member("network"), issues: &issues)
    let expected = network.inputs?.map(\.id.description) ?? [Network.defaultInput]
    let isRead = issues.count == before && !expected.isEmpty
    let check = GraphCheck(network, features: written?.features(of: network) ?? [:])
    // Without a graph no table can be bound, but their names can be checked.
    var names: [ConfigurationIssue] = []
    if isRead && check.graph == nil, let inputs = written?.splits[.train]?.inputs {
      names = inputs.nameIssues(
        expected: expected, kind: "input",
        at: JSONPath.root.member("dataset").member("train").member("inputs"))
    }
    // Without the faults of the data set its shapes would be known.
    let isDatasetFaulty = !names.isEmpty || written.map { $0.splits[.train] == nil } ?? false
    issues += check.issues.filter { $0.code != "unknown_shape" || !isDatasetFaulty }
    issues += names
    if issues.count == before { graph = check.graph }
  }

  /// The losses of the graph's outputs; nil if one has none, or one that does not fit it.
  private func readLosses(
    _ choice: LossChoice?, _ reader: inout ConfigurationReader
  ) -> [WeightedLoss]? {
    guard let graph, let choice else { return nil }
    let before = reader.issues.count
    choice.check(graph, &reader)
    return reader.issues.count == before ? choice.losses(of: graph) : nil
  }

  private mutating func bind(_ written: WrittenDataset?, _ losses: [WeightedLoss]?) -> Dataset? {
    guard let written, written.issues.isEmpty, let graph else { return nil }
    var binding = DatasetBinding(
      graph: graph, losses: losses ?? [], pointer: .root.member("dataset"))
    let dataset = binding.bind(written)
    issues += binding.issues
    trainingRows = dataset?.train.rows
    return dataset
  }

  private mutating func estimateMemory(_ dataset: Dataset?) {
    guard let graph, let hyperparameters else { return }
    let batch = hyperparameters.batchSize
    let memory =
      dataset.map { MemoryEstimate(graph, hyperparameters, $0) }
      ?? MemoryEstimate(graph, hyperparameters, rows: [.train: batch])
    self.memory = memory
    if let refusal = memory.refusal {
      issues.append(
        ConfigurationIssue(
          pointer: JSONPath.root.member("training").member("batch_size").description,
          code: "over_limit", detail: refusal))
    }
  }

  private mutating func readOptions(
    _ training: ConfigurationReader, _ losses: [WeightedLoss]?, dataset: Dataset?
  ) -> TrainingOptions? {
    var reader = training
    let run = RunLimits(reading: &reader)
    let tasks = readTasks(&reader, losses, dataset: dataset)
    issues += reader.finish()
    guard let hyperparameters, let tasks else { return nil }
    return TrainingOptions(hyperparameters: hyperparameters, run: run, tasks: tasks)
  }

  private func readTasks(
    _ reader: inout ConfigurationReader, _ losses: [WeightedLoss]?, dataset: Dataset?
  ) -> [PredictionTask]? {
    let name = reader.choice("task", of: PredictionTask.names)
    guard let targets = dataset?.train.targets, let losses else { return nil }
    let tasks: [PredictionTask] = zip(targets, losses).map { targets, loss in
      guard let name else { return PredictionTask.inferred(from: targets, loss: loss.loss) }
      guard let task = PredictionTask.named(name, targets: targets, loss: loss.loss) else {
        let needed = name == "binary" ? "one column" : "a column for each class"
        reader.report(
          "invalid_task", member: "task",
          "task \(name) needs targets of \(needed), but they have \(targets.columns); "
            + "leave task out to have it inferred")
        return .regression
      }
      return task
    }
    let counts = zip(tasks, targets).filter { $0.0 == .multiclass }.reduce(0) { sum, output in
      sum + output.1.columns * output.1.columns
    }
    if counts > ClassificationMetrics.countsMax {
      reader.report(
        "over_limit", member: "task",
        "the targets have classes for \(counts) entries of confusion matrices, but at most "
          + "\(ClassificationMetrics.countsMax) are allowed; with task regression there are none")
    }
    return tasks
  }
}

/// Labels of the client's own: few and short, so that a list of jobs stays small.
private func readMetadata(_ reader: inout ConfigurationReader) -> JSONValue? {
  guard let value = reader.value("metadata") else { return nil }
  var entries = ConfigurationReader(
    value, subject: "metadata", pointer: reader.pointer.member("metadata"))
  let members = entries.allMembers()
  if members.count > 16 {
    entries.report(
      "over_limit", at: entries.pointer,
      "metadata has \(members.count) members, but at most 16 are allowed")
  }
  for member in members.prefix(16) {
    if member.name.unicodeScalars.count > 64 {
      entries.report(
        "over_limit", member: member.name, "a name in metadata has at most 64 characters")
    }
    _ = entries.string(member.name, lengths: 0...512, required: true)
  }
  reader.append(entries.finish())
  return value
}
