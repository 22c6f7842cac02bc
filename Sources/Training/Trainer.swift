package import NeuralNetwork

/// Trains a model by mini-batch gradient descent, an epoch at a time.
///
/// The result is a function of model, data set and hyperparameters alone: not of time, of the
/// machine, or of where it is stopped and looked at.
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
  private var executor: GraphExecutor
  private var batches: Batches
  private let validationBatches: Batches?
  /// Steps done of the present epoch, and the sum of their samples' losses.
  private var step = 0
  private var lossSum = 0.0
  /// The parameters after the last epoch that left all of them finite.
  private var finiteParameters: [Tensor]

  /// Prepares a training.
  ///
  /// - Parameters:
  ///   - model: What to begin with.
  ///   - dataset: Laid out in the order of the model's graph.
  ///   - hyperparameters: The client's choices.
  ///   - elapsedSeconds: Read once an epoch, for the history only.
  package init(
    _ model: Model, on dataset: Dataset, _ hyperparameters: Hyperparameters,
    elapsedSeconds: @escaping () -> Double
  ) {
    precondition(dataset.train.rows > 0, "There is something to train on")
    self.hyperparameters = hyperparameters
    self.dataset = dataset
    self.elapsedSeconds = elapsedSeconds
    finiteParameters = model.parameters
    batches = Batches(
      rows: dataset.train.rows, size: hyperparameters.batchSize, seed: hyperparameters.seed,
      shuffles: hyperparameters.shuffles)
    validationBatches = dataset.validation.map {
      Batches(rows: $0.rows, size: hyperparameters.batchSize, seed: 0, shuffles: false)
    }
    executor = GraphExecutor(
      model, batchSizes: Set(batches.sizes + (validationBatches?.sizes ?? [])).sorted(by: >),
      mode: .training(optimizer: hyperparameters.optimizer))
  }

  /// The number of finished epochs.
  package var epoch: Int { history.epoch.count }

  /// Whether all epochs are done.
  package var isFinished: Bool { epoch == hyperparameters.epochs }

  /// The model as it is; after a divergence as it last was finite.
  package var model: Model {
    Model(
      graph: executor.graph,
      parameters: executor.isFinite ? executor.parameters : finiteParameters)
  }

  /// Trains one epoch, or what is left of one that was stopped.
  ///
  /// - Parameter shouldStop: Asked before each step, and before each batch of the validation.
  /// - Returns: Why the epoch ended.
  package mutating func runEpoch(unless shouldStop: () -> Bool) -> EpochEnd {
    if step == 0 {
      batches.begin(epoch: epoch)
      lossSum = 0
    }
    let rate = Float(hyperparameters.optimizer.learningRate)
    while step < batches.count {
      if shouldStop() { return .stopped }
      let batch = batches.batch(step)
      let loss = executor.step(batch, dataset.train, hyperparameters.loss, rate: rate)
      guard loss.isFinite else { return .diverged(step: step + 1) }
      lossSum += loss * Double(batch.count)
      step += 1
    }
    // A last step can leave parameters that only the next epoch's loss would betray.
    guard executor.isFinite else { return .diverged(step: step) }
    if let validation = dataset.validation, let validationBatches {
      guard let loss = validationLoss(validation, validationBatches, unless: shouldStop) else {
        return .stopped
      }
      history.validationLoss.append(loss)
    }
    step = 0
    finiteParameters = executor.parameters
    history.epoch.append(epoch + 1)
    history.trainLoss.append(lossSum / Double(dataset.train.rows))
    history.learningRate.append(hyperparameters.optimizer.learningRate)
    history.seconds.append(elapsedSeconds())
    return .finished
  }

  /// The mean loss over all rows; nil if it was stopped.
  private mutating func validationLoss(
    _ samples: Samples, _ batches: Batches, unless shouldStop: () -> Bool
  ) -> Double? {
    var sum = 0.0
    for step in 0..<batches.count {
      if shouldStop() { return nil }
      let batch = batches.batch(step)
      executor.gather(batch, inputs: samples.inputs, targets: samples.targets)
      executor.forward(rows: batch.count)
      sum += executor.rowValues(of: hyperparameters.loss, rows: batch.count).reduce(0, +)
    }
    return sum / Double(samples.rows)
  }
}

extension GraphExecutor {
  /// Forward, backward and update on one batch.
  ///
  /// - Returns: The loss before the update. If it is not finite, nothing is updated.
  fileprivate mutating func step(
    _ batch: ArraySlice<Int>, _ samples: borrowing Samples, _ loss: any Loss, rate: Float
  ) -> Double {
    gather(batch, inputs: samples.inputs, targets: samples.targets)
    forward(rows: batch.count)
    let value = value(of: loss, rows: batch.count)
    guard value.isFinite else { return value }
    backward(from: loss, rows: batch.count)
    update(rate: rate)
    return value
  }
}
