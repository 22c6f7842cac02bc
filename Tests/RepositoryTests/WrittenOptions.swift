import Foundation
import Interchange
import NeuralNetwork
import Training
import TrainingJobs

/// Where in a request a client names a kind.
enum KindPlace: String, CaseIterable {
  case `operator` = "Operator"
  case initializer = "Initializer"
  case loss = "Loss"
  case optimizer = "Optimizer"
  case schedule = "Schedule"

  /// The catalogue.
  var kinds: [any Kind.Type] {
    switch self {
    case .operator: OperatorCatalogue.kinds
    case .initializer: InitializerCatalogue.kinds
    case .loss: LossCatalogue.kinds
    case .optimizer: OptimizerCatalogue.kinds
    case .schedule: ScheduleCatalogue.kinds
    }
  }

  /// The schema of the contract that offers all kinds.
  var schema: String { rawValue }

  /// The way to the object that names the kind, from the root of a request.
  var way: [String] {
    switch self {
    case .operator: ["network", "operators", "op"]
    case .initializer: ["network", "operators", "op", "initializer"]
    case .loss: ["training", "loss"]
    case .optimizer: ["training", "optimizer"]
    case .schedule: ["training", "schedule"]
    }
  }
}

/// An object of a request with options, as the contract describes it.
struct WrittenOptions {
  /// What failures call it.
  let name: String

  /// The schemas of its members.
  let properties: [String: [String: Any]]

  /// The least that it must have.
  let minimal: [String: Any]

  /// The way to it from the root of a request.
  let way: [String]

  /// Where it stands.
  var pointer: String { "#/" + way.joined(separator: "/") }

  /// Reads a request that has the object with the minimal members and some more.
  func read(_ members: [String: Any] = [:]) throws -> RequestReading {
    let written = minimal.merging(members) { $1 }
    // A difference reads the same features from both of its inputs.
    let inputs = written["type"] as? String == "subtract" ? ["a", "b"] : ["a"]
    let samples: [String: Any] = [
      "inputs": Dictionary(uniqueKeysWithValues: inputs.map { ($0, [[0, 0], [1, 1]]) }),
      "targets": [[0, 1], [1, 0]],
    ]
    var request: [String: Any] = [
      "network": [
        "operators": ["op": ["type": "linear", "out_features": 2]],
        "connectivity": ["op": [String]()],
        "inputs": Dictionary(uniqueKeysWithValues: inputs.map { ($0, ["op"]) }),
      ],
      "dataset": ["train": samples, "validation": samples],
    ]
    WrittenOptions.put(written, at: way[...], into: &request)
    let bytes = try JSONSerialization.data(withJSONObject: request)
    let value = try JSONReader.read(Array(bytes), tensorsAt: TensorPlaces.ofTrainingRequest)
    return RequestReading(value, completeness: .job)
  }

  private static func put(
    _ members: [String: Any], at way: ArraySlice<String>, into object: inout [String: Any]
  ) {
    guard let name = way.first else {
      return object.merge(members) { $1 }
    }
    var inner = object[name] as? [String: Any] ?? [:]
    // A kind replaces the one that stands there.
    if way.count == 1 && members["type"] != nil { inner = [:] }
    put(members, at: way.dropFirst(), into: &inner)
    object[name] = inner
  }
}

extension Contract {
  /// Every kind of a place, with what the contract says of it.
  func kinds(of place: KindPlace) -> [WrittenOptions] {
    objects(of: place.schema).map { schema in
      let properties = properties(of: schema)
      let type = properties["type"]?["const"] as? String ?? ""
      var minimal: [String: Any] = ["type": type]
      for name in schema["required"] as? [String] ?? [] where name != "type" {
        minimal[name] = properties[name]?["minimum"] ?? 0
      }
      if type == "linear" { minimal["out_features"] = 2 }
      return WrittenOptions(
        name: "\(place) \(type)", properties: properties, minimal: minimal, way: place.way)
    }
  }

  /// The objects of a request with options that are no kinds.
  var otherOptions: [WrittenOptions] {
    [("Training", ["training"]), ("EarlyStopping", ["training", "early_stopping"])].map {
      WrittenOptions(
        name: $0.0, properties: properties(of: schema($0.0)), minimal: [:], way: $0.1)
    } + [
      WrittenOptions(
        name: "GradientClipping", properties: properties(of: schema("GradientClipping")),
        minimal: ["norm": 1], way: ["training", "gradient_clipping"]),
      WrittenOptions(
        name: "Samples", properties: properties(of: schema("Samples")), minimal: [:],
        way: ["dataset", "train"]),
    ]
  }

  /// All objects with options.
  var allOptions: [WrittenOptions] { KindPlace.allCases.flatMap(kinds(of:)) + otherOptions }

  /// The schemas of objects among those that a schema offers.
  private func objects(of name: String) -> [[String: Any]] {
    (schema(name)["oneOf"] as? [[String: Any]] ?? []).map(resolved)
      .filter { $0["type"] as? String == "object" }
  }

  private func properties(of schema: [String: Any]) -> [String: [String: Any]] {
    (schema["properties"] as? [String: [String: Any]] ?? [:]).mapValues(resolved)
  }

  /// What a schema refers to, or itself.
  private func resolved(_ schema: [String: Any]) -> [String: Any] {
    guard let name = (schema["$ref"] as? String)?.split(separator: "/").last else { return schema }
    return self.schema(String(name))
  }
}
