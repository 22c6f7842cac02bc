import Interchange
import Jobs
import NeuralNetwork
import TestSupport
import Testing
import Training
import TrainingJobs

@Suite("A training as a job keeps it")
struct StoredTrainingTests {
  /// Two inputs, two outputs, three splits, and every choice other than its default.
  private static let rich = requestText(
    network: """
      {"operators": {"10": {"type": "linear", "out_features": 2}, "2": "tanh", "a": "sum",
                     "b": {"type": "linear", "out_features": 1}, "c": "sigmoid"},
       "connectivity": {"10": ["a", "a"], "2": ["a"], "a": ["b", "c"], "b": [], "c": []},
       "inputs": {"left": [10], "right": ["2"]}}
      """,
    dataset: """
      {"train": {"inputs": {"left": [[1, 2, 3], [4, 5, 6]], "right": [[7, 8], [9, 10]]},
                 "targets": {"b": [[0.2], [0.8]], "c": [[1, 0], [0, 1]]}},
       "validation": {"inputs": {"left": [[1, 1, 1]], "right": [[2, 2]]},
                      "targets": {"b": [[0.2]], "c": [[0, 1]]}},
       "test": {"inputs": {"left": [[3, 3, 3]], "right": [[4, 4]]},
                "targets": {"b": [[0.8]], "c": [[1, 0]]}}}
      """,
    training: """
      {"epochs": 7, "batch_size": 3, "optimizer": {"type": "sgd", "learning_rate": 0.125},
       "seed": 42, "shuffle": false}
      """,
    others: #""name": "rich", "metadata": {"owner": "ci"}"#)

  @Test("what is read back is what was written: graph, samples, choices")
  func roundTrip() async throws {
    let request = try request(Self.rich)
    let job = try await KeptJob(request)
    let stored = try StoredTraining(job.job)
    #expect(text(stored.graph.document()) == text(request.model.graph.document()))
    #expect(stored.graph.inputs == request.model.graph.inputs)
    #expect(stored.graph.outputs == request.model.graph.outputs)
    #expect(
      stored.options.tasks == [.binary(targetThreshold: 0.5, outputThreshold: 0.5), .multiclass])
    #expect(stored.options.tasks == request.options.tasks)
    let (kept, asked) = (stored.options.hyperparameters, request.options.hyperparameters)
    #expect(kept.epochs == asked.epochs)
    #expect(kept.batchSize == asked.batchSize)
    #expect(kept.rule.optimizer.options == asked.rule.optimizer.options)
    #expect(kept.seed == asked.seed)
    #expect(kept.shuffles == asked.shuffles)
    let dataset = try stored.dataset(try job.blob(StoredTraining.datasetRole))
    for split in SplitName.allCases {
      #expect(dataset[split: split]?.inputs == request.dataset[split: split]?.inputs)
      #expect(dataset[split: split]?.targets == request.dataset[split: split]?.targets)
    }
    #expect(job.job.name == "rich")
  }

  @Test("the threshold of a binary task is kept to the bit")
  func threshold() async throws {
    let request = try request(
      requestText(
        dataset: #"{"train": {"inputs": [[0, 1], [1, 0]], "targets": [[0.1], [0.7000001]]}}"#))
    let stored = try StoredTraining(try await KeptJob(request).job)
    guard case .binary(let threshold, _) = request.options.tasks[0] else {
      Issue.record("two values in one column are a binary task")
      return
    }
    #expect(
      stored.options.tasks == [.binary(targetThreshold: threshold, outputThreshold: threshold)])
  }

  @Test("the echo has every resolved value, hashes of network and data, never the data")
  func echo() async throws {
    let job = try await KeptJob(try request(Self.rich))
    let echo = try StoredTraining.echo(job.job)
    #expect(echo.network["parameters"] == .integer(11))
    #expect(echo.dataset["train"] == .integer(2))
    #expect(echo.dataset["validation"] == .integer(1))
    #expect(echo.dataset["test"] == .integer(1))
    #expect(
      echo.dataset["sha256"] == .string(sha256(try job.blob(StoredTraining.datasetRole))))
    #expect(
      text(echo.training)
        == #"{"epochs":7,"batch_size":3,"loss":{"type":"mse","weight":1.0},"#
        + #""optimizer":{"type":"sgd","learning_rate":0.125,"momentum":0.0,"nesterov":false},"#
        + #""l1":0.0,"l2":0.0,"gradient_clipping":null,"#
        + #""schedule":{"type":"constant","warmup_epochs":0},"early_stopping":null,"#
        + #""seed":42,"shuffle":false,"max_seconds":null,"checkpoint_seconds":null,"task":{"b":"binary","c":"multiclass"}}"#
    )
    #expect(text(echo.metadata) == #"{"owner":"ci"}"#)
  }

  @Test("equal requests have equal hashes, however they are written")
  func hashesDoNotDependOnTheWriting() async throws {
    let terse = """
      {"operators": {"1": {"out_features": 1, "type": "linear"}}, "connectivity": {"1": []}}
      """
    let first = try StoredTraining.echo(try await KeptJob(try request(requestText())).job)
    let second = try StoredTraining.echo(
      try await KeptJob(try request(requestText(network: terse))).job)
    #expect(first.network == second.network)
    #expect(first.dataset == second.dataset)
  }

  @Test("a generator is echoed with its seed")
  func generatorEcho() async throws {
    let request = try request(requestText(dataset: #"{"generator": "disc", "train": 4}"#))
    let echo = try StoredTraining.echo(try await KeptJob(request).job)
    #expect(echo.dataset["generator"] == .string("disc"))
    #expect(echo.dataset["seed"] == .integer(0))
  }

  @Test("parameters are kept only if the client wrote some")
  func initialParameters() async throws {
    #expect(try request(requestText()).submission().blobs.keys.sorted() == ["dataset"])
    let network = """
      {"operators": {"1": {"type": "linear", "weight": [[0.1, -2e-30]], "bias": [3]}},
       "connectivity": {"1": []}}
      """
    let explicit = try request(requestText(network: network))
    let job = try await KeptJob(explicit)
    let stored = try StoredTraining(job.job)
    let model = try stored.model(try job.blob(StoredTraining.initialRole))
    #expect(model.parameters == explicit.model.parameters)
    #expect(!stored.graph.hasExplicitParameters)
  }

  @Test("a trained model's document can be posted again and gives the same parameters")
  func warmStart() throws {
    let first = try request(requestText(network: figureOne, dataset: figureOneSamples))
    let document = first.model.document(jobID: "job_1")
    #expect(document["job_id"] == .string("job_1"))
    #expect(document["weights_sha256"] == .string(sha256(first.model.bytes)))
    let again = try request(
      requestText(network: text(document["network"]), dataset: figureOneSamples))
    #expect(again.graph.hasExplicitParameters)
    #expect(again.model.bytes == first.model.bytes)
    #expect(first.model.document(jobID: nil)["job_id"] == .null)
  }

  private let figureOneSamples = """
    {"train": {"inputs": {"x1": [[1, 2]], "x2": [[3]]}, "targets": [[1]]}}
    """

  @Test("what was not written by this program is told, not trained")
  func unreadable() async throws {
    func error(_ request: String) async throws -> StoredTrainingError? {
      let job = try await KeptJob(JobSubmission(request: Array(request.utf8))).job
      return #expect(throws: StoredTrainingError.self) { try StoredTraining(job) }
    }
    #expect(
      try await error("{")?.description
        == "The stored job cannot be read: expected a member name in quotes or '}' but found the "
        + "end of the document, at byte 1 in #")
    #expect(try await error("{}")?.code == "stored_job_unreadable")
    let whole = try await KeptJob(try request(requestText()))
    let damaged = text(try json(String(decoding: whole.job.request, as: UTF8.self)))
      .replacing("\"thresholds\":[0.5]", with: "\"thresholds\":[]")
    #expect(
      try await error(damaged)
        == .unreadable("its thresholds are missing"))
  }

  @Test("parameters and samples of another length are told")
  func wrongBlobs() async throws {
    let stored = try StoredTraining(try await KeptJob(try request(requestText())).job)
    #expect(
      throws: StoredTrainingError.unreadable(
        "its parameters have 8 bytes, but the network needs 12")
    ) { try stored.model([UInt8](repeating: 0, count: 8)) }
    #expect(
      throws: StoredTrainingError.unreadable(
        "the file has 0 bytes, fewer than its header needs")
    ) { try stored.dataset([]) }
    #expect(throws: StoredTrainingError.unreadable("its data set has no training samples")) {
      try stored.dataset(Safetensors.write([]))
    }
  }
}

/// A job that a store in memory has accepted, and its blobs.
struct KeptJob: Sendable {
  let job: Job
  let blobs = InMemoryBlobStore()
  private let store = InMemoryJobStore()

  init(_ submission: JobSubmission) async throws {
    var ids: [String: BlobID] = [:]
    for (role, bytes) in submission.blobs { ids[role] = try blobs.put(bytes) }
    job = try await store.submit(
      NewJob(
        id: JobID.next(), name: submission.name, request: submission.request, blobs: ids)
    ).job
  }

  init(_ request: TrainingRequest) async throws {
    try await self.init(request.submission())
  }

  func blob(_ role: String) throws -> [UInt8] {
    try blobs.get(try #require(job.blobs[role]))
  }

  var claimed: ClaimedJob { ClaimedJob(job: job, blobs: blobs) }
}
