internal import NeuralNetwork
internal import Training

/// Puts the client's tensors to a graph's inputs and outputs, checking names and shapes.
struct DatasetBinding {
  let graph: Graph

  /// The losses of the graph's outputs, which say what targets may be; empty if they are not known.
  let losses: [WeightedLoss]

  /// Where the object with the splits, or with `inputs` and `targets`, stands.
  let pointer: JSONPath

  private(set) var issues: [ConfigurationIssue] = []

  init(graph: Graph, losses: [WeightedLoss], pointer: JSONPath) {
    self.graph = graph
    self.losses = losses
    self.pointer = pointer
  }

  /// Binds all splits; nil if one is at fault.
  mutating func bind(_ written: WrittenDataset) -> Dataset? {
    var bound: [SplitName: Samples] = [:]
    for split in SplitName.allCases {
      guard let tensors = written.splits[split] else { continue }
      bound[split] = bind(
        inputs: tensors.inputs, targets: tensors.targets, weights: tensors.weights,
        at: pointer.member(split.rawValue))
    }
    guard issues.isEmpty, let train = bound[.train] else { return nil }
    return Dataset(train: train, validation: bound[.validation], test: bound[.test])
  }

  /// Binds one table of samples.
  ///
  /// - Parameters:
  ///   - inputs: One tensor or several by the names of the graph's inputs.
  ///   - targets: One tensor or several by the ids of the graph's outputs; nil for none.
  ///   - weights: How much each sample counts; nil if all count alike.
  ///   - place: Where `inputs` and `targets` stand.
  /// - Returns: Nil if there is a fault, which is then among the issues.
  mutating func bind(
    inputs: WrittenDataset.Tensors, targets: WrittenDataset.Tensors?, weights: Tensor? = nil,
    at place: JSONPath
  ) -> Samples? {
    let before = issues.count
    let inputTables = match(
      inputs, to: graph.inputs.map { ($0.name, $0.features) }, kind: "input",
      at: place.member("inputs"))
    var targetTables: [Table] = []
    if let targets {
      targetTables = matchTargets(
        targets, at: place.member("targets"))
    }
    guard issues.count == before else { return nil }
    let weightTables = weights.map { weights in
      let column = Tensor(shape: [weights.elements.count, 1], elements: weights.elements)
      return Table(place: place.member("weights"), tensor: column)
    }
    checkRows(inputTables + targetTables + (weightTables.map { [$0] } ?? []))
    guard issues.count == before else { return nil }
    return Samples(
      inputs: inputTables.map(\.tensor), targets: targetTables.map(\.tensor),
      weights: weightTables?.tensor)
  }

  /// Matches targets to outputs, class numbers made shares of classes, and checks their values.
  private mutating func matchTargets(
    _ targets: WrittenDataset.Tensors, at place: JSONPath
  ) -> [Table] {
    let outputs = graph.outputs.map { graph.nodes[$0] }
    // One column of class numbers will do for an output with a feature for each class; where the
    // losses are at fault, nobody knows.
    let takesNumbers = outputs.indices.map { index in
      index >= losses.count || losses[index].loss.takesClassNumbers
    }
    let tables = match(
      targets, to: outputs.map { ($0.id.description, $0.outputFeatures) }, kind: "output",
      alsoOneColumn: takesNumbers, at: place)
    guard tables.count == outputs.count, tables.count == losses.count else { return tables }
    return zip(tables, zip(outputs, losses)).map { table, output in
      var checked = TargetCheck(loss: output.1.loss, output: output.0)
      let tensor = checked.resolve(table.tensor, at: table.place)
      issues.tell(contentsOf: checked.issues)
      return Table(place: table.place, tensor: tensor)
    }
  }

  private mutating func match(
    _ tensors: WrittenDataset.Tensors, to expected: [(name: String, features: Int)], kind: String,
    alsoOneColumn: [Bool] = [], at place: JSONPath
  ) -> [Table] {
    let names = expected.map(\.name)
    issues.tell(contentsOf: tensors.nameIssues(expected: names, kind: kind, at: place))
    if case .one = tensors, expected.count > 1 { return [] }
    let given = Dictionary(
      tensors.named(names.first ?? "").map { ($0.name, $0.tensor) },
      uniquingKeysWith: { first, _ in first })
    return expected.enumerated().compactMap { index, expected in
      let (name, features) = expected
      guard let tensor = given[name] else { return nil }
      let isOneColumn = tensor.columns == 1 && index < alsoOneColumn.count && alsoOneColumn[index]
      let table = Table(place: tensors.place(of: name, in: place), tensor: tensor)
      if tensor.columns != features && !isOneColumn {
        report(
          "shape_mismatch", at: table.place,
          "\(kind) \(name) of the network has \(features) \(features == 1 ? "feature" : "features") "
            + "but the table \(table.name) has \(tensor.columns)"
            + (kind == "output" && tensor.columns == 1
              ? "; class numbers in one column need the loss cross_entropy" : ""))
      }
      return table
    }
  }

  private mutating func checkRows(_ tables: [Table]) {
    guard let first = tables.first else { return }
    for table in tables where table.tensor.rows != first.tensor.rows {
      let count = table.tensor.rows
      report(
        "row_mismatch", at: table.place,
        "the table \(table.name) has \(count) \(count == 1 ? "row" : "rows") but the table "
          + "\(first.name) has \(first.tensor.rows); each needs a row for each sample")
      return
    }
  }

  private mutating func report(_ code: String, at place: JSONPath, _ detail: String) {
    issues.tell(ConfigurationIssue(pointer: place.description, code: code, detail: detail))
  }
}

/// A tensor that was put to an input or output, and where the client wrote it.
private struct Table {
  let place: JSONPath
  let tensor: Tensor

  var name: String { tableName(place) }
}

/// How messages name the tables at a place, as when they are read: `inputs of request`,
/// `x1 of inputs of dataset.train`.
private func tableName(_ place: JSONPath) -> String {
  // The tables of a data set stand two steps below the root, those to predict at the root.
  let depth = place.count > 2 ? 2 : 0
  let names = (0..<place.count).compactMap(place.member)
  let owner = depth == 0 ? "request" : names.prefix(depth).joined(separator: ".")
  return (names.dropFirst(depth).reversed() + [owner]).joined(separator: " of ")
}

extension WrittenDataset.Tensors {
  /// Where the table of a name stands.
  fileprivate func place(of name: String, in place: JSONPath) -> JSONPath {
    switch self {
    case .one: place
    case .named: place.member(name)
    }
  }

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
    var issues: [ConfigurationIssue] = []
    func report(_ code: String, _ place: JSONPath, _ detail: String) {
      issues.tell(ConfigurationIssue(pointer: place.description, code: code, detail: detail))
    }
    let list = expected.listed()
    if case .one = self, expected.count > 1 {
      report(
        "missing_\(kind)", place,
        "the network has \(expected.count) \(kind)s, so \(tableName(place)) must be an object with a "
          + "table for each: \(list)")
      return issues
    }
    let given = named(expected.first ?? "").map(\.name)
    let (expectedNames, givenNames) = (Set(expected), Set(given))
    for name in given where !expectedNames.contains(name) {
      report(
        "unknown_\(kind)", place.member(name),
        "the network has no \(kind) \(name.prefix(64)); it has \(list)")
    }
    for name in expected where !givenNames.contains(name) {
      report(
        "missing_\(kind)", place,
        "the network's \(kind) \(name) has no table in \(tableName(place))")
    }
    return issues
  }
}
