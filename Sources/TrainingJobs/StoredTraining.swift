internal import Interchange
package import Jobs
package import NeuralNetwork
package import Training

/// A training as a job keeps it: a small document, and blobs for what is large.
///
/// The document holds the network with every shape resolved, the options with every default
/// resolved, and what the job object echoes. The blob `dataset` is a safetensors file with a tensor
/// `SPLIT/inputs/NAME` or `SPLIT/targets/ID` for each table; the blob `initial`, there only if the
/// client wrote parameters, holds the bytes of the model to begin with (``Model/bytes``).
package struct StoredTraining: Sendable {
  /// The role of the blob with the samples.
  package static let datasetRole = "dataset"

  /// The role of the blob with the model to begin with.
  package static let initialRole = "initial"

  /// The role of the blob with the trained parameters.
  package static let weightsRole = "weights"

  /// The role of the blob with the checkpoint that the training ended with, or begins with.
  package static let stateRole = "state"

  /// The members of the job object that tell what was asked for.
  package struct Echo: Hashable, Sendable {
    package let network: JSONValue
    package let dataset: JSONValue
    package let training: JSONValue
    package let metadata: JSONValue
  }

  package let echo: Echo
  package let graph: Graph
  package let options: TrainingOptions

  /// The definition as it can be posted again, without parameters.
  package let network: JSONValue
}

extension TrainingRequest {
  /// What the job manager keeps of the request.
  ///
  /// - Parameter idempotency: The client's key, if it sent one.
  /// - Returns: The document and the blobs.
  package func submission(idempotency: JobIdempotency? = nil) -> JobSubmission {
    let datasetBytes = Safetensors.write(datasetEntries)
    var blobs = [StoredTraining.datasetRole: datasetBytes]
    // Without written parameters the seed alone gives them all.
    if graph.hasExplicitParameters {
      blobs[StoredTraining.initialRole] = model.bytes
    }
    return JobSubmission(
      name: name, request: JSONWriter.write(document(datasetHash: sha256(datasetBytes))),
      blobs: blobs, idempotency: idempotency, maxSeconds: options.run.maxSeconds,
      priority: priority)
  }

  private var datasetEntries: [Safetensors.Entry] {
    SplitName.allCases.flatMap { split -> [Safetensors.Entry] in
      guard let samples = dataset[split: split] else { return [] }
      let inputs = zip(graph.inputs, samples.inputs).map { input, tensor in
        Safetensors.Entry("\(split.rawValue)/inputs/\(input.name)", tensor)
      }
      let targets = zip(graph.outputs, samples.targets).map { output, tensor in
        Safetensors.Entry("\(split.rawValue)/targets/\(graph.nodes[output].id)", tensor)
      }
      let weights = samples.weights.map { Safetensors.Entry("\(split.rawValue)/weights", $0) }
      return inputs + targets + (weights.map { [$0] } ?? [])
    }
  }

  private func document(datasetHash: String) -> JSONValue {
    let network = graph.document()
    let counts = SplitName.allCases.map { split in
      JSONValue.Member(split.rawValue, .integer(dataset[split: split]?.rows ?? 0))
    }
    return .object([
      JSONValue.Member(
        "network",
        .object([
          JSONValue.Member("parameters", .integer(graph.parameterCount)),
          JSONValue.Member("sha256", .string(sha256(JSONWriter.write(network)))),
        ])),
      JSONValue.Member(
        "dataset",
        .object(counts + [JSONValue.Member("sha256", .string(datasetHash))] + generator)),
      JSONValue.Member("training", .object(options.document(graph: graph))),
      JSONValue.Member("metadata", metadata ?? .object([])),
      JSONValue.Member("definition", network),
      JSONValue.Member(
        "features",
        .object(graph.inputs.map { JSONValue.Member($0.name, .integer($0.features)) })),
      JSONValue.Member("thresholds", .array(options.tasks.map(\.storedThreshold))),
    ])
  }
}

extension TrainingOptions {
  /// The `training` member as the job object echoes it.
  fileprivate func document(graph: Graph) -> [JSONValue.Member] {
    let names = tasks.map { JSONValue.string($0.name) }
    let task: JSONValue =
      names.count == 1
      ? names[0]
      : .object(zip(graph.outputs, names).map { .init(graph.nodes[$0].id.description, $1) })
    return hyperparameters.document + run.document + [JSONValue.Member("task", task)]
  }
}

extension PredictionTask {
  fileprivate var storedThreshold: JSONValue {
    guard case .binary(let threshold, _) = self else { return .null }
    return .number(Double(threshold))
  }

  /// Puts a stored name and threshold together again.
  fileprivate init?(name: String, threshold: JSONValue, loss: any Loss) {
    switch (name, threshold) {
    case ("binary", .number(let number)): self = .binary(targetThreshold: Float(number), loss)
    case ("multiclass", _): self = .multiclass
    case ("regression", _): self = .regression
    default: return nil
    }
  }
}

extension StoredTraining {
  /// Reads a job's document back.
  ///
  /// - Throws: A ``StoredTrainingError`` if it was not written by this version of the program.
  package init(_ job: Job) throws(StoredTrainingError) {
    let document = try StoredTraining.document(of: job)
    echo = StoredTraining.echo(of: document)
    network = document["definition"] ?? .null
    var features: [String: Int] = [:]
    if case .object(let members)? = document["features"] {
      for case let member in members {
        if case .integer(let count) = member.value { features[member.name] = count }
      }
    }
    var issues: [ConfigurationIssue] = []
    let written = Network.read(network, at: .root.member("definition"), issues: &issues)
    let check = GraphCheck(written, features: features)
    guard let graph = check.graph, issues.isEmpty else {
      throw .unreadable("its network has faults: \((issues + check.issues).map(\.detail))")
    }
    self.graph = graph
    options = try StoredTraining.options(in: document, graph: graph)
  }

  /// Reads only what the job object echoes.
  package static func echo(_ job: Job) throws(StoredTrainingError) -> Echo {
    echo(of: try document(of: job))
  }

  private static func document(of job: Job) throws(StoredTrainingError) -> JSONValue {
    try JSONValue(stored: job.request)
  }

  private static func echo(of document: JSONValue) -> Echo {
    Echo(
      network: document["network"] ?? .null, dataset: document["dataset"] ?? .null,
      training: document["training"] ?? .null, metadata: document["metadata"] ?? .null)
  }

  private static func options(
    in document: JSONValue, graph: Graph
  ) throws(StoredTrainingError) -> TrainingOptions {
    let training = document["training"] ?? .null
    var reader = ConfigurationReader(training, subject: "training", pointer: .root)
    // What depends on the splits was resolved when it was stored.
    guard
      let hyperparameters = Hyperparameters.read(&reader, hasValidation: nil).hyperparameters
    else {
      throw .unreadable("its training has faults: \(reader.issues.map(\.detail))")
    }
    let run = RunLimits(reading: &reader)
    guard case .array(let thresholds)? = document["thresholds"],
      thresholds.count == graph.outputs.count
    else { throw .unreadable("its thresholds are missing") }
    var tasks: [PredictionTask] = []
    let losses = hyperparameters.losses.losses(of: graph)
    guard losses.count == graph.outputs.count else { throw .unreadable("its losses are missing") }
    for ((output, threshold), loss) in zip(zip(graph.outputs, thresholds), losses) {
      var name = training["task"]
      if graph.outputs.count > 1 { name = name?[graph.nodes[output].id.description] }
      guard case .string(let text)? = name,
        let task = PredictionTask(name: text, threshold: threshold, loss: loss.loss)
      else { throw .unreadable("its task is missing") }
      tasks.append(task)
    }
    return TrainingOptions(hyperparameters: hyperparameters, run: run, tasks: tasks)
  }

  /// Reads the samples from the blob ``datasetRole``.
  package func dataset(_ bytes: [UInt8]) throws(StoredTrainingError) -> Dataset {
    let entries: [Safetensors.Entry]
    do {
      entries = try Safetensors.read(bytes)
    } catch {
      throw .unreadable(error.description)
    }
    let tensors = Dictionary(
      entries.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    func samples(_ split: SplitName) -> Samples? {
      let inputs = graph.inputs.compactMap { tensors["\(split.rawValue)/inputs/\($0.name)"] }
      let targets = graph.outputs.compactMap {
        tensors["\(split.rawValue)/targets/\(graph.nodes[$0].id)"]
      }
      guard inputs.count == graph.inputs.count, targets.count == graph.outputs.count else {
        return nil
      }
      return Samples(
        inputs: inputs, targets: targets, weights: tensors["\(split.rawValue)/weights"])
    }
    guard let train = samples(.train) else {
      throw .unreadable("its data set has no training samples")
    }
    return Dataset(train: train, validation: samples(.validation), test: samples(.test))
  }

  /// Reads parameters from the blob ``weightsRole`` or ``initialRole``.
  package func model(_ bytes: [UInt8]) throws(StoredTrainingError) -> Model {
    guard let model = Model(graph: graph, bytes: bytes) else {
      throw .unreadable(
        "its parameters have \(bytes.count) bytes, but the network needs "
          + "\(4 * graph.storedCount)")
    }
    return model
  }
}

extension JSONValue {
  /// Reads JSON that this program wrote and stored.
  package init(stored bytes: [UInt8]) throws(StoredTrainingError) {
    do {
      self = try JSONReader.read(bytes, limits: .none)
    } catch {
      throw .unreadable(error.description)
    }
  }
}

/// What a job keeps cannot be read.
package enum StoredTrainingError: Error, Hashable, Sendable, CustomStringConvertible {
  case unreadable(String)

  /// A stable identifier for programs.
  package var code: String { "stored_job_unreadable" }

  /// One sentence for people.
  package var description: String {
    switch self {
    case .unreadable(let problem): "The stored job cannot be read: \(problem)"
    }
  }
}
