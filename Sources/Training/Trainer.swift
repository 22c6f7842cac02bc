package import Kernels
package import NeuralNetwork

/// Trains a model by mini-batch gradient descent, an epoch at a time.
///
/// The result is a function of model, data set and hyperparameters alone: not of time, of the
/// machine, of the number of threads, or of where it is stopped and looked at.
package struct Trainer: ~Copyable {
  /// How an epoch ended.
  package enum EpochEnd: Hashable, Sendable {
    case finished
    /// Before its last step, since the caller asked for it.
    case stopped
    /// The loss of a step was not finite; steps are counted from 1 within the epoch.
    case diverged(step: Int)
  }

  package private(set) var history = History()

  private let hyperparameters: Hyperparameters
  private let dataset: Dataset
  private let elapsedSeconds: () -> Double
  private let losses: [WeightedLoss]
  private let rowWeights: [Tensor]
  private let validationRowWeights: [Tensor]
  private var executor: GraphExecutor
  private var batches: Batches
  private let validationBatches: Batches?
  private var course: LearningRateCourse
  private var stopping = EarlyStopping.State()
  /// Steps done of the present epoch, and the sums of their samples' losses.
  private var step = 0
  private var sums: LossSums
  private var stepCount = 0
  private var hasDiverged = false

  /// Prepares a training.
  ///
  /// - Parameters:
  ///   - model: What to begin with.
  ///   - dataset: Laid out in the order of the model's graph.
  ///   - hyperparameters: The client's choices; there is a loss for each output.
  ///   - team: The threads that share large operators; they change no bit of the result.
  ///   - set: The kernels that compute; the best there are, but in tests.
  ///   - elapsedSeconds: Read once an epoch, for the history only.
  package init(
    _ model: Model, on dataset: Dataset, _ hyperparameters: Hyperparameters, team: Team = .alone,
    set: KernelSet = .best, elapsedSeconds: @escaping () -> Double
  ) {
    let losses = hyperparameters.losses.losses(of: model.graph)
    precondition(dataset.train.rows > 0, "There is something to train on")
    precondition(losses.count == model.graph.outputs.count, "Each output has a loss")
    // Rows that count differently in one split are weighed in the other too.
    var rowWeights = dataset.train.rowWeights(losses)
    var validationRowWeights = dataset.validation?.rowWeights(losses) ?? []
    if rowWeights.isEmpty && !validationRowWeights.isEmpty {
      rowWeights = losses.map { _ in .ones(rows: dataset.train.rows) }
    }
    if let validation = dataset.validation, validationRowWeights.isEmpty && !rowWeights.isEmpty {
      validationRowWeights = losses.map { _ in .ones(rows: validation.rows) }
    }
    let batches = Batches(
      rows: dataset.train.rows, size: hyperparameters.batchSize, seed: hyperparameters.seed,
      shuffles: hyperparameters.shuffles)
    let validationBatches = dataset.validation.map {
      Batches(rows: $0.rows, size: hyperparameters.batchSize, seed: 0, shuffles: false)
    }
    self.hyperparameters = hyperparameters
    self.dataset = dataset
    self.elapsedSeconds = elapsedSeconds
    self.losses = losses
    self.rowWeights = rowWeights
    self.validationRowWeights = validationRowWeights
    self.batches = batches
    self.validationBatches = validationBatches
    course = hyperparameters.course
    sums = LossSums(outputs: losses.count)
    executor = GraphExecutor(
      model, batchSizes: Set(batches.sizes + (validationBatches?.sizes ?? [])).sorted(by: >),
      purpose: .training(
        losses: losses, rule: hyperparameters.rule, seed: hyperparameters.seed,
        isWeighted: !rowWeights.isEmpty),
      team: team, set: set)
    executor.keep(.finite)
  }

  /// The number of finished epochs.
  package var epoch: Int { history.epoch.count }

  /// How far the training is: grows with each step and each finished epoch.
  package var position: Int { epoch * (batches.count + 1) + step }

  /// The epoch, counted from 1, whose parameters early stopping has chosen.
  package var bestEpoch: Int? { stopping.bestEpoch }

  /// Whether all epochs are done, or early stopping has ended the training.
  package var isFinished: Bool {
    epoch == hyperparameters.epochs
      || hyperparameters.earlyStopping.map(stopping.hasEnded) ?? false
  }

  /// The model as it is; after a divergence as it last was finite, and after the end as early
  /// stopping chose it.
  package var model: Model {
    isFinished || hasDiverged ? result : finiteModel
  }

  /// The model that the training leaves if it ends now: the best epoch's with early stopping, else
  /// the last that was finite.
  package var result: Model {
    stopping.bestEpoch == nil
      ? finiteModel : Model(graph: executor.graph, parameters: executor.parameters(kept: .best))
  }

  private var finiteModel: Model {
    Model(
      graph: executor.graph,
      parameters: executor.isFinite
        ? executor.parameters : executor.parameters(kept: .finite))
  }

  /// Where the training stands, unless it has diverged, for ``Checkpoint``.
  package var checkpoint: [UInt8] {
    Checkpoint.write(
      history, step: step, losses: sums.losses, weights: sums.weights, executor)
  }

  /// Steps done of the epoch after the finished ones.
  package var stepsOfEpoch: Int { step }

  /// Goes on from where another training of the same model, data and hyperparameters stood; their
  /// number of epochs may be another.
  ///
  /// - Returns: False, and nothing is changed, if the checkpoint is of a training of another shape.
  package mutating func resume(from checkpoint: Checkpoint) -> Bool {
    let epochs = checkpoint.history.epoch.count
    guard checkpoint.state.count == executor.stateBytes, checkpoint.losses.count == losses.count,
      checkpoint.step <= batches.count, epochs <= hyperparameters.epochs,
      dataset.validation == nil || checkpoint.history.validationLoss.count == epochs
    else { return false }
    course = hyperparameters.course
    stopping = EarlyStopping.State()
    for epoch in 0..<epochs {
      history.append(epoch, of: checkpoint.history)
      _ = observe()
    }
    step = checkpoint.step
    stepCount = epochs * batches.count + step
    sums = LossSums(losses: checkpoint.losses, weights: checkpoint.weights)
    executor.resume(from: checkpoint.state, steps: stepCount)
    batches.begin(epoch: epoch)
    return true
  }

  /// Trains one epoch, or what is left of one that was stopped.
  ///
  /// - Parameter shouldStop: Asked before each step, and before each batch of the validation.
  /// - Returns: Why the epoch ended.
  package mutating func runEpoch(unless shouldStop: () -> Bool) -> EpochEnd {
    if step == 0 {
      batches.begin(epoch: epoch)
      sums.clear()
    }
    let baseRate = hyperparameters.rule.optimizer.learningRate
    let rate = course.rate(baseRate, epoch: epoch, of: hyperparameters.epochs)
    while step < batches.count {
      if shouldStop() { return .stopped }
      let batch = batches.batch(step)
      executor.gather(
        batch, inputs: dataset.train.inputs, targets: dataset.train.targets, weights: rowWeights)
      executor.forward(rows: batch.count, .training)
      guard executor.loss(rows: batch.count).isFinite else { return diverged(step: step + 1) }
      sums.add(executor, rows: batch.count)
      executor.update(rows: batch.count, rate: rate, step: stepCount + 1)
      step += 1
      stepCount += 1
    }
    // A last step can leave parameters that only the next epoch's loss would betray.
    guard executor.isFinite else { return diverged(step: step) }
    if let validation = dataset.validation, let validationBatches {
      guard let loss = validationLoss(validation, validationBatches, unless: shouldStop) else {
        return .stopped
      }
      history.validationLoss.append(loss)
    }
    step = 0
    executor.keep(.finite)
    history.epoch.append(epoch + 1)
    history.trainLoss.append(sums.mean(losses))
    history.learningRate.append(rate)
    history.seconds.append(elapsedSeconds())
    if observe() { executor.keep(.best) }
    return .finished
  }

  private mutating func diverged(step: Int) -> EpochEnd {
    hasDiverged = true
    return .diverged(step: step)
  }

  /// Shows the losses of the newest epoch to schedule and early stopping.
  ///
  /// - Returns: Whether early stopping finds it the best so far.
  private mutating func observe() -> Bool {
    guard let trainLoss = history.trainLoss.last else { return false }
    let validationLoss = history.validationLoss.last
    course.observe(validationLoss ?? trainLoss, epoch: epoch - 1)
    guard let rule = hyperparameters.earlyStopping else { return false }
    let loss = rule.monitor == .train ? trainLoss : validationLoss ?? trainLoss
    return stopping.observe(loss, epoch: epoch, rule)
  }

  /// The mean loss over all rows; nil if it was stopped.
  private mutating func validationLoss(
    _ samples: Samples, _ batches: Batches, unless shouldStop: () -> Bool
  ) -> Double? {
    var sums = LossSums(outputs: losses.count)
    for step in 0..<batches.count {
      if shouldStop() { return nil }
      let batch = batches.batch(step)
      executor.gather(
        batch, inputs: samples.inputs, targets: samples.targets, weights: validationRowWeights)
      executor.forward(rows: batch.count, .prediction)
      sums.add(executor, rows: batch.count)
    }
    return sums.mean(losses)
  }
}

/// The losses of samples so far, for each output, as much as they count.
private struct LossSums {
  private(set) var losses: [Double]
  private(set) var weights: [Double]

  init(losses: [Double], weights: [Double]) {
    self.losses = losses
    self.weights = weights
  }

  init(outputs: Int) {
    let zeros = Array(repeating: 0.0, count: outputs)
    self.init(losses: zeros, weights: zeros)
  }

  mutating func clear() {
    for output in losses.indices {
      losses[output] = 0
      weights[output] = 0
    }
  }

  /// Adds the batch that was computed last.
  mutating func add(_ executor: borrowing GraphExecutor, rows: Int) {
    for output in losses.indices {
      let weight = executor.batchWeight(rows: rows, output: output)
      losses[output] += weight * executor.batchLoss(rows: rows, output: output)
      weights[output] += weight
    }
  }

  /// The weighted sum of the outputs' means; 0 of an output whose samples have no weight.
  func mean(_ choices: [WeightedLoss]) -> Double {
    var sum = 0.0
    for output in losses.indices where weights[output] > 0 {
      sum += choices[output].weight * losses[output] / weights[output]
    }
    return sum
  }
}
