internal import NeuralNetwork
internal import Training

/// The `dataset` member as the client wrote it, before it is put to a graph.
struct WrittenDataset {
  /// The tensors of one split, by the names that the client gave them.
  struct Split {
    let inputs: Tensors
    let targets: Tensors
    /// How much each sample counts, shape `[samples]`.
    let weights: Tensor?
  }

  /// One tensor for a network with one input or output, or several by name.
  enum Tensors {
    case one(Tensor)
    case named([(name: String, tensor: Tensor)])
  }

  private(set) var splits: [SplitName: Split] = [:]

  /// The generator's own members; empty for inline data.
  private(set) var generator: [JSONValue.Member] = []

  private(set) var issues: [ConfigurationIssue] = []

  /// The most samples that a generator makes for one split.
  static let generatedRowsMax = 1_000_000

  /// Reads the member, collecting its faults.
  init(_ value: JSONValue, at place: JSONPath) {
    var reader = ConfigurationReader(value, subject: "dataset", pointer: place)
    if reader.value("generator") != nil {
      generate(&reader)
    } else {
      for split in SplitName.allCases {
        guard let value = reader.value(split.rawValue) else {
          if split == .train {
            reader.report(
              "missing_member", member: "train",
              "dataset needs train, an object with inputs and targets, or generator")
          }
          continue
        }
        splits[split] = readSplit(value, split, &reader)
      }
    }
    issues = reader.finish()
  }

  /// Whether there is a validation split; nil if a fault hides it.
  var hasValidation: Bool? {
    if splits[.validation] != nil { return true }
    return issues.isEmpty ? false : nil
  }

  /// The number of features of each input of a network, as far as the training split tells it.
  func features(of network: Network) -> [String: Int] {
    switch splits[.train]?.inputs {
    case .one(let tensor)?:
      // One table cannot tell the shapes of several inputs.
      (network.inputs?.count ?? 1) == 1
        ? [network.inputs?.first?.id.description ?? Network.defaultInput: tensor.columns] : [:]
    case .named(let tensors)?:
      Dictionary(
        tensors.map { ($0.name, $0.tensor.columns) }, uniquingKeysWith: { first, _ in first })
    case nil: [:]
    }
  }

  private mutating func generate(_ reader: inout ConfigurationReader) {
    let name = reader.choice(
      "generator", of: ProblemGenerator.allCases.map(\.rawValue), required: true)
    let rows = 1...WrittenDataset.generatedRowsMax
    let counts = SplitName.allCases.map { split in
      (split, reader.integer(split.rawValue, in: rows, required: split == .train))
    }
    let seed = reader.integer("seed", in: 0...Int.max) ?? 0
    guard let problem = name.flatMap(ProblemGenerator.init(rawValue:)), reader.issues.isEmpty
    else { return }
    for case (let split, let count?) in counts {
      let samples = problem.samples(rows: count, seed: UInt64(seed), split: split)
      splits[split] = Split(
        inputs: .one(samples.inputs), targets: .one(samples.targets), weights: nil)
    }
    generator = [
      JSONValue.Member("generator", .string(problem.rawValue)),
      JSONValue.Member("seed", .integer(seed)),
    ]
  }

  private func readSplit(
    _ value: JSONValue, _ split: SplitName, _ reader: inout ConfigurationReader
  ) -> Split? {
    var entries = ConfigurationReader(
      value, subject: "dataset.\(split.rawValue)",
      pointer: reader.pointer.member(split.rawValue))
    let inputs = Tensors("inputs", &entries)
    let targets = Tensors("targets", &entries)
    let weights = entries.rowWeights("weights")
    let faults = entries.finish()
    reader.append(faults)
    guard let inputs, let targets, faults.isEmpty else { return nil }
    return Split(inputs: inputs, targets: targets, weights: weights)
  }
}

extension WrittenDataset.Tensors {
  /// Reads a member that is a tensor of rows or an object of them; nil if it is at fault.
  init?(_ name: String, _ reader: inout ConfigurationReader) {
    guard case .object(let members)? = reader.value(name) else {
      guard let tensor = reader.rows(name) else { return nil }
      self = .one(tensor)
      return
    }
    var entries = ConfigurationReader(
      .object(members), subject: "\(name) of \(reader.subject)",
      pointer: reader.pointer.member(name))
    let tensors = members.map { ($0.name, entries.rows($0.name)) }
    let faults = entries.finish()
    reader.append(faults)
    guard faults.isEmpty else { return nil }
    self = .named(tensors.compactMap { name, tensor in tensor.map { (name, $0) } })
  }

  /// The tensors by name, a single one under the name given.
  func named(_ name: String) -> [(name: String, tensor: Tensor)] {
    switch self {
    case .one(let tensor): [(name, tensor)]
    case .named(let tensors): tensors
    }
  }
}

extension ConfigurationReader {
  /// A number of at least 0 for each sample, and one above 0; nil if there are none.
  mutating func rowWeights(_ name: String) -> Tensor? {
    guard let tensor = tensor(name) else { return nil }
    guard tensor.shape.count == 1 else {
      report(
        "shape_mismatch", member: name,
        "\(name) of \(subject) must be a number for each sample, shape [samples], but has the shape "
          + "\(tensor.shape); write [1, 2], not [[1], [2]]")
      return nil
    }
    if let index = tensor.elements.firstIndex(where: { $0 < 0 }) {
      report(
        "invalid_value", at: pointer.member(name).entry(index),
        "weight \(tensor.elements[index]) of sample \(index) in \(subject) must be at least 0")
    } else if !tensor.elements.isEmpty && tensor.elements.allSatisfy({ $0 == 0 }) {
      report(
        "invalid_value", member: name,
        "\(name) of \(subject) are all 0; at least one sample must count")
    }
    return tensor
  }

  /// A table of samples: at least one row of 1 to ``Linear/featuresMax`` features.
  mutating func rows(_ name: String) -> Tensor? {
    guard let tensor = tensor(name, required: true) else { return nil }
    guard tensor.shape.count == 2, tensor.rows > 0, tensor.columns > 0 else {
      report(
        "shape_mismatch", member: name,
        "\(name) of \(subject) must be rows of numbers, shape [samples, features], but has the "
          + "shape \(tensor.shape); write a single column as [[1], [2]]")
      return nil
    }
    guard tensor.columns <= Linear.featuresMax else {
      report(
        "over_limit", member: name,
        "\(name) of \(subject) has \(tensor.columns) columns, but at most \(Linear.featuresMax) are "
          + "allowed")
      return nil
    }
    return tensor
  }
}
