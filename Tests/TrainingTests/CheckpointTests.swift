import Kernels
import NeuralNetwork
import TestSupport
import Testing

@testable import Training

@Suite("Checkpoints")
struct CheckpointTests {
  /// What a training may keep between two steps.
  struct Setting: CustomTestStringConvertible, Sendable {
    let name: String
    var optimizer: @Sendable () throws -> any Optimizer = { try kind(SGD.self, rate) }
    var schedule: @Sendable () throws -> any Schedule = { try kind(ConstantSchedule.self) }
    var earlyStopping: EarlyStopping?
    var isValidated = true
    var threads = 1

    var testDescription: String { name }

    static let rate: [(String, JSONValue)] = [("learning_rate", .number(0.05))]
  }

  static let settings: [Setting] = [
    Setting(name: "sgd"),
    Setting(name: "no validation", isValidated: false),
    Setting(
      name: "momentum",
      optimizer: {
        try kind(SGD.self, Setting.rate + [("momentum", .number(0.9)), ("nesterov", .bool(true))])
      }),
    Setting(name: "adam", optimizer: { try kind(Adam.self, Setting.rate) }),
    Setting(name: "adamw", optimizer: { try kind(AdamW.self, Setting.rate) }),
    Setting(name: "rmsprop", optimizer: { try kind(RMSprop.self, Setting.rate) }),
    Setting(name: "adagrad", optimizer: { try kind(Adagrad.self, Setting.rate) }),
    Setting(name: "cosine", schedule: { try kind(CosineSchedule.self) }),
    Setting(
      name: "plateau",
      schedule: {
        try kind(
          ReduceOnPlateau.self, [("patience", .integer(0)), ("threshold", .number(0.2))])
      }),
    Setting(
      name: "early stopping", optimizer: { try kind(SGD.self, [("learning_rate", .number(0.5))]) },
      earlyStopping: EarlyStopping(monitor: .validation, patience: 2, minimumChange: 0)),
    Setting(name: "two threads", optimizer: { try kind(Adam.self, Setting.rate) }, threads: 2),
  ]

  /// Dropout, running statistics, and a smaller last batch.
  private func training(_ setting: Setting, epochs: Int = 6) throws -> Trainer {
    let network = chain([
      .string("standardize"), linear(8), .string("batch_norm"), .string("relu"),
      .object([.init("type", .string("dropout")), .init("rate", .number(0.3))]), linear(1),
    ])
    let train = regressionSamples(rows: 23, seed: 1)
    let model = Model(
      graph: try graph(network, features: ["x": 2]), seed: 1, fittedTo: train.inputs)
    return trainer(
      model, train: train,
      validation: setting.isValidated ? regressionSamples(rows: 12, seed: 2) : nil,
      try hyperparameters(
        epochs: epochs, seed: 3, rule: StepRule(setting.optimizer()),
        course: LearningRateCourse(setting.schedule(), warmupEpochs: 1),
        earlyStopping: setting.earlyStopping),
      team: ThreadPool(threads: setting.threads).team())
  }

  /// What must not depend on cuts.
  private struct End: Equatable {
    let bytes: [UInt8]
    let trainLoss: [Double]
    let validationLoss: [Double]
    let learningRate: [Double]
    let bestEpoch: Int?

    init(_ trainer: consuming Trainer) {
      let history = trainer.history
      (trainLoss, validationLoss, learningRate) = (
        history.trainLoss, history.validationLoss, history.learningRate
      )
      bestEpoch = trainer.bestEpoch
      bytes = trainer.result.bytes
    }
  }

  private func uncut(_ setting: Setting, epochs: Int = 6) throws -> End {
    var trainer = try training(setting, epochs: epochs)
    _ = trainer.runAll()
    return End(trainer)
  }

  /// Through bytes into a training that knows nothing.
  private func resumed(
    _ checkpoint: [UInt8], _ setting: Setting, epochs: Int = 6
  ) throws -> Trainer {
    let read = try #require(Checkpoint(bytes: checkpoint))
    var trainer = try training(setting, epochs: epochs)
    let isResumed = trainer.resume(from: read)
    #expect(isResumed)
    return trainer
  }

  @Test(
    "a training that is cut at every question ends with the bits of the uncut one",
    arguments: settings)
  func cutEverywhere(setting: Setting) throws {
    var trainer = try training(setting)
    var cuts = 0
    while !trainer.isFinished {
      // A step or a batch of the validation each time; the validation begins again when it was cut.
      var questions = 0
      let allowed = 1 + cuts % 3
      let end = trainer.runEpoch {
        questions += 1
        return questions > allowed
      }
      #expect(end != .diverged(step: 1))
      cuts += 1
      trainer = try resumed(trainer.checkpoint, setting)
    }
    #expect(cuts > 8)
    #expect(try End(trainer) == uncut(setting))
  }

  @Test("one cut at any step changes nothing", arguments: settings)
  func cutOnce(setting: Setting) throws {
    let whole = try uncut(setting)
    for cut in 0..<24 {
      var trainer = try training(setting)
      var questions = 0
      while !trainer.isFinished {
        let end = trainer.runEpoch {
          questions += 1
          return questions > cut
        }
        if end == .stopped { break }
      }
      var other = try resumed(trainer.checkpoint, setting)
      _ = other.runAll()
      #expect(End(other) == whole, "cut after \(cut)")
    }
  }

  @Test(
    "a training that has ended goes on as if more epochs had been asked for",
    arguments: settings.filter { $0.name != "cosine" })
  func extended(setting: Setting) throws {
    var trainer = try training(setting, epochs: 3)
    _ = trainer.runAll()
    var longer = try resumed(trainer.checkpoint, setting, epochs: 6)
    _ = longer.runAll()
    #expect(try End(longer) == uncut(setting, epochs: 6))
  }

  @Test("the checkpoint of another training, or one of more epochs, is refused and changes nothing")
  func refuses() throws {
    let setting = Self.settings[0]
    var whole = try training(setting)
    _ = whole.runAll()
    let wholeBytes = whole.checkpoint
    let wholeCheckpoint = try #require(Checkpoint(bytes: wholeBytes))
    var short = try training(setting, epochs: 3)
    let isLonger = short.resume(from: wholeCheckpoint)
    #expect(!isLonger)
    var adam = try training(Self.settings[3])
    let isOther = adam.resume(from: wholeCheckpoint)
    #expect(!isOther)
    _ = adam.runAll()
    #expect(try End(adam) == uncut(Self.settings[3]))
    var unvalidated = try training(Self.settings[1])
    _ = unvalidated.runAll()
    let unvalidatedBytes = unvalidated.checkpoint
    let unvalidatedCheckpoint = try #require(Checkpoint(bytes: unvalidatedBytes))
    var validated = try training(setting)
    let isUnvalidated = validated.resume(from: unvalidatedCheckpoint)
    #expect(!isUnvalidated)
  }

  @Test("bytes that are cut, longer or of another kind are no checkpoint")
  func malformed() throws {
    var trainer = try training(Self.settings[0])
    _ = trainer.runEpoch { false }
    let bytes = trainer.checkpoint
    for count in bytes.indices { #expect(Checkpoint(bytes: Array(bytes[..<count])) == nil) }
    #expect(Checkpoint(bytes: bytes + [0]) == nil)
    // Each byte of signature and counts, made as great as it can be.
    for index in 0..<56 where !(32..<40).contains(index) && bytes[index] != 0xFF {
      var other = bytes
      other[index] = 0xFF
      #expect(Checkpoint(bytes: other) == nil, "byte \(index)")
    }
  }
}
