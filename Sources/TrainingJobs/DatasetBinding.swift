internal import NeuralNetwork
internal import Training

/// Puts the client's tensors to a graph's inputs and outputs, checking names and shapes.
struct DatasetBinding {
  let graph: Graph

  /// Where the object with the splits, or with `inputs` and `targets`, stands.
  let pointer: JSONPath

  private(set) var issues: [ConfigurationIssue] = []

  init(graph: Graph, pointer: JSONPath) {
    self.graph = graph
    self.pointer = pointer
  }

  /// Binds all splits; nil if one is at fault.
  mutating func bind(_ written: WrittenDataset) -> Dataset? {
    var bound: [SplitName: Samples] = [:]
    for split in SplitName.allCases {
      guard let tensors = written.splits[split] else { continue }
      bound[split] = bind(
        inputs: tensors.inputs, targets: tensors.targets, at: pointer.member(split.rawValue))
    }
    guard issues.isEmpty, let train = bound[.train] else { return nil }
    return Dataset(train: train, validation: bound[.validation], test: bound[.test])
  }

  /// Binds one table of samples.
  ///
  /// - Parameters:
  ///   - inputs: One tensor or several by the names of the graph's inputs.
  ///   - targets: One tensor or several by the ids of the graph's outputs; nil for none.
  ///   - place: Where `inputs` and `targets` stand.
  /// - Returns: Nil if there is a fault, which is then among the issues.
  mutating func bind(
    inputs: WrittenDataset.Tensors, targets: WrittenDataset.Tensors?, at place: JSONPath
  ) -> Samples? {
    let before = issues.count
    let inputTensors = match(
      inputs, to: graph.inputs.map { ($0.name, $0.features) }, kind: "input",
      at: place.member("inputs"))
    var targetTensors: [Tensor] = []
    if let targets {
      targetTensors = match(
        targets,
        to: graph.outputs.map { (graph.nodes[$0].id.description, graph.nodes[$0].outputFeatures) },
        kind: "output", at: place.member("targets"))
    }
    guard issues.count == before else { return nil }
    checkRows(inputTensors + targetTensors, at: place)
    guard issues.count == before else { return nil }
    return Samples(inputs: inputTensors, targets: targetTensors)
  }

  private mutating func match(
    _ tensors: WrittenDataset.Tensors, to expected: [(name: String, features: Int)], kind: String,
    at place: JSONPath
  ) -> [Tensor] {
    let names = expected.map(\.name)
    issues += tensors.nameIssues(expected: names, kind: kind, at: place)
    if case .one = tensors, expected.count > 1 { return [] }
    let given = tensors.named(names.first ?? "")
    return expected.compactMap { name, features in
      guard let tensor = given.first(where: { $0.name == name })?.tensor else { return nil }
      if tensor.columns != features {
        report(
          "shape_mismatch", at: place,
          "\(kind) \(name) of the network has \(features) \(features == 1 ? "feature" : "features") "
            + "but the table has \(tensor.columns)")
      }
      return tensor
    }
  }

  private mutating func checkRows(_ tensors: [Tensor], at place: JSONPath) {
    guard let rows = tensors.first?.rows else { return }
    for tensor in tensors where tensor.rows != rows {
      report(
        "row_mismatch", at: place,
        "all tables of a split need a row for each sample, but one has \(rows) rows and another "
          + "\(tensor.rows)")
      return
    }
  }

  private mutating func report(_ code: String, at place: JSONPath, _ detail: String) {
    issues.append(
      ConfigurationIssue(pointer: place.description, code: code, detail: detail))
  }
}

extension WrittenDataset.Tensors {
  /// The faults of the names that the client gave its tables.
  ///
  /// - Parameters:
  ///   - expected: The names that the network has.
  ///   - kind: What messages call it: `input` or `output`.
  ///   - place: Where the tables stand.
  /// - Returns: Names that the network does not have, then those that have no table.
  func nameIssues(
    expected: [String], kind: String, at place: JSONPath
  ) -> [ConfigurationIssue] {
    let list = expected.joined(separator: ", ")
    func issue(_ code: String, _ place: JSONPath, _ detail: String) -> ConfigurationIssue {
      ConfigurationIssue(pointer: place.description, code: code, detail: detail)
    }
    if case .one = self, expected.count > 1 {
      return [
        issue(
          "missing_\(kind)", place,
          "the network has \(expected.count) \(kind)s, so give an object with a table for each: "
            + list)
      ]
    }
    let given = named(expected.first ?? "").map(\.name)
    let unknown = given.filter { !expected.contains($0) }.map { name in
      issue(
        "unknown_\(kind)", place.member(name), "the network has no \(kind) \(name); it has \(list)")
    }
    let missing = expected.filter { !given.contains($0) }.map { name in
      issue("missing_\(kind)", place, "the network's \(kind) \(name) has no table")
    }
    return unknown + missing
  }
}
