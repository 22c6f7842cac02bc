import Foundation
import NeuralNetwork
import Testing

/// The estimate that decides whether a job is accepted, held to what the program takes.
@Suite("The memory of a job", .fewAtOnce)
struct MemoryTests {
  // With a pace of the client's own the state is kept, however short the training.

  private static let trivial = SampleJobs.disc(epochs: 1)

  /// Batches so large that the values of the operators take most.
  private static let values = job(
    layers: [
      #"{"type": "linear", "out_features": 500}"#, #""tanh""#,
      #"{"type": "linear", "out_features": 300}"#, #""gelu""#,
      #"{"type": "linear", "out_features": 1}"#,
    ], dataset: #"{"generator": "disc", "train": 20000}"#,
    training: #"{"epochs": 1, "checkpoint_seconds": 3600, "batch_size": 20000}"#)

  /// Ten million parameters, each with a gradient, Adam's two moments and copies.
  private static let parameters = job(
    layers: [
      #"{"type": "linear", "out_features": 3200}"#, #""relu""#,
      #"{"type": "linear", "out_features": 3200}"#, #""relu""#,
      #"{"type": "linear", "out_features": 1}"#,
    ], dataset: #"{"generator": "disc", "train": 16}"#,
    training: #"{"epochs": 1, "checkpoint_seconds": 3600, "batch_size": 16, "optimizer": "adam"}"#)

  /// Two million samples for a network of five parameters.
  private static let samples = job(
    layers: [#"{"type": "linear", "out_features": 1}"#],
    dataset: #"{"generator": "disc", "train": 1000000, "test": 1000000}"#,
    training: #"{"epochs": 1, "checkpoint_seconds": 3600, "batch_size": 1000}"#)

  private static func job(layers: [String], dataset: String, training: String) -> String {
    let operators = layers.enumerated().map { "\"\($0.offset + 1)\": \($0.element)" }
    let connectivity = layers.indices.map {
      "\"\($0 + 1)\": [\($0 + 1 < layers.count ? "\($0 + 2)" : "")]"
    }
    return """
      {"network": {"operators": {\(operators.joined(separator: ", "))},
                   "connectivity": {\(connectivity.joined(separator: ", "))}},
       "dataset": \(dataset), "training": \(training)}
      """
  }

  @Test(
    "bytes_peak is what a job takes within 10 %, whatever takes most: values, parameters, samples",
    .enabled(if: isMeasurable, "sanitizers take memory of their own, and only Linux tells it"))
  func estimate() async throws {
    for job in [Self.values, Self.parameters, Self.samples] {
      // A server of its own, since only the highest peak can be read; its allocator gives back at
      // once what is free, so that what went before the job does not count.
      let folder = try TemporaryFolder()
      let server = try await RunningServer(
        in: folder, workers: 1, environment: ["MALLOC_MMAP_THRESHOLD_": "131072"])
      defer { withExtendedLifetime((folder, server)) {} }
      _ = try await server.client.train(Self.trivial)
      let before = try server.peakBytes
      let report = try await server.client.post("/networks/validate", job).json()
      let estimate = try #require(report["estimate"]?["bytes_peak"]?.integer)
      _ = try await server.client.train(job)
      let taken = try server.peakBytes - before
      #expect(
        abs(Double(taken) / Double(estimate) - 1) <= 0.1, "took \(taken), estimated \(estimate)")
    }
  }
}

/// Whether the system tells what a process takes, and it is the program's own.
private let isMeasurable: Bool = {
  #if os(Linux)
  return dlsym(nil, "__asan_init") == nil && dlsym(nil, "__tsan_init") == nil
  #else
  return false
  #endif
}()

extension RunningServer {
  /// The most memory that has been resident so far, as Linux counts it.
  fileprivate var peakBytes: Int {
    get throws {
      let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
      let kibibytes = line.split { !$0.isNumber }.first.flatMap { Int($0) }
      return 1024 * (try #require(kibibytes))
    }
  }
}
