import Foundation
import NeuralNetwork
import Testing

@Suite("Trained models over HTTP", .fewAtOnce)
struct ModelRoutesTests {
  @Test("predictions on a split come in pages, with targets and each row's loss")
  func predictionsOfSplit() async throws {
    try await withServer { server in
      let client = server.client
      let id = try #require(try await client.train(SampleJobs.inline)["id"]?.text)
      let path = "/jobs/\(id)/predictions"
      #expect(
        try await client.get(path).json().written
          == #"{"object":"predictions","split":"train","offset":0,"rows":4,"total":4,"#
          + #""has_more":false,"outputs":[[0.0],[1.0],[1.0],[0.0]],"labels":[0,1,1,0],"#
          + #""targets":[[0.0],[1.0],[0.0],[1.0]],"losses":[0.0,0.0,1.0,1.0]}"#)
      let page = try await client.get("\(path)?split=train&offset=1&limit=2").json()
      #expect(page["offset"]?.integer == 1)
      #expect(page["rows"]?.integer == 2)
      #expect(page["has_more"] == .bool(true))
      #expect(page["targets"]?.written == "[[1.0],[0.0]]")
      #expect(page["losses"]?.written == "[0.0,1.0]")
      let last = try await client.get("\(path)?split=train&offset=3&limit=2").json()
      #expect(last["rows"]?.integer == 1)
      #expect(last["has_more"] == .bool(false))
      let beyond = try await client.get("\(path)?offset=9223372036854775807").json()
      #expect(beyond["rows"]?.integer == 0)
      #expect(beyond["outputs"]?.entries == [])
      let validation = try await client.get("\(path)?split=validation").json()
      #expect(validation["total"]?.integer == 1)
      let missing = try await client.get("\(path)?split=test")
      #expect(
        try missing.expectProblem(422, "split_not_found")["detail"]?.text
          == "The data set has no samples in test, only in train and validation")
      let disc = try #require(try await client.train(SampleJobs.disc())["id"]?.text)
      let byDefault = try await client.get("/jobs/\(disc)/predictions").json()
      #expect(byDefault["split"]?.text == "test")
      #expect(byDefault["total"]?.integer == 20)
    }
  }

  @Test("predictions on samples of the client's own, with metrics if there are targets")
  func predictionsOfSamples() async throws {
    try await withServer { server in
      let client = server.client
      let id = try #require(try await client.train(SampleJobs.inline)["id"]?.text)
      let path = "/jobs/\(id)/predictions"
      let alone = try await client.post(path, #"{"inputs": [[0.25, 9], [7, 9]]}"#)
      #expect(alone.status == 200)
      #expect(alone.text == #"{"object":"predictions","outputs":[[0.25],[7.0]],"labels":[0,1]}"#)
      let judged = try await client.post(
        path, #"{"inputs": {"x": [[1, 0], [0, 0]]}, "targets": {"1": [[1], [1]]}}"#
      ).json()
      #expect(judged["metrics"]?["loss"]?.double == 0.5)
      #expect(judged["metrics"]?["confusion_matrix"]?.written == "[[0,0],[1,1]]")

      let wrong = try await client.post(path, #"{"inputs": [[1, 2, 3]], "labels": [1]}"#)
      let problem = try wrong.expectProblem(422, "invalid_request")
      #expect(problem["errors"]?.entries.map { $0["code"]?.text } == ["unknown_member"])
      let narrow = try await client.post(path, #"{"inputs": [[1]], "targets": [[1, 2]]}"#)
      let faults = try narrow.expectProblem(422, "invalid_request")["errors"]?.entries ?? []
      #expect(faults.map { $0["pointer"]?.text } == ["#/inputs", "#/targets"])
    }
  }

  @Test("a running job predicts with its newest parameters, a queued one has none")
  func predictionsOfRunningJob() async throws {
    try await withServer(workers: 1) { server in
      let client = server.client
      let running = try await client.submit(SampleJobs.endless)
      let queued = try await client.submit(SampleJobs.disc())
      try await client.trained(running)
      let inputs = #"{"inputs": [[0.1, 0.1], [0.9, 0.9]]}"#
      let live = try await client.post("/jobs/\(running)/predictions", inputs)
      #expect(live.status == 200)
      #expect(try live.json()["outputs"]?.entries.count == 2)
      let split = try await client.get("/jobs/\(running)/predictions?limit=3").json()
      #expect(split["rows"]?.integer == 3)
      #expect(try await client.get("/jobs/\(running)/figure.svg").status == 200)
      #expect(try await client.get("/jobs/\(running)/model").status == 200)
      let none = try await client.post("/jobs/\(queued)/predictions", inputs)
      let detail = try none.expectProblem(409, "no_model")["detail"]?.text
      #expect(detail?.contains("wait until it runs, or send Prefer: wait=60 to GET /jobs/") == true)
      for path in ["predictions", "figure.svg", "model"] {
        try await client.get("/jobs/\(queued)/\(path)").expectProblem(409, "no_model")
      }
    }
  }

  @Test("the model of a running job comes as a whole, since its parts would not fit together")
  func runningModel() async throws {
    try await withServer { server in
      let client = server.client
      let ended = try #require(try await client.train(SampleJobs.inline)["id"]?.text)
      let running = try await client.submit(SampleJobs.endless)
      try await client.trained(running)
      for (id, status) in [(ended, 206), (running, 200)] {
        let part = try await client.request(
          "GET", "/jobs/\(id)/model", headers: [HTTPHeader("Range", "bytes=0-9")])
        #expect(part.status == status)
        #expect((part["ETag"] != nil) == (status == 206))
      }
    }
  }

  @Test("a model can be posted again as it is, and training goes on from its parameters")
  func warmStart() async throws {
    try await withServer { server in
      let client = server.client
      let job = try await client.train(SampleJobs.figureOne)
      let id = try #require(job["id"]?.text)
      let response = try await client.get("/jobs/\(id)/model")
      #expect(response["Content-Type"] == "application/json")
      let model = try response.json()
      #expect(model["object"]?.text == "model")
      #expect(model["job_id"]?.text == id)
      #expect(model["weights_sha256"] == job["result"]?["weights_sha256"])
      let network = try #require(model["network"]?.written)
      func body(rate: Double) -> String {
        """
        {"network": \(network),
         "dataset": {"train": {"inputs": {"x1": [[0, 1]], "x2": [[1]]}, "targets": [[0.7]]}},
         "training": {"epochs": 1, "task": "regression",
                      "optimizer": {"type": "sgd", "learning_rate": \(rate)}}}
        """
      }
      let same = try await client.train(body(rate: 0))
      #expect(same["result"]?["weights_sha256"] == model["weights_sha256"])
      let other = try await client.train(body(rate: 0.1))
      #expect(other["result"]?["weights_sha256"] != model["weights_sha256"])
    }
  }

  @Test("the figure is an SVG with a panel for each split, or a reason why there is none")
  func figure() async throws {
    try await withServer { server in
      let client = server.client
      let id = try #require(try await client.train(SampleJobs.disc(name: "a < b"))["id"]?.text)
      let both = try await client.get("/jobs/\(id)/figure.svg")
      #expect(both.status == 200)
      #expect(both["Content-Type"] == "image/svg+xml")
      #expect(both.text.contains("<title>a &lt; b</title>"))
      #expect(both.text.contains("train: 40 points"))
      #expect(both.text.contains("test: 20 points"))
      let test = try await client.get("/jobs/\(id)/figure.svg?split=test")
      #expect(!test.text.contains("train: 40 points"))
      try await client.get("/jobs/\(id)/figure.svg?split=validation")
        .expectProblem(422, "split_not_found")
      try await client.get("/jobs/\(id)/figure.svg?split=all").expectProblem(422, "invalid_query")
      let regression = try #require(try await client.train(SampleJobs.figureOne)["id"]?.text)
      let refused = try await client.get("/jobs/\(regression)/figure.svg")
      try refused.expectProblem(422, "figure_not_possible")
    }
  }

  @Test("a network can be checked without training it")
  func validate() async throws {
    try await withServer { server in
      let response = try await server.client.post("/networks/validate", SampleJobs.figureOne)
      #expect(response.status == 200)
      let report = try response.json()
      #expect(report["valid"] == .bool(true))
      #expect(report["errors"]?.entries == [])
      #expect(report["order"]?.written == #"["1","2","3","4","5"]"#)
      #expect(report["operators"]?["4"]?.written == #"{"inputs":[3,3],"output":3,"parameters":0}"#)
      #expect(report["totals"]?.written == #"{"operators":5,"parameters":19}"#)
      #expect(report["estimate"]?["flops_per_sample"]?.integer == 72)
      #expect((report["estimate"]?["seconds"]?.double ?? 0) > 0)
      let empty = try await server.client.post("/networks/validate", "{}")
      #expect(empty.status == 200)
      #expect(try empty.json()["valid"] == .bool(false))
      try await server.client.post("/networks/validate", "{").expectProblem(400, "invalid_json")
      #expect(try await server.client.get("/jobs").json()["data"]?.entries == [])
    }
  }

  @Test("probes answer, and the contract is served in both forms")
  func probesAndContract() async throws {
    try await withServer { server in
      let client = server.client
      #expect(try await client.get("/livez").text == #"{"status":"live"}"#)
      #expect(try await client.get("/readyz").text == #"{"status":"ready"}"#)
      let yaml = try await client.get("/openapi.yaml")
      #expect(yaml.status == 200)
      #expect(yaml["Content-Type"] == "application/yaml")
      #expect(yaml.text.hasPrefix("openapi: "))
      let json = try await client.get("/openapi.json")
      #expect(json["Content-Type"] == "application/json")
      #expect(try json.json()["openapi"]?.text?.hasPrefix("3.1") == true)
      let head = try await client.request("HEAD", "/openapi.yaml")
      #expect(head.status == 200)
      #expect(head["Content-Length"] == "\(yaml.body.count)")
      #expect(head.body == [])
      let options = try await client.request("OPTIONS", "/jobs")
      #expect(options.status == 204)
      #expect(options["Allow"] == "GET, HEAD, POST, OPTIONS")
    }
  }
}
