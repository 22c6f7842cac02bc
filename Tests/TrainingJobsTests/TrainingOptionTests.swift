import NeuralNetwork
import TestSupport
import Testing
import Training
import TrainingJobs

@Suite("Options of a training")
struct TrainingOptionTests {
  /// Every option of every kind, none at its default.
  private static let choices = [
    #"{"loss": {"type": "mse", "weight": 0.25}}"#,
    #"{"loss": "mae"}"#,
    #"{"loss": {"type": "huber", "delta": 0.3, "weight": 1e-3}}"#,
    #"{"loss": {"type": "bce", "class_weights": [0.1, 3]}}"#,
    #"{"loss": {"type": "bce_with_logits", "class_weights": [0, 7.25]}}"#,
    #"{"optimizer": {"type": "sgd", "learning_rate": 0.3, "momentum": 0.7, "nesterov": true}}"#,
    #"{"optimizer": {"type": "adam", "learning_rate": 0.3, "beta1": 0.1, "beta2": 0.2, "epsilon": 1e-4}}"#,
    #"{"optimizer": {"type": "adamw", "learning_rate": 0.3, "beta1": 0.1, "beta2": 0.2, "epsilon": 1e-4, "weight_decay": 0.3}}"#,
    #"{"optimizer": {"type": "rmsprop", "learning_rate": 0.3, "alpha": 0.1, "epsilon": 1e-4, "momentum": 0.3}}"#,
    #"{"optimizer": {"type": "adagrad", "learning_rate": 0.3, "epsilon": 1e-4}}"#,
    #"{"l1": 0.1, "l2": 1e-5}"#,
    #"{"gradient_clipping": {"norm": 0.1}}"#,
    #"{"gradient_clipping": {"value": 3}}"#,
    #"{"schedule": {"type": "constant", "warmup_epochs": 3}}"#,
    #"{"schedule": {"type": "step", "step_size": 3, "gamma": 0.3, "warmup_epochs": 2}}"#,
    #"{"schedule": {"type": "exponential", "gamma": 0.9}}"#,
    #"{"epochs": 30, "schedule": {"type": "cosine", "warmup_epochs": 4}}"#,
    #"{"schedule": {"type": "cosine", "minimum": 0.1, "period": 7}}"#,
    #"{"schedule": {"type": "reduce_on_plateau", "factor": 0.3, "patience": 2, "threshold": 0.1, "minimum": 1e-6}}"#,
    #"{"early_stopping": {}}"#,
    #"{"early_stopping": {"monitor": "train", "patience": 3, "minimum_change": 0.01}}"#,
    #"{"epochs": 7, "batch_size": 3, "seed": 9223372036854775807, "shuffle": false}"#,
  ]

  /// All that the hyperparameters hold, private members too.
  private func contents(_ hyperparameters: Hyperparameters, _ graph: Graph) -> String {
    var text = ""
    let losses = hyperparameters.losses.losses(of: graph)
    dump(losses, to: &text)
    dump(
      Hyperparameters(
        epochs: hyperparameters.epochs, batchSize: hyperparameters.batchSize,
        losses: .same(losses[0]), rule: hyperparameters.rule, course: hyperparameters.course,
        earlyStopping: hyperparameters.earlyStopping, seed: hyperparameters.seed,
        shuffles: hyperparameters.shuffles), to: &text)
    return text
  }

  @Test("what a job keeps is read back as it was, every option of it", arguments: choices)
  func roundTrip(training: String) async throws {
    let request = try request(requestText(training: training))
    let job = try await KeptJob(request).job
    let stored = try StoredTraining(job)
    #expect(
      contents(stored.options.hyperparameters, stored.graph)
        == contents(request.options.hyperparameters, request.graph))
    #expect(stored.options.tasks == request.options.tasks)
  }

  @Test("the echo can be posted again and is then echoed alike", arguments: choices)
  func echoOfEcho(training: String) async throws {
    let echo = try await echo(training)
    #expect(try await self.echo(echo) == echo)
  }

  private func echo(_ training: String, dataset: String? = nil) async throws -> String {
    let request = try request(
      requestText(dataset: dataset ?? #"{"train": \#(smallSamples)}"#, training: training))
    return text(try StoredTraining.echo(try await KeptJob(request).job).training)
  }

  private static let beginning = #"{"epochs":100,"batch_size":32,"#
  private static let mse = #""loss":{"type":"mse","weight":1.0},"#
  private static let sgd =
    #""optimizer":{"type":"sgd","learning_rate":0.05,"momentum":0.0,"nesterov":false},"#
  private static let step = #""l1":0.0,"l2":0.0,"gradient_clipping":null,"#
  private static let end =
    #""seed":0,"shuffle":true,"max_seconds":null,"checkpoint_seconds":null,"task":"binary"}"#

  @Test(
    "the echo has every default, also of those that other options decide",
    arguments: [
      (
        "{}",
        beginning + mse + sgd + step
          + #""schedule":{"type":"constant","warmup_epochs":0},"early_stopping":null,"# + end
      ),
      (
        #"{"optimizer": "adamw", "loss": "huber"}"#,
        beginning + #""loss":{"type":"huber","delta":1.0,"weight":1.0},"#
          + #""optimizer":{"type":"adamw","learning_rate":0.001,"beta1":0.9,"beta2":0.999,"#
          + #""epsilon":1e-08,"weight_decay":0.01},"# + step
          + #""schedule":{"type":"constant","warmup_epochs":0},"early_stopping":null,"# + end
      ),
      (
        #"{"optimizer": "rmsprop", "schedule": {"type": "cosine", "warmup_epochs": 30}}"#,
        beginning + mse
          + #""optimizer":{"type":"rmsprop","learning_rate":0.01,"alpha":0.99,"epsilon":1e-08,"#
          + #""momentum":0.0},"# + step
          + #""schedule":{"type":"cosine","minimum":0.0,"period":70,"warmup_epochs":30},"#
          + #""early_stopping":null,"# + end
      ),
      (
        #"{"schedule": "reduce_on_plateau", "early_stopping": {}}"#,
        beginning + mse + sgd + step
          + #""schedule":{"type":"reduce_on_plateau","factor":0.1,"patience":10,"threshold":0.0001,"#
          + #""minimum":0.0,"warmup_epochs":0},"#
          + #""early_stopping":{"monitor":"train","patience":10,"minimum_change":0.0},"# + end
      ),
      (
        #"{"optimizer": "adagrad", "l2": 0.5, "gradient_clipping": {"norm": 1}}"#,
        beginning + mse
          + #""optimizer":{"type":"adagrad","learning_rate":0.01,"epsilon":1e-10},"#
          + #""l1":0.0,"l2":0.5,"gradient_clipping":{"norm":1.0},"#
          + #""schedule":{"type":"constant","warmup_epochs":0},"early_stopping":null,"# + end
      ),
    ])
  func echo(training: String, expected: String) async throws {
    #expect(try await echo(training) == expected)
  }

  @Test("early stopping looks at the validation split if there is one")
  func monitor() async throws {
    let dataset = #"{"train": \#(smallSamples), "validation": \#(smallSamples)}"#
    func monitor(_ rule: String, _ dataset: String?) async throws -> Bool {
      try await echo(#"{"early_stopping": \#(rule)}"#, dataset: dataset)
        .contains(#""monitor":"validation""#)
    }
    #expect(try await monitor("{}", dataset))
    #expect(try await !monitor("{}", nil))
    #expect(try await !monitor(#"{"monitor": "train"}"#, dataset))
    #expect(try await monitor(#"{"monitor": "validation"}"#, dataset))
  }

  private static let twoOutputs = requestText(
    network: """
      {"operators": {"a": {"type": "linear", "out_features": 1},
                     "b": {"type": "linear", "out_features": 3}},
       "connectivity": {"a": [], "b": []}}
      """,
    dataset: """
      {"train": {"inputs": [[1, 2], [3, 4]], "targets": {"a": [[0], [1]], "b": [[2], [0]]},
                 "weights": [0.5, 3]},
       "validation": {"inputs": [[1, 2]], "targets": {"a": [[0]], "b": [[1]]}, "weights": [2]},
       "test": {"inputs": [[1, 2]], "targets": {"a": [[0]], "b": [[0.5, 0.25, 0.25]]}}}
      """,
    training: """
      {"losses": {"b": {"type": "cross_entropy", "class_weights": [1, 2, 3], "weight": 0.5},
                  "a": "bce_with_logits"}}
      """)

  @Test("losses of several outputs are kept by output, whatever their order, and echoed so")
  func losses() async throws {
    let request = try request(Self.twoOutputs)
    let losses = request.options.losses(of: request.graph)
    #expect(losses.map(\.loss.type) == ["bce_with_logits", "cross_entropy"])
    #expect(losses.map(\.weight) == [1, 0.5])
    let kept = try await KeptJob(request)
    let stored = try StoredTraining(kept.job)
    #expect(
      contents(stored.options.hyperparameters, stored.graph)
        == contents(request.options.hyperparameters, request.graph))
    #expect(
      text(stored.echo.training["losses"])
        == #"{"a":{"type":"bce_with_logits","weight":1.0},"#
        + #""b":{"type":"cross_entropy","class_weights":[1.0,2.0,3.0],"weight":0.5}}"#)
    #expect(stored.echo.training["loss"] == nil)
    #expect(
      stored.options.tasks
        == [.binary(targetThreshold: 0.5, outputThreshold: 0), .multiclass])
    #expect(stored.options.tasks == request.options.tasks)
  }

  @Test("class numbers become shares, and weights of samples are kept with their split")
  func targetsAndWeights() async throws {
    let request = try request(Self.twoOutputs)
    let kept = try await KeptJob(request)
    let dataset = try StoredTraining(kept.job).dataset(kept.blob(StoredTraining.datasetRole))
    for split in SplitName.allCases {
      #expect(dataset[split: split]?.targets == request.dataset[split: split]?.targets)
      #expect(dataset[split: split]?.weights == request.dataset[split: split]?.weights)
    }
    #expect(dataset.train.targets[1].elements == [0, 0, 1, 1, 0, 0])
    #expect(dataset.train.weights == Tensor(shape: [2, 1], elements: [0.5, 3]))
    #expect(dataset.validation?.targets[1].elements == [0, 1, 0])
    #expect(dataset.validation?.weights?.elements == [2])
    #expect(dataset.test?.targets[1].elements == [0.5, 0.25, 0.25])
    #expect(dataset.test?.weights == nil)
  }

  @Test("class numbers train to the bits of the one-hot rows that they stand for")
  func classNumbers() throws {
    func bytes(_ targets: String) throws -> [UInt8] {
      let request = try request(
        requestText(
          network: """
            {"operators": {"1": {"type": "linear", "out_features": 3}}, "connectivity": {"1": []}}
            """,
          dataset: """
            {"train": {"inputs": [[1, 2], [3, 4], [-1, 0], [0.5, 0]], "targets": \(targets)}}
            """,
          training: #"{"epochs": 5, "batch_size": 3, "loss": "cross_entropy"}"#))
      var trainer = Trainer(
        request.model, on: request.dataset, request.options.hyperparameters,
        elapsedSeconds: { 0 })
      while !trainer.isFinished { _ = trainer.runEpoch(unless: { false }) }
      return trainer.model.bytes
    }
    #expect(
      try bytes("[[2], [0], [1], [2]]")
        == bytes("[[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]"))
  }

  @Test("targets to predict may be class numbers too, and are held to the loss")
  func predictions() throws {
    let request = try request(Self.twoOutputs)
    func reading(_ targets: String) throws -> PredictionReading {
      PredictionReading(
        try json(
          #"{"inputs": [[1, 2]], "targets": \#(targets)}"#, TensorPlaces.ofPredictionRequest),
        graph: request.graph, losses: request.options.losses(of: request.graph))
    }
    let samples = try reading(#"{"a": [[1]], "b": [[2]]}"#).samples
    #expect(samples?.targets.map(\.elements) == [[1], [0, 0, 1]])
    #expect(
      try reading(#"{"a": [[7]], "b": [[3]]}"#).issues == [
        issue(
          "#/targets/a/0", "invalid_target",
          "the target 7.0 in row 0, column 0 is not from 0 to 1, as loss bce_with_logits of output a "
            + "needs it; scale the targets or take another loss, such as mse"),
        issue(
          "#/targets/b/0", "invalid_target",
          "the target 3.0 in row 0 is no class: output b has the classes 0 to 2"),
      ])
  }
}
