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

  @Test("counts what the executors lay out, the samples and the copies of the parameters")
  func sum() throws {
    let request = try request(requestText(training: #"{"batch_size": 2}"#))
    let memory = MemoryEstimate(
      request.graph, request.options.hyperparameters, request.dataset)
    let mode = GraphExecutor.Mode.training(optimizer: request.options.hyperparameters.optimizer)
    // Three samples of two inputs, a target and an output; four copies of three parameters.
    #expect(
      memory.bytes
        == GraphExecutor.bytes(graph: request.graph, rows: 2, mode: mode)
        + GraphExecutor.bytes(graph: request.graph, rows: 3, mode: .prediction)
        + 4 * (3 * (2 + 2) + 4 * 3))
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
