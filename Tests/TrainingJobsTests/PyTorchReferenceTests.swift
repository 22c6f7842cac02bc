import Foundation
import Interchange
import NeuralNetwork
import Testing
import Training
import TrainingJobs

/// Trainings compared with PyTorch's, number by number; Tests/Fixtures/pytorch/README.md says how
/// the references were made.
@Suite("PyTorch references")
struct PyTorchReferenceTests {
  @Test("each group has its cases", arguments: PyTorchReference.groups)
  func groupHasCases(group: String) throws {
    #expect(try PyTorchReference.read(group: group).count > 10)
  }

  @Test("every number of a training equals PyTorch's", arguments: PyTorchReference.names)
  func equalsPyTorch(name: String) throws {
    let reference = try PyTorchReference.named(name)
    let reading = RequestReading(try #require(reference["request"]), completeness: .job)
    let issues = reading.issues
    try #require(issues == [])
    let request = try #require(reading.request)
    var trainer = Trainer(
      request.model, on: request.dataset, request.options.hyperparameters, elapsedSeconds: { 0 })
    while !trainer.isFinished {
      try #require(trainer.runEpoch(unless: { false }) == .finished)
    }
    let history = trainer.history
    for (column, values, scale) in [
      ("train_loss", history.trainLoss, 1e-2), ("validation_loss", history.validationLoss, 1e-2),
      ("learning_rate", history.learningRate, 1e-5),
    ] {
      expectClose(values, try reference.doubles(column), relative: 1e-5, scale: scale, column)
    }
    let model = trainer.model
    try expectParameters(of: model, reference)
    try expectOutputs(of: model, request.dataset.train, reference)
  }

  private func expectParameters(of model: Model, _ reference: JSONValue) throws {
    let document = model.graph.document(parameters: model.parameters)
    let operators = try #require(reference["parameters"]?.members)
    #expect(!operators.isEmpty)
    for (id, parameters) in operators.map({ ($0.name, $0.value) }) {
      let actual = try #require(document["operators"]?[id], "there is no operator \(id)")
      for member in try #require(parameters.members) {
        let expected = try #require(member.value.tensor)
        let tensor = try #require(actual[member.name]?.tensor, "\(id) has no \(member.name)")
        #expect(tensor.shape == expected.shape, "\(member.name) of \(id)")
        expectClose(
          tensor.doubles, expected.doubles, relative: 1e-4, scale: 1, "\(member.name) of \(id)")
      }
    }
  }

  private func expectOutputs(
    of model: Model, _ samples: Samples, _ reference: JSONValue
  ) throws {
    let outputs = Predictor(model).predict(samples.inputs)
    let expected = try #require(reference["outputs"]?.members)
    #expect(expected.count == outputs.count)
    for (node, tensor) in zip(model.graph.outputs, outputs) {
      let id = model.graph.nodes[node].id.description
      let expected = try #require(reference["outputs"]?[id]?.tensor)
      #expect(tensor.shape == expected.shape, "outputs of \(id)")
      expectClose(
        tensor.doubles, expected.doubles, relative: 1e-4, scale: 1, "outputs of \(id)")
    }
  }

  /// Expects equally many numbers, each within a distance relative to the expected number, or to
  /// `scale` where that is greater.
  private func expectClose(
    _ values: [Double], _ expected: [Double], relative: Double, scale: Double, _ what: String
  ) {
    guard values.count == expected.count else {
      Issue.record("\(what): \(values.count) numbers instead of \(expected.count)")
      return
    }
    let distances = zip(values, expected).map { value, expected in
      value.isFinite ? (value - expected).magnitude / max(expected.magnitude, scale) : .infinity
    }
    guard let worst = distances.indices.max(by: { distances[$0] < distances[$1] }) else { return }
    #expect(
      distances[worst] <= relative,
      "\(what), number \(worst): \(values[worst]) instead of \(expected[worst])")
  }
}

/// The cases as they stand in the files.
private enum PyTorchReference {
  static let groups = ["operators", "losses", "optimizers", "regularisation", "schedules"]

  /// All cases by `group/name`; without a group whose file cannot be read, which a test tells.
  private static let cases = groups.flatMap { group in
    ((try? read(group: group)) ?? []).map { (name: "\(group)/\($0.name)", value: $0.value) }
  }

  static var names: [String] { cases.map(\.name) }

  static func named(_ name: String) throws -> JSONValue {
    try #require(cases.first { $0.name == name }?.value)
  }

  /// Reads the cases of a file, each one's request as `POST /jobs` would.
  static func read(group: String) throws -> [(name: String, value: JSONValue)] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = tests.appendingPathComponent("Fixtures/pytorch/\(group).json")
    let bytes = Array(try Data(contentsOf: file))
    let document = try JSONReader.read(bytes, limits: .none, tensorsAt: isTensor)
    guard case .array(let values)? = document["cases"] else { return [] }
    return try values.map { value in
      guard case .string(let name)? = value["name"] else { throw CocoaError(.fileReadCorruptFile) }
      return (name, value)
    }
  }

  /// Paths begin with `cases`, the case's index and the name of one of its members.
  private static func isTensor(_ path: JSONPath) -> Bool {
    switch path.member(at: 2) {
    case "request"?: TensorPlaces.ofTrainingRequest(JSONPath(Array(path.elements.dropFirst(3))))
    case "parameters"?: path.count == 5
    case "outputs"?: path.count == 4
    default: false
    }
  }
}

extension JSONValue {
  fileprivate var members: [Member]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  fileprivate var tensor: Tensor? {
    guard case .tensor(let tensor) = self else { return nil }
    return tensor
  }

  /// A column of numbers; empty if it is left out.
  fileprivate func doubles(_ name: String) throws -> [Double] {
    guard let value = self[name] else { return [] }
    guard case .array(let entries) = value else { throw CocoaError(.fileReadCorruptFile) }
    return try entries.map { entry in
      switch entry {
      case .integer(let number): Double(number)
      case .number(let number): number
      default: throw CocoaError(.fileReadCorruptFile)
      }
    }
  }
}

extension Tensor {
  fileprivate var doubles: [Double] { elements.map(Double.init) }
}
