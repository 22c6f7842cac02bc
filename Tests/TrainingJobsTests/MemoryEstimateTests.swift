import NeuralNetwork
import Testing
import Training
import TrainingJobs

@Suite("The memory of a training")
struct MemoryEstimateTests {
  /// A network whose every layer is as wide as one may be, in batches as large as they may be.
  private static let huge = requestText(
    network: """
      {"operators": {"1": {"type": "linear", "in_features": 2, "out_features": 65536}, "2": "relu",
                     "3": {"type": "linear", "out_features": 1}},
       "connectivity": {"1": [2], "2": [3], "3": []}}
      """,
    dataset: #"{"generator": "disc", "train": 100000}"#, training: #"{"batch_size": 100000}"#)

  @Test("a job that needs more than is allowed is refused, naming both sizes and the way out")
  func refused() throws {
    let reading = try reading(Self.huge)
    let memory = try #require(reading.memory)
    #expect(memory.bytes > MemoryEstimate.bytesMax)
    #expect(reading.request == nil)
    #expect(
      reading.issues == [
        issue(
          "#/training/batch_size", "over_limit",
          "the training needs about \(memory.bytes) bytes of memory, but at most 2147483648 are "
            + "allowed; a smaller batch_size or network needs less")
      ])
  }

  @Test("the batches of a large validation split count, be there few training samples or not")
  func validationBatches() throws {
    let network = """
      {"operators": {"1": {"type": "linear", "in_features": 2, "out_features": 300}, "2": "relu",
                     "3": {"type": "linear", "out_features": 1}},
       "connectivity": {"1": [2], "2": [3], "3": []}}
      """
    let reading = try reading(
      requestText(
        network: network,
        dataset: #"{"generator": "disc", "train": 10, "validation": 1000000}"#,
        training: #"{"batch_size": 1000000}"#))
    #expect(reading.issues.map(\.code) == ["over_limit"])
  }

  @Test("a network to validate is not valid either, and its peak is told")
  func reported() throws {
    let report = NetworkReport(try reading(Self.huge, .network)).document
    #expect(report["valid"] == .bool(false))
    guard case .integer(let peak)? = report["estimate"]?["bytes_peak"] else {
      Issue.record("there is no peak")
      return
    }
    #expect(peak > MemoryEstimate.bytesMax)
  }

  @Test("a smaller batch takes the same job below the limit")
  func wayOut() throws {
    let smaller = Self.huge.replacing(#"{"batch_size": 100000}"#, with: #"{"batch_size": 1000}"#)
    #expect(try reading(smaller).issues == [])
  }

  private func estimate(_ text: String) throws -> (bytes: Int, request: TrainingRequest) {
    let request = try request(text)
    let memory = MemoryEstimate(
      request.graph, request.options.hyperparameters, request.dataset)
    return (memory.bytes, request)
  }

  private func executor(_ request: TrainingRequest, rows: Int) -> Int {
    GraphExecutor.bytes(
      graph: request.graph, rows: rows, rule: request.options.hyperparameters.rule)
  }

  @Test(
    "while it trains: samples, their order, the executor, two copies of the parameters, a checkpoint"
  )
  func whileTrained() throws {
    let (bytes, request) = try estimate(requestText(training: #"{"epochs": 1, "batch_size": 2}"#))
    // Three samples of two inputs and a target, three indices of eight bytes, three parameters, the
    // same with two copies in a checkpoint, and four columns of the history, each while it grows.
    #expect(
      bytes == 4 * 9 + executor(request, rows: 2) + 8 * 3 + 2 * 4 * 3 + 4 * 9 + 2 * 8 * 4)
  }

  @Test("weights of samples and of classes take room for each sample")
  func weights() throws {
    let training = #"{"epochs": 1, "batch_size": 2}"#
    let (plain, _) = try estimate(requestText(training: training))
    let (weighted, _) = try estimate(
      requestText(
        dataset: """
          {"train": {"inputs": [[0, 0], [0, 1], [1, 0]], "targets": [[0], [1], [1]],
                     "weights": [1, 2, 3]}}
          """, training: training))
    // A weight for each sample, and one for each sample of each output.
    #expect(weighted == plain + 4 * 3 + 4 * 3)
  }

  @Test("while samples are read: the samples twice")
  func whileRead() throws {
    let (bytes, _) = try estimate(
      requestText(
        dataset: #"{"generator": "disc", "train": 300000, "test": 300000}"#,
        training: #"{"epochs": 1}"#))
    #expect(bytes == 2 * 600_000 * 3 * 4)
  }

  @Test("while a long history is written: each number in its column, as a value and as text")
  func whileWritten() throws {
    let (bytes, _) = try estimate(requestText(training: #"{"epochs": 1000000}"#))
    #expect(bytes == 4 * 9 + 2 * 4 * 3 + 4 * 9 + 93 * 4 * 1_000_000)
  }

  @Test(
    "confusion matrices of 256 classes are allowed, and not of one more", arguments: [256, 257])
  func classes(count: Int) throws {
    let row = (0..<count).map { $0 == 0 ? "1" : "0" }.joined(separator: ", ")
    let reading = try reading(
      requestText(
        network: """
          {"operators": {"1": {"type": "linear", "in_features": 1, "out_features": \(count)}},
           "connectivity": {"1": []}}
          """,
        dataset: #"{"train": {"inputs": [[1]], "targets": [[\#(row)]]}}"#))
    #expect(
      reading.issues
        == (count == 256
          ? []
          : [
            issue(
              "#/training/task", "over_limit",
              "the targets have classes for 66049 entries of confusion matrices, but at most 65536 "
                + "are allowed; with task regression there are none")
          ]))
  }
}
