internal import NeuralNetwork
internal import Training

extension Hyperparameters {
  /// The most epochs of a job, and the most samples of a batch.
  static let countMax = 1_000_000

  /// Reads the `training` member; what is left out takes its default.
  ///
  /// - Parameters:
  ///   - reader: Of the member.
  ///   - hasValidation: Whether there is a validation split; nil if that is not known.
  /// - Returns: Nil if there was a fault; the losses by themselves, since they can be held to the
  ///   network whatever else is at fault.
  static func read(
    _ reader: inout ConfigurationReader, hasValidation: Bool?
  ) -> (hyperparameters: Hyperparameters?, losses: LossChoice?) {
    let counts = 1...Hyperparameters.countMax
    let before = reader.issues.count
    let epochs = reader.integer("epochs", in: counts) ?? 100
    let batchSize = reader.integer("batch_size", in: counts) ?? 32
    let losses = LossChoice(reading: &reader)
    let optimizer = reader.kind("optimizer", of: OptimizerCatalogue.kinds, default: SGD.type)
    let penalties = 0.0...1_000_000
    let l1 = reader.number("l1", in: penalties) ?? 0
    let l2 = reader.number("l2", in: penalties) ?? 0
    let clipping = GradientClipping(reading: &reader)
    let course = LearningRateCourse(reading: &reader, epochs: epochs)
    let earlyStopping = EarlyStopping(reading: &reader, hasValidation: hasValidation)
    let seed = reader.integer("seed", in: 0...Int.max) ?? 0
    let shuffles = reader.bool("shuffle") ?? true
    guard reader.issues.count == before, let losses, let course,
      let optimizer = optimizer as? any Optimizer
    else { return (nil, losses) }
    let hyperparameters = Hyperparameters(
      epochs: epochs, batchSize: batchSize, losses: losses,
      rule: StepRule(optimizer, l1: l1, l2: l2, clipping: clipping), course: course,
      earlyStopping: earlyStopping, seed: UInt64(seed), shuffles: shuffles)
    return (hyperparameters, losses)
  }

  /// Every choice written out, as it can be read again.
  var document: [JSONValue.Member] {
    [
      JSONValue.Member("epochs", .integer(epochs)),
      JSONValue.Member("batch_size", .integer(batchSize)),
      losses.member,
      JSONValue.Member(
        "optimizer", .kind(rule.optimizer, rule.optimizer.options)),
      JSONValue.Member("l1", .number(rule.l1)),
      JSONValue.Member("l2", .number(rule.l2)),
      JSONValue.Member("gradient_clipping", rule.clipping?.document ?? .null),
      JSONValue.Member(
        "schedule",
        .kind(
          course.schedule,
          course.schedule.options
            + [JSONValue.Member("warmup_epochs", .integer(course.warmupEpochs))])),
      JSONValue.Member("early_stopping", earlyStopping?.document ?? .null),
      JSONValue.Member("seed", .integer(Int(seed))),
      JSONValue.Member("shuffle", .bool(shuffles)),
    ]
  }
}

extension JSONValue {
  /// A kind with its options, as it can be read again.
  fileprivate static func kind(_ kind: any Kind, _ options: [Member]) -> JSONValue {
    .object([Member("type", .string(kind.type))] + options)
  }
}

extension LossChoice {
  /// Reads `loss`, one for every output, or `losses`, one for each.
  fileprivate init?(reading reader: inout ConfigurationReader) {
    guard let value = reader.value("losses") else {
      let written = reader.value("loss") ?? .string(MeanSquaredError.type)
      let loss = reader.weightedLoss(written, named: { "loss\($0)" }, member: "loss")
      guard let loss else { return nil }
      self = .same(loss)
      return
    }
    if reader.value("loss") != nil {
      reader.report(
        "invalid_value", member: "loss",
        "training has both loss and losses; leave loss out where each output has its own")
    }
    var entries = ConfigurationReader(
      value, subject: "losses", pointer: reader.pointer.member("losses"))
    var losses: [OperatorID: WeightedLoss] = [:]
    for member in entries.allMembers() where member.value != .null {
      guard let id = OperatorID(member.name) else {
        entries.report(
          "invalid_id", member: member.name,
          "\"\(member.name.prefix(64))\" is no id: an id is \(OperatorID.grammar)")
        continue
      }
      losses[id] = entries.weightedLoss(
        member.value, named: { "loss\($0) of output \(id)" }, member: member.name)
    }
    let faults = entries.finish()
    reader.append(faults)
    guard faults.isEmpty else { return nil }
    self = .each(losses)
  }

  /// Checks that each output has a loss that fits it, and nothing else has one.
  func check(_ graph: Graph, _ reader: inout ConfigurationReader) {
    let outputs = graph.outputs.map { graph.nodes[$0] }
    switch self {
    case .same(let loss):
      for output in outputs {
        loss.loss.check(output, at: reader.pointer.member("loss"), &reader)
      }
    case .each(let losses):
      let place = reader.pointer.member("losses")
      let ids = outputs.map(\.id)
      for output in outputs {
        guard let loss = losses[output.id] else {
          reader.report(
            "missing_output", at: place, "the network's output \(output.id) has no loss in losses")
          continue
        }
        loss.loss.check(output, at: place.member(output.id.description), &reader)
      }
      for id in losses.keys.sorted() where !ids.contains(id) {
        reader.report(
          "unknown_output", at: place.member(id.description),
          "the network has no output \(id); it has \(ids.map(\.description).listed())")
      }
    }
  }

  fileprivate var member: JSONValue.Member {
    switch self {
    case .same(let loss): JSONValue.Member("loss", loss.document)
    case .each(let losses):
      JSONValue.Member(
        "losses",
        .object(
          losses.sorted { $0.key < $1.key }.map {
            JSONValue.Member($0.key.description, $0.value.document)
          }))
    }
  }
}

extension Loss {
  /// Checks that an output has as many features as the loss needs.
  fileprivate func check(
    _ output: Graph.Node, at place: JSONPath, _ reader: inout ConfigurationReader
  ) {
    let features = output.outputFeatures
    if isOfClasses && features < 2 {
      reader.report(
        "shape_mismatch", at: place,
        "loss \(type) needs an output with a feature for each of 2 or more classes, but output "
          + "\(output.id) has 1; bce_with_logits judges a single one")
    }
    guard let classWeights else { return }
    let expected = isOfClasses ? features : 2
    if !isOfClasses && features != 1 {
      reader.report(
        "shape_mismatch", at: place.member("class_weights"),
        "class_weights of loss \(type) need an output with 1 feature, but output \(output.id) has "
          + "\(features); leave class_weights out, or take loss cross_entropy")
    } else if classWeights.count != expected {
      reader.report(
        "shape_mismatch", at: place.member("class_weights"),
        "class_weights of loss \(type) has \(classWeights.count) numbers, but output \(output.id) has "
          + "\(expected) classes")
    }
  }
}

extension WeightedLoss {
  fileprivate var document: JSONValue {
    .kind(loss, loss.options + [JSONValue.Member("weight", .number(weight))])
  }
}

extension ConfigurationReader {
  /// Reads a loss and how much it counts.
  ///
  /// - Parameters:
  ///   - value: As the client wrote it.
  ///   - name: How messages name it, given its type behind a space.
  ///   - member: Where it stands in this object.
  /// - Returns: Nil if there is a fault, which is then among the issues.
  fileprivate mutating func weightedLoss(
    _ value: JSONValue, named name: (String) -> String, member: String
  ) -> WeightedLoss? {
    var weight = 1.0
    let loss = readKind(
      value, subject: { type in name(type.map { " \($0)" } ?? "") }, at: pointer.member(member),
      of: LossCatalogue.kinds,
      common: { reader in weight = reader.number("weight", in: 0...1_000_000) ?? 1 })
    return (loss as? any Loss).map { WeightedLoss($0, weight: weight) }
  }
}

extension LearningRateCourse {
  fileprivate init?(reading reader: inout ConfigurationReader, epochs: Int) {
    var warmupEpochs = 0
    let schedule = reader.kind(
      "schedule", of: ScheduleCatalogue.kinds, default: ConstantSchedule.type
    ) { reader in
      warmupEpochs = reader.integer("warmup_epochs", in: 0...1_000_000) ?? 0
    }
    guard let schedule = schedule as? any Schedule else { return nil }
    self.init(schedule.resolved(epochs: epochs - warmupEpochs), warmupEpochs: warmupEpochs)
  }
}

extension GradientClipping {
  fileprivate init?(reading reader: inout ConfigurationReader) {
    guard let value = reader.value("gradient_clipping") else { return nil }
    let place = reader.pointer.member("gradient_clipping")
    var entries = ConfigurationReader(value, subject: "gradient_clipping", pointer: place)
    let bounds = 1e-12...1e12
    let norm = entries.number("norm", in: bounds)
    let bound = entries.number("value", in: bounds)
    if entries.issues.isEmpty && entries.has("norm") == entries.has("value") {
      entries.report(
        "invalid_value", at: place,
        "gradient_clipping must have one of norm and value, but has "
          + (norm == nil ? "neither" : "both"))
    }
    reader.append(entries.finish())
    guard let clipping = norm.map(GradientClipping.norm) ?? bound.map(GradientClipping.value) else {
      return nil
    }
    self = clipping
  }

  fileprivate var document: JSONValue {
    switch self {
    case .norm(let bound): .object([JSONValue.Member("norm", .number(bound))])
    case .value(let bound): .object([JSONValue.Member("value", .number(bound))])
    }
  }
}

extension EarlyStopping {
  /// Reads the rule; without a `monitor` it looks at the validation split if there is one.
  fileprivate init?(reading reader: inout ConfigurationReader, hasValidation: Bool?) {
    guard let value = reader.value("early_stopping") else { return nil }
    var entries = ConfigurationReader(
      value, subject: "early_stopping", pointer: reader.pointer.member("early_stopping"))
    let choice = entries.choice("monitor", of: Monitor.allCases.map(\.rawValue))
    let monitor = choice.flatMap(Monitor.init(rawValue:))
    let patience = entries.integer("patience", in: 1...1_000_000) ?? 10
    let minimumChange = entries.number("minimum_change", in: 0...1_000_000) ?? 0
    if monitor == .validation && hasValidation == false {
      entries.report(
        "missing_split", member: "monitor",
        "early_stopping monitors the loss on the validation split, but dataset has none; give one, "
          + "or monitor train")
    }
    reader.append(entries.finish())
    self.init(
      monitor: monitor ?? (hasValidation == true ? .validation : .train), patience: patience,
      minimumChange: minimumChange)
  }

  fileprivate var document: JSONValue {
    .object([
      JSONValue.Member("monitor", .string(monitor.rawValue)),
      JSONValue.Member("patience", .integer(patience)),
      JSONValue.Member("minimum_change", .number(minimumChange)),
    ])
  }
}
