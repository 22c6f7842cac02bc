import Jobs
import Kernels
import NeuralNetwork
import Testing
import Training
import TrainingJobs

/// What trainings end with, written down once: the same bits on every machine, with every set of
/// kernels, for any number of threads.
///
/// A change of these numbers is a change of what clients were promised to get again.
@Suite("Golden results")
struct GoldenTests {
  @Test("the parameters end with the bits written down, twice", arguments: GoldenJob.all)
  func bits(of job: GoldenJob) throws {
    let request = try request(job.text)
    for set in KernelSet.available {
      let hash = try weightsHash(request, set: set)
      #expect(hash == job.hash, "\(set)")
      #expect(try weightsHash(request, set: set) == hash, "\(set), a second time")
    }
  }

  @Test("the number of threads changes no bit", arguments: [1, 2, 3])
  func threads(count: Int) throws {
    // 512 x 64 x 200 multiplications and more, so that helpers are called.
    let job = GoldenJob.large
    let pool = ThreadPool(threads: count)
    for set in KernelSet.available {
      #expect(
        try weightsHash(request(job.text), set: set, team: pool.team()) == job.hash, "\(set)")
    }
  }

  @Test("a job of the service ends with these bits too", arguments: [GoldenJob.all[0]])
  func service(job: GoldenJob) async throws {
    let kept = try await KeptJob(try request(job.text))
    let outcome = TrainingJobRunner(live: LiveTrainings(workers: 1)).run(
      kept.claimed, control: JobControl())
    guard case .succeeded(let result) = outcome else {
      Issue.record("the outcome is \(outcome)")
      return
    }
    let summary = try json(String(decoding: result.summary, as: UTF8.self))
    #expect(summary["result"]?["weights_sha256"] == .string(job.hash))
  }

  private func weightsHash(
    _ request: TrainingRequest, set: KernelSet, team: Team = .alone
  ) throws -> String {
    var trainer = Trainer(
      request.model, on: request.dataset, request.options.hyperparameters, team: team, set: set,
      elapsedSeconds: { 0 })
    while !trainer.isFinished {
      try #require(trainer.runEpoch(unless: { false }) == .finished)
    }
    return sha256(trainer.model.bytes)
  }
}

/// A job and the hash of its parameters.
struct GoldenJob: CustomTestStringConvertible, Sendable {
  let name: String
  let text: String
  let hash: String

  var testDescription: String { name }

  private init(
    _ name: String, network: String = wide, dataset: String = disc, training: String,
    hash: String
  ) {
    self.name = name
    text = requestText(network: network, dataset: dataset, training: training)
    self.hash = hash
  }

  /// Operators one after another, numbered from 1.
  private static func chain(_ operators: String...) -> String {
    let entries = operators.enumerated().map { "\"\($0.offset + 1)\": \($0.element)" }
    let connections = operators.indices.map {
      "\"\($0 + 1)\": [\($0 + 1 < operators.count ? "\($0 + 2)" : "")]"
    }
    return """
      {"operators": {\(entries.joined(separator: ", "))},
       "connectivity": {\(connections.joined(separator: ", "))}}
      """
  }

  private static func linear(_ features: Int) -> String {
    #"{"type": "linear", "out_features": \#(features)}"#
  }

  private static let wide = chain(linear(19), #""tanh""#, linear(1))

  /// 101 samples, so that the last batch is a smaller one.
  private static let disc = #"{"generator": "disc", "train": 101, "validation": 33, "seed": 7}"#
  private static let line = #"{"generator": "line", "train": 101, "seed": 7}"#

  private static func optimizer(_ optimizer: String) -> String {
    #"{"epochs": 12, "batch_size": 10, "seed": 3, "optimizer": \#(optimizer)}"#
  }

  static let large = GoldenJob(
    "large", network: chain(linear(200), #""gelu""#, linear(64), #""batch_norm""#, linear(1)),
    dataset: #"{"generator": "disc", "train": 1100, "seed": 2}"#,
    training: #"{"epochs": 3, "batch_size": 512, "seed": 3, "optimizer": "adam"}"#,
    hash: "d3644cf372736a17107a1b2a25e16b8779a79541701e263e829ec0b4eb2cd90f")

  static let all = [
    GoldenJob(
      "sgd", training: optimizer(#""sgd""#),
      hash: "b1c89b8ddc4f9d7ff12cf3638bce8bac24dfddbf28348d61fea0d4ea764a5f3e"),
    GoldenJob(
      "sgd with momentum", dataset: line,
      training: optimizer(
        #"{"type": "sgd", "learning_rate": 0.02, "momentum": 0.9, "nesterov": true}"#),
      hash: "75a8f61cba0d9465d74fc273325f6fa6fa6c31319d678c6082556426d7ef3bfe"),
    GoldenJob(
      "adam", training: optimizer(#"{"type": "adam", "learning_rate": 0.01}"#),
      hash: "86ad333482b311a4c8fdfd5053114fa652f43b071325f7eb71fdbcb150fec536"),
    GoldenJob(
      "adamw", dataset: line, training: optimizer(#""adamw""#),
      hash: "36c222523aaddf6fc41fdde7c100c50e7a04f019d7a8eabd63687688da63edae"),
    GoldenJob(
      "rmsprop", training: optimizer(#"{"type": "rmsprop", "momentum": 0.5}"#),
      hash: "38f96efc0babda93cd4bd3dbd5245c3d94236c3221beb3e09e5323ab5154e179"),
    GoldenJob(
      "adagrad", training: optimizer(#""adagrad""#),
      hash: "ff877237e19df759cce4eb49cae92992cf47ea48819d7a1e93706147e5a31ee5"),
    GoldenJob(
      "dropout",
      network: chain(
        linear(33), #""relu""#, #"{"type": "dropout", "rate": 0.25}"#, linear(17), #""silu""#,
        #""dropout""#, linear(1)),
      training: #"{"epochs": 9, "batch_size": 16, "loss": "bce_with_logits", "seed": 9}"#,
      hash: "b6ce667377bba98c92ece2db59f24ff360db9610542f3b9949ef5fdf9e1e3409"),
    GoldenJob(
      "batch norm, standardized",
      network: chain(
        #""standardize""#, linear(21), #""batch_norm""#, #""elu""#, linear(1), #""sigmoid""#),
      dataset: line, training: #"{"epochs": 9, "batch_size": 13, "loss": "bce", "seed": 9}"#,
      hash: "2b4dcc8bdf1fd1aebabef09ce7d4cae2b7a43e97a217321fc418787d6ca94850"),
    GoldenJob(
      "layer norm",
      network: chain(
        linear(23), #""layer_norm""#, #""gelu""#, linear(7), #""softplus""#, linear(1)),
      training: #"{"epochs": 9, "batch_size": 7, "loss": "huber", "seed": 1}"#,
      hash: "86789ca69a0acd2eadc9afc63cadc9d13a04ff732111ba2526f2f33eedfab7da"),
    GoldenJob(
      "shared parameters",
      network: chain(
        linear(5), #""leaky_relu""#, linear(5), #""tanh""#, #"{"type": "linear", "shares": "3"}"#,
        #""sigmoid""#, linear(1)),
      training: #"{"epochs": 9, "batch_size": 9, "loss": "mae", "l1": 1e-4, "l2": 1e-3}"#,
      hash: "8e7eeeb19d8a15ff7b7b5c8fb447caaf47ad52252451b74ff3a2fb536ac22e59"),
    GoldenJob(
      "several outputs, weights of samples, classes and losses",
      network: """
        {"operators": {
           "a": {"type": "linear", "out_features": 6}, "b": "tanh", "c": "relu",
           "d": {"type": "multiply"}, "e": {"type": "subtract", "inputs": ["b", "c"]},
           "f": {"type": "concat", "inputs": ["d", "e", "b"]},
           "g": {"type": "linear", "out_features": 3},
           "h": {"type": "linear", "out_features": 1, "bias": false}},
         "connectivity": {"a": ["b", "c"], "b": ["d", "e", "f"], "c": ["d", "e"], "d": ["f"],
                          "e": ["f"], "f": ["g", "h"], "g": [], "h": []}}
        """,
      dataset: """
        {"train": {"inputs": [[0.5, -1], [1, 2], [-0.25, 0.75], [3, 1], [-2, 0.125]],
                   "targets": {"g": [[0], [2], [1], [2], [0]],
                               "h": [[0.5], [-1], [0.25], [2], [1]]},
                   "weights": [1, 0.5, 2, 3, 1]}}
        """,
      training: """
        {"epochs": 30, "batch_size": 2,
         "losses": {"g": {"type": "cross_entropy", "class_weights": [1, 2, 0.5], "weight": 0.75},
                    "h": "mse"}}
        """,
      hash: "0feb6e7e0c9b4ee0bd7898c7a05a2d91e7df73c13eb3bbab07fbfdd7b1358874"),
    GoldenJob(
      "cosine with warm-up, clipped by norm",
      training: """
        {"epochs": 20, "batch_size": 25, "gradient_clipping": {"norm": 0.05},
         "optimizer": {"type": "sgd", "learning_rate": 0.5},
         "schedule": {"type": "cosine", "minimum": 0.01, "warmup_epochs": 3}}
        """,
      hash: "000f0ab62f8345f8a3f770234e1904c502b2cb992094be1cf93a00137dee1788"),
    GoldenJob(
      "reduced on a plateau, clipped by value, stopped early",
      training: """
        {"epochs": 200, "batch_size": 25, "gradient_clipping": {"value": 0.01},
         "optimizer": {"type": "rmsprop", "learning_rate": 0.05},
         "schedule": {"type": "reduce_on_plateau", "patience": 2, "factor": 0.5},
         "early_stopping": {"patience": 8, "minimum_change": 1e-5}}
        """,
      hash: "55c344f0ecc1c1930c47e7bf91254898271578c0788602fbc127220c149054da"),
    large,
  ]
}
