import Foundation
import NeuralNetwork
import Testing

/// A job for each group of options, trained by the program and asked for predictions.
@Suite("Options of a training over HTTP", .fewAtOnce)
struct TrainingOptionsTests {
  private func train(
    _ server: RunningServer, network: String, dataset: String, training: String
  ) async throws -> (id: String, job: JSONValue) {
    let job = try await server.client.train(
      """
      {"network": \(network), "dataset": \(dataset), "training": \(training)}
      """)
    #expect(job["status"]?.text == "succeeded", "\(job.written)")
    return (try #require(job["id"]?.text), job)
  }

  private func predict(
    _ server: RunningServer, _ id: String, _ body: String
  ) async throws -> JSONValue {
    let response = try await server.client.post("/jobs/\(id)/predictions", body)
    #expect(response.status == 200, "\(response.text)")
    return try response.json()
  }

  private static func one(_ type: String, _ others: String = "") -> String {
    #"{"operators": {"1": {"type": "\#(type)"\#(others)}}, "connectivity": {"1": []}}"#
  }

  @Test("two outputs with a loss each: classes by number and logits, weighted")
  func losses() async throws {
    try await withServer { server in
      // The class is the place of the 1, the mark whether it is the first.
      let (id, job) = try await train(
        server,
        network: """
          {"operators": {"in": {"type": "linear", "out_features": 16}, "act": "silu",
                         "class": {"type": "linear", "out_features": 3},
                         "mark": {"type": "linear", "out_features": 1}},
           "connectivity": {"in": ["act"], "act": ["class", "mark"], "class": [], "mark": []}}
          """,
        dataset: """
          {"train": {"inputs": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
                     "targets": {"class": [[0], [1], [2]], "mark": [[1], [0], [0]]}}}
          """,
        training: """
          {"epochs": 300, "batch_size": 3, "optimizer": {"type": "adam", "learning_rate": 0.02},
           "losses": {"class": {"type": "cross_entropy", "class_weights": [1, 2, 1]},
                      "mark": {"type": "bce_with_logits", "weight": 0.5}}}
          """)
      #expect(job["training"]?["task"]?.written == #"{"class":"multiclass","mark":"binary"}"#)
      #expect(
        job["training"]?["losses"]?.written
          == #"{"class":{"type":"cross_entropy","class_weights":[1.0,2.0,1.0],"weight":1.0},"#
          + #""mark":{"type":"bce_with_logits","weight":0.5}}"#)
      for output in ["class", "mark"] {
        #expect(job["metrics"]?["train"]?["outputs"]?[output]?["error_rate"]?.double == 0)
      }
      let answer = try await predict(
        server, id,
        """
        {"inputs": [[0, 0, 1], [1, 0, 0]], "targets": {"class": [[2], [0]], "mark": [[0], [1]]}}
        """)
      #expect(answer["labels"]?.written == #"{"class":[2,0],"mark":[0,1]}"#)
      #expect((answer["metrics"]?["loss"]?.double ?? 1) < 0.1)
      let wrong = try await server.client.post(
        "/jobs/\(id)/predictions",
        #"{"inputs": [[0, 0, 1]], "targets": {"class": [[3]], "mark": [[0]]}}"#)
      let problem = try wrong.expectProblem(422, "invalid_request")
      #expect(problem["errors"]?.entries.map { $0["code"]?.text } == ["invalid_target"])
    }
  }

  @Test("samples of weight 0 are not learned from")
  func weights() async throws {
    try await withServer { server in
      let (id, job) = try await train(
        server, network: Self.one("linear", #", "out_features": 1"#),
        dataset: """
          {"train": {"inputs": [[0], [1], [2], [3]], "targets": [[1], [3], [-50], [7]],
                     "weights": [1, 2, 0, 0.5]},
           "validation": {"inputs": [[2], [5]], "targets": [[5], [99]], "weights": [1, 0]}}
          """,
        training: """
          {"epochs": 800, "batch_size": 4, "task": "regression",
           "optimizer": {"type": "sgd", "learning_rate": 0.1, "momentum": 0.5}}
          """)
      #expect((job["metrics"]?["train"]?["loss"]?.double ?? 1) < 1e-6)
      #expect((job["metrics"]?["validation"]?["loss"]?.double ?? 1) < 1e-6)
      // The line through the others is 1 + 2 x.
      let answer = try await predict(server, id, #"{"inputs": [[2]]}"#)
      let output = try #require(answer["outputs"]?.entries.first?.entries.first?.double)
      #expect(abs(output - 5) < 0.01)
    }
  }

  @Test("a schedule's rates stand in the history, warm-up first")
  func schedules() async throws {
    try await withServer { server in
      let (id, job) = try await train(
        server, network: Self.one("linear", #", "out_features": 1"#),
        dataset: #"{"generator": "line", "train": 20}"#,
        training: """
          {"epochs": 6, "optimizer": {"type": "sgd", "learning_rate": 0.5},
           "gradient_clipping": {"norm": 1}, "l2": 0.001,
           "schedule": {"type": "step", "step_size": 2, "gamma": 0.5, "warmup_epochs": 2}}
          """)
      #expect(job["training"]?["gradient_clipping"]?.written == #"{"norm":1.0}"#)
      let history = try await server.client.get("/jobs/\(id)/metrics").json()
      #expect(history["learning_rate"]?.written == "[0.25,0.5,0.5,0.5,0.25,0.25]")
      let answer = try await predict(server, id, #"{"inputs": [[-9, 0], [9, 0]]}"#)
      #expect(answer["labels"]?.written == "[1,0]")
    }
  }

  @Test("early stopping ends the job early, with the best epoch's predictions")
  func earlyStopping() async throws {
    try await withServer { server in
      // From 0 towards 4, half of the way in each epoch, judged by 3: the second is the best.
      let (id, job) = try await train(
        server,
        network: Self.one("linear", #", "weight": [[0]], "bias": false"#),
        dataset: """
          {"train": {"inputs": [[1]], "targets": [[4]]},
           "validation": {"inputs": [[1]], "targets": [[3]]}}
          """,
        training: """
          {"epochs": 1000, "optimizer": {"type": "sgd", "learning_rate": 0.25},
           "early_stopping": {"patience": 4}}
          """)
      #expect(job["result"]?["epochs"]?.integer == 6)
      #expect(job["result"]?["best_epoch"]?.integer == 2)
      #expect(job["progress"]?["fraction"]?.double == 1)
      #expect(job["progress"]?["epoch"]?.integer == 6)
      #expect(job["training"]?["early_stopping"]?["monitor"]?.text == "validation")
      let answer = try await predict(server, id, #"{"inputs": [[1], [2]]}"#)
      #expect(answer["outputs"]?.written == "[[3.0],[6.0]]")
      let history = try await server.client.get("/jobs/\(id)/metrics").json()
      #expect(history["epoch"]?.written == "[1,2,3,4,5,6]")
    }
  }

  @Test("dropout and batch_norm predict the same twice, whatever the batch")
  func modes() async throws {
    try await withServer { server in
      let (id, job) = try await train(
        server,
        network: """
          {"operators": {"1": {"type": "linear", "out_features": 32}, "2": "batch_norm",
                         "3": "relu", "4": {"type": "dropout", "rate": 0.2},
                         "5": {"type": "linear", "out_features": 1}},
           "connectivity": {"1": [2], "2": [3], "3": [4], "4": [5], "5": []}}
          """,
        dataset: #"{"generator": "disc", "train": 400, "test": 100, "seed": 4}"#,
        training: """
          {"epochs": 80, "batch_size": 20, "loss": "bce_with_logits",
           "optimizer": {"type": "adamw", "learning_rate": 0.01}}
          """)
      #expect((job["metrics"]?["test"]?["error_rate"]?.double ?? 1) < 0.15)
      let together = try await predict(server, id, #"{"inputs": [[0.1, 0.1], [0.9, 0.9]]}"#)
      let alone = try await predict(server, id, #"{"inputs": [[0.1, 0.1]]}"#)
      #expect(together["labels"]?.written == "[0,1]")
      #expect(alone["outputs"]?.entries.first == together["outputs"]?.entries.first)
      let model = try await server.client.get("/jobs/\(id)/model").json()
      let norm = model["network"]?["operators"]?["2"]
      for parameter in ["weight", "bias", "running_mean", "running_variance"] {
        #expect(norm?[parameter]?.entries.count == 32, "\(parameter)")
      }
    }
  }

  @Test("shared parameters are one, stored at their owner, also when the model is posted again")
  func shares() async throws {
    try await withServer { server in
      let network = """
        {"operators": {"left": {"type": "linear", "out_features": 1},
                       "right": {"type": "linear", "shares": "left"},
                       "difference": {"type": "subtract", "inputs": ["left", "right"]}},
         "connectivity": {"left": ["difference"], "right": ["difference"], "difference": []},
         "inputs": {"a": ["left"], "b": ["right"]}}
        """
      let (id, job) = try await train(
        server, network: network,
        dataset: """
          {"train": {"inputs": {"a": [[1, 0], [0, 1], [1, 1]], "b": [[0, 1], [0, 0], [0, 0]]},
                     "targets": [[1], [1], [3]]}}
          """,
        training: """
          {"epochs": 400, "batch_size": 3, "optimizer": {"type": "sgd", "learning_rate": 0.2}}
          """)
      #expect(job["network"]?["parameters"]?.integer == 3)
      // f(a) - f(b) with f = 2 x0 + x1: equal inputs cancel to the bit.
      let body = #"{"inputs": {"a": [[3, 4], [1, 0]], "b": [[3, 4], [0, 0]]}}"#
      let answer = try await predict(server, id, body)
      #expect(answer["outputs"]?.entries.first?.written == "[0.0]")
      let second = try #require(answer["outputs"]?.entries.last?.entries.first?.double)
      #expect(abs(second - 2) < 0.01)
      let model = try await server.client.get("/jobs/\(id)/model").json()
      #expect(model["network"]?["operators"]?["right"]?["weight"] == nil)
      let (again, _) = try await train(
        server, network: try #require(model["network"]?.written),
        dataset: #"{"train": {"inputs": {"a": [[0, 0]], "b": [[0, 0]]}, "targets": [[0]]}}"#,
        training: #"{"epochs": 1, "optimizer": {"type": "sgd", "learning_rate": 0}}"#)
      #expect(try await predict(server, again, body)["outputs"] == answer["outputs"])
    }
  }

  @Test("standardize is fitted on the training split and kept with the model")
  func standardize() async throws {
    try await withServer { server in
      let (id, _) = try await train(
        server, network: Self.one("standardize"),
        dataset: """
          {"train": {"inputs": [[1, 7], [3, 7], [5, 7], [7, 7]],
                     "targets": [[0, 0], [0, 0], [0, 0], [0, 0]]},
           "test": {"inputs": [[100, 100]], "targets": [[0, 0]]}}
          """,
        training: #"{"epochs": 1, "task": "regression"}"#)
      // Mean 4, deviation sqrt(5); a feature that does not vary is only moved.
      let answer = try await predict(server, id, #"{"inputs": [[4, 7], [9, 8]]}"#)
      #expect(answer["outputs"]?.entries.first?.written == "[0.0,0.0]")
      let last = answer["outputs"]?.entries.last?.entries.compactMap(\.double) ?? []
      #expect(last.count == 2)
      #expect(abs((last.first ?? 0) - 5.0.squareRoot()) < 1e-6)
      #expect(last.last == 1)
      let model = try await server.client.get("/jobs/\(id)/model").json()
      #expect(model["network"]?["operators"]?["1"]?["mean"]?.written == "[4.0,7.0]")
    }
  }
}
