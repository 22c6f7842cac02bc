import Kernels
import NeuralNetwork
import Training
import TrainingJobs

/// What is trained: a chain of linear operators with an activation between each two.
struct TrainingCase: Hashable {
  /// Features of the input, of each hidden operator and of the output.
  let widths: [Int]
  let activation: String
  let batch: Int
  let rows: Int
  let threads: Int
  let kernels: KernelSet

  /// Reads a command such as
  /// `{"network": "2-25-1", "activation": "relu", "batch": 10, "rows": 1000, "threads": 1}`.
  init(_ command: JSONValue) throws(CommandError) {
    guard case .string(let network)? = command["network"],
      case .string(let activation)? = command["activation"]
    else { throw CommandError("a training needs network and activation") }
    widths = network.split(separator: "-").compactMap { Int($0) }
    guard widths.count > 1 else { throw CommandError("a network is widths such as 2-25-1") }
    self.activation = activation
    batch = try command.count("batch")
    rows = try command.count("rows")
    threads = try command.count("threads")
    kernels = try TrainingCase.kernels(command["kernels"])
  }

  /// The set of kernels of that name; the best there are without a name.
  private static func kernels(_ name: JSONValue?) throws(CommandError) -> KernelSet {
    guard let name else { return .best }
    guard let set = KernelSet.available.first(where: { name == .string($0.rawValue) }) else {
      throw CommandError("this processor has no such kernels")
    }
    return set
  }

  /// Prepares the training as the server does: from a request.
  func makeTrainer() throws -> Trainer {
    let reading = RequestReading(request, completeness: .job)
    guard let request = reading.request else { throw reading.issues[0] }
    return Trainer(
      request.model, on: request.dataset, request.options.hyperparameters,
      team: ThreadPool(threads: threads).team(), set: kernels, elapsedSeconds: { 0 })
  }

  private var request: JSONValue {
    .object([
      .init("network", network),
      .init("dataset", .object([.init("train", samples)])),
      .init(
        "training",
        .object([
          .init("epochs", .integer(1_000_000)), .init("batch_size", .integer(batch)),
          .init("task", .string("regression")),
          // Small, so that no network diverges, whatever its batch.
          .init(
            "optimizer",
            .object([.init("type", .string("sgd")), .init("learning_rate", .number(0.001))])),
        ])),
    ])
  }

  private var network: JSONValue {
    let last = 2 * (widths.count - 1) - 1
    return .object([
      .init(
        "operators",
        .object(
          (1...last).map { id in
            .init("\(id)", id.isMultiple(of: 2) ? .string(activation) : linear(id))
          })),
      .init(
        "connectivity",
        .object(
          (1...last).map { id in
            .init("\(id)", .array(id == last ? [] : [.integer(id + 1)]))
          })),
    ])
  }

  private func linear(_ id: Int) -> JSONValue {
    .object([
      .init("type", .string("linear")), .init("out_features", .integer(widths[(id + 1) / 2])),
    ])
  }

  private var samples: JSONValue {
    let inputs = widths[0]
    let outputs = widths[widths.count - 1]
    return .object([
      .init("inputs", .tensor(noise(rows: rows, columns: inputs, from: 0))),
      .init("targets", .tensor(noise(rows: rows, columns: outputs, from: rows * inputs))),
    ])
  }
}

/// Numbers in [-1, 1) that look random, the same as `peers/worker.py` makes.
private func noise(rows: Int, columns: Int, from start: Int) -> Tensor {
  let elements = (start..<start + rows * columns).map { index in
    let number = UInt32(truncatingIfNeeded: index)
    let mixed = number &* number &* 2_654_435_761
    return Float(mixed >> 8) / 8_388_608 - 1
  }
  return Tensor(shape: [rows, columns], elements: elements)
}
