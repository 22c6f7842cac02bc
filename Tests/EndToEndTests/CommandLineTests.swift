import Foundation
import Interchange
import NeuralNetwork
import Testing

@Suite("The program at the command line", .fewAtOnce)
struct CommandLineTests {
  // MARK: train

  @Test("train says how it goes on standard error and nothing on standard output")
  func train() async throws {
    try await withTemporaryFolder { folder in
      let job = try folder.file("job.json", SampleJobs.disc(epochs: 20))
      let run = try await Program.run(["train", job])
      #expect(run.code == 0)
      #expect(run.output == "")
      let lines = run.errors.split(separator: "\n")
      let progress = try #require(lines.first { $0.hasPrefix("epoch ") })
      let form = /epoch \d+\/20  loss [0-9.e-]+  \d+ samples\/s  ETA \d+\.\d s/
      #expect(
        lines.filter { $0.hasPrefix("epoch ") }.allSatisfy { $0.wholeMatch(of: form) != nil },
        "\(progress)")
      #expect(lines.contains { $0.hasPrefix("epoch 20/20  ") })
      #expect(lines.contains { $0.hasPrefix("train      loss ") && $0.contains("error_rate ") })
      #expect(lines.contains { $0.hasPrefix("test       loss ") })
    }
  }

  @Test(
    "train --json prints the finished job, from a file or standard input, as the server trains it")
  func trainJSON() async throws {
    try await withTemporaryFolder { folder in
      let path = try folder.file("job.json", SampleJobs.disc())
      let byFile = try await Program.run(["train", "--json", path])
      #expect(byFile.code == 0)
      #expect(byFile.output.hasSuffix("}\n"))
      let job = try JSONReader.read(Array(byFile.output.utf8))
      #expect(job["object"]?.text == "training.job")
      #expect(job["status"]?.text == "succeeded")
      let byInput = try await Program.run(["train", "-", "--json"], input: SampleJobs.disc())
      #expect(byInput.code == 0)
      let other = try JSONReader.read(Array(byInput.output.utf8))
      #expect(other["result"] == job["result"])
      let served = try await withServer { try await $0.client.train(SampleJobs.disc()) }
      #expect(served["result"] == job["result"])
      #expect(served["metrics"] == job["metrics"])
      #expect(served["network"] == job["network"])
      #expect(served["dataset"] == job["dataset"])
      #expect(served["training"] == job["training"])
      #expect(served.members.map(\.name) == job.members.map(\.name))
    }
  }

  @Test("train --model and --figure write files, or to standard output")
  func trainFiles() async throws {
    try await withTemporaryFolder { folder in
      let (model, figure) = (folder.path("m.json"), folder.path("f.svg"))
      let run = try await Program.run(
        ["train", "-", "--model", model, "--figure", figure], input: SampleJobs.disc(name: "disc"))
      #expect(run.code == 0)
      #expect(run.output == "")
      let document = try JSONReader.read(Array(try Program.read(model).utf8))
      #expect(document["object"]?.text == "model")
      #expect(document["job_id"] == .null)
      #expect(try Program.read(figure).contains("<title>disc</title>"))
      let network = try #require(document["network"]?.written)
      let again = try await Program.run(
        ["train", "-", "--json"],
        input: """
          {"network": \(network), "dataset": {"generator": "disc", "train": 4},
           "training": {"epochs": 1, "optimizer": {"type": "sgd", "learning_rate": 0}}}
          """)
      let job = try JSONReader.read(Array(again.output.utf8))
      #expect(job["result"]?["weights_sha256"] == document["weights_sha256"])
      let piped = try await Program.run(
        ["train", "-", "--figure", "-"], input: SampleJobs.disc())
      #expect(piped.output.hasPrefix("<?xml"))
    }
  }

  @Test(
    "a signal stops a training, keeps what it has learned, and leaves nothing behind",
    arguments: [SIGINT, SIGTERM])
  func trainingStopped(signal: Int32) async throws {
    try await withTemporaryFolder { folder in
      let job = try folder.file("job.json", SampleJobs.endless)
      let temporary = folder.path("temporary")
      try FileManager.default.createDirectory(
        atPath: temporary, withIntermediateDirectories: false)
      let process = try Program.process(
        ["train", job, "--json", "--model", folder.path("model.json")], ["TMPDIR": temporary])
      let errors = Pipe()
      process.standardError = errors
      process.standardOutput = try Program.file(folder.path("out"))
      let ending = ProcessEnding(of: process)
      try process.run()
      let line = await firstLine(of: errors)
      #expect(line?.hasPrefix("epoch ") == true)
      kill(process.processIdentifier, signal)
      #expect(await ending.code == 1)
      let printed = try JSONReader.read(Array(try Program.read(folder.path("out")).utf8))
      #expect(printed["status"]?.text == "cancelled")
      let model = try JSONReader.read(Array(try Program.read(folder.path("model.json")).utf8))
      #expect(model["weights_sha256"] == printed["result"]?["weights_sha256"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
    }
  }

  @Test("a training that fails is 1, and its reason stands on standard error")
  func trainingFails() async throws {
    let body = SampleJobs.disc(epochs: 100).replacing(
      "\"batch_size\"",
      with: "\"optimizer\": {\"type\": \"sgd\", \"learning_rate\": 1000}, \"batch_size\"")
    let run = try await Program.run(["train", "-", "--json"], input: body)
    #expect(run.code == 1)
    #expect(run.errors.contains("[diverged]"))
    let job = try JSONReader.read(Array(run.output.utf8))
    #expect(job["status"]?.text == "failed")
  }

  @Test("a wrong request is 65, each fault with its place on a line")
  func invalidRequest() async throws {
    try await withTemporaryFolder { folder in
      let path = try folder.file("job.json", SampleJobs.fourFaults)
      let run = try await Program.run(["train", path])
      #expect(run.code == 65)
      #expect(run.output == "")
      let lines = run.errors.split(separator: "\n").map(String.init)
      #expect(lines.count == 4)
      #expect(
        lines.last
          == "\(path)#/network/operators/3/in_features: operator 3 (linear) expects 16 features "
          + "but operator 2 (relu) gives 25 [shape_mismatch]")
      let broken = try await Program.run(["train", "-"], input: "{")
      #expect(broken.code == 65)
      #expect(
        broken.errors
          == "descent: -: expected a member name in quotes or '}' but found the end of the "
          + "document, at byte 1 in #\n")
    }
  }

  @Test("a file that is not there is 66, a result that cannot be written 73")
  func files() async throws {
    try await withTemporaryFolder { folder in
      for command in ["train", "validate"] {
        let run = try await Program.run([command, folder.path("none.json")])
        #expect(run.code == 66)
        #expect(run.errors.hasPrefix("descent: cannot read \(folder.path("none.json")): "))
      }
      for option in ["--model", "--figure"] {
        let target = folder.path("none/result")
        let run = try await Program.run(
          ["train", "-", option, target], input: SampleJobs.disc(epochs: 1))
        #expect(run.code == 73)
        #expect(run.errors.contains("descent: cannot write \(target): "))
      }
      let run = try await Program.run(
        ["train", "-", "--figure", folder.path("f.svg")], input: SampleJobs.figureOne)
      #expect(run.code == 73)
      #expect(run.errors.contains("A figure needs a network with one input of two features"))
    }
  }

  // MARK: validate

  @Test("validate prints the report, and is 65 if there is a fault")
  func validate() async throws {
    let good = try await Program.run(["validate", "-"], input: SampleJobs.figureOne)
    #expect(good.code == 0)
    #expect(good.errors == "")
    let report = try JSONReader.read(Array(good.output.utf8))
    #expect(report["valid"] == .bool(true))
    #expect(report["totals"]?["parameters"]?.integer == 19)
    let bad = try await Program.run(["validate", "-"], input: SampleJobs.fourFaults)
    #expect(bad.code == 65)
    let faults = try JSONReader.read(Array(bad.output.utf8))
    #expect(faults["errors"]?.entries.count == 4)
    #expect(try await Program.run(["validate", "-"], input: "nonsense").code == 65)
  }

  // MARK: health

  @Test("health is 0 for a ready server, by option or environment, and 1 where none answers")
  func health() async throws {
    let port = try await withServer { server in
      let byOption = try await Program.run(["health", "--port", server.port])
      #expect(byOption.code == 0)
      #expect(byOption.output == "ready\n")
      let byEnvironment = try await Program.run(
        ["health"], environment: ["DESCENT_PORT": server.port])
      #expect(byEnvironment.code == 0)
      await server.end(by: SIGKILL)
      return server.port
    }
    let none = try await Program.run(["health", "--port", port])
    #expect(none.code == 1)
    #expect(none.output == "")
    #expect(none.errors.hasPrefix("descent: no server answers on port \(port): connect: "))
    for arguments in [["--timeout", "0"], ["--timeout", "3601"], ["--port", "65536"]] {
      #expect(try await Program.run(["health"] + arguments).code == 64, "\(arguments)")
    }
    let wrong = try await Program.run(["health"], environment: ["DESCENT_PORT": "http"])
    #expect(wrong.code == 64)
    #expect(wrong.errors.contains("DESCENT_PORT must be from 0 to 65535, but is \"http\""))
  }

  // MARK: serve

  @Test("the environment chooses host, port and data folder, the command line wins")
  func environment() async throws {
    try await withTemporaryFolder { folder in
      let environment = [
        "DESCENT_HOST": "127.0.0.2", "DESCENT_PORT": "0", "DESCENT_DATA": folder.path("jobs"),
      ]
      let server = try await RunningServer(in: folder, port: nil, environment: environment)
      #expect(server.url.hasPrefix("http://127.0.0.2:"))
      _ = try await server.client.train(SampleJobs.disc())
      #expect(FileManager.default.fileExists(atPath: folder.path("jobs") + "/jobs.sqlite"))
      await server.end(by: SIGKILL)
      let other = try await RunningServer(
        in: folder, port: "0",
        environment: [
          "DESCENT_HOST": "", "DESCENT_PORT": "nonsense", "DESCENT_DATA": folder.path("jobs"),
        ])
      #expect(other.url.hasPrefix("http://127.0.0.1:"))
      #expect(try await other.client.get("/jobs").json()["data"]?.entries.count == 1)
    }
  }

  @Test("options that cannot be used are 64 and named; a folder that cannot be used is 69")
  func wrongOptions() async throws {
    for (arguments, message) in [
      (["--port", "65536"], "'65536' is invalid for '--port <port>'"),
      (["--port", "-1"], "--port"),
      (["--workers", "0"], "--workers must be from 1 to 1024, but is 0"),
      (["--workers", "1025"], "--workers must be from 1 to 1024, but is 1025"),
      (["--nonsense"], "--nonsense"),
    ] {
      let run = try await Program.run(["serve"] + arguments)
      #expect(run.code == 64, "\(arguments)")
      #expect(run.errors.contains(message), "\(run.errors)")
      #expect(run.output == "")
    }
    let port = try await Program.run(["serve"], environment: ["DESCENT_PORT": "x"])
    #expect(port.code == 64)
    #expect(port.errors.contains("DESCENT_PORT must be from 0 to 65535, but is \"x\""))
    try await withTemporaryFolder { folder in
      let file = try folder.file("file", "")
      let run = try await Program.run(["serve", "--port", "0", "--data", file])
      #expect(run.code == 69)
      #expect(run.errors.hasPrefix("descent: The data folder needs to be writable, but \(file)"))
    }
    let host = try await withTemporaryFolder { folder in
      try await Program.run(
        ["serve", "--host", "192.0.2.1", "--port", "0", "--data", folder.path("data")])
    }
    #expect(host.code == 69)
    #expect(host.errors.contains("192.0.2.1"))
  }

  @Test("it logs its start and its end to standard error, and prints its address alone")
  func log() async throws {
    try await withTemporaryFolder { folder in
      let server = try await RunningServer(in: folder)
      #expect(server.url.wholeMatch(of: /http:\/\/127\.0\.0\.1:\d+/) != nil)
      #expect(await server.end(by: SIGTERM) == 0)
      let log = try server.errors
      #expect(log.contains("The job manager started with 2 workers"))
      #expect(log.contains("stopping"))
    }
  }

  // MARK: help

  @Test("help and version stand on standard output and are 0")
  func help() async throws {
    let help = try await Program.run(["--help"])
    #expect(help.code == 0)
    #expect(help.errors == "")
    for word in [
      "serve", "train", "validate", "health", "EXIT CODES", "64", "65", "66", "69", "73",
    ] {
      #expect(help.output.contains(word), "\(word)")
    }
    let serve = try await Program.run(["serve", "--help"])
    for word in ["DESCENT_HOST", "DESCENT_PORT", "DESCENT_DATA", "8080", "SIGTERM", "--workers"] {
      #expect(serve.output.contains(word), "\(word)")
    }
    let train = try await Program.run(["help", "train"])
    let text = train.output.replacing(/\s+/, with: " ")
    for word in ["--figure", "--model", "--json", "reads standard input", "weights_sha256"] {
      #expect(text.contains(word), "\(word)")
    }
    #expect(try await Program.run(["health", "--help"]).output.contains("--timeout"))
    #expect(try await Program.run(["validate", "--help"]).output.contains("POST /jobs"))
    let version = try await Program.run(["--version"])
    #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    #expect(try await Program.run(["nonsense"]).code == 64)
  }
}
