// The paper's three experiments over many seeds, as the README's table states them.
//
//   swift run -c release paper-experiments [SEEDS]
//
// Each seed draws its own points, first parameters and orders of samples.

import Foundation
import Interchange
import NeuralNetwork
import Training
import TrainingJobs

let experiments = [
  (file: "line.json", paper: "0.5 %"),
  (file: "disc-linear.json", paper: "11 %"),
  (file: "disc.json", paper: "0 %"),
]
let seeds = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 20
let examples = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("Examples")

extension JSONValue {
  /// The object with `seed` in one of its members replaced.
  func seeding(_ name: String, with seed: Int) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(
      members.map { member in
        guard member.name == name, case .object(let inner) = member.value else { return member }
        return Member(
          name,
          .object(inner.filter { $0.name != "seed" } + [Member("seed", .integer(seed))]))
      })
  }
}

/// Trains a request to its end and gives the test error rate.
func testErrorRate(_ request: TrainingRequest) throws -> Double {
  var trainer = Trainer(
    request.model, on: request.dataset, request.options.hyperparameters, elapsedSeconds: { 0 })
  while !trainer.isFinished {
    guard trainer.runEpoch(unless: { false }) == .finished else {
      throw CocoaError(.featureUnsupported)
    }
  }
  guard let test = request.dataset.test,
    case .classification(let metrics)? = Evaluation(trainer.model, on: test, request.options)
      .metrics.first
  else { throw CocoaError(.featureUnsupported) }
  return metrics.errorRate
}

func percent(_ rate: Double) -> String { String(format: "%.2f %%", 100 * rate) }

print("| experiment | test error, paper | median of \(seeds) seeds | worst |")
print("|---|---|---|---|")
for experiment in experiments {
  let bytes = Array(try Data(contentsOf: examples.appendingPathComponent(experiment.file)))
  let value = try JSONReader.read(bytes, tensorsAt: TensorPlaces.ofTrainingRequest)
  let rates = try (1...seeds).map { seed in
    let seeded = value.seeding("dataset", with: seed).seeding("training", with: seed)
    let reading = RequestReading(seeded, completeness: .job)
    guard let request = reading.request else { throw reading.issues[0] }
    return try testErrorRate(request)
  }.sorted()
  let median = (rates[(seeds - 1) / 2] + rates[seeds / 2]) / 2
  print(
    "| \(experiment.file) | \(experiment.paper) | \(percent(median)) | \(percent(rates[seeds - 1])) |"
  )
}
