package import NeuralNetwork

/// What a client chooses about a training.
package struct Hyperparameters: Sendable {
  /// Passes over the training samples.
  package let epochs: Int

  /// Samples of a step; the last step of an epoch takes what is left.
  package let batchSize: Int

  package let losses: LossChoice
  package let rule: StepRule

  /// How the learning rate changes from epoch to epoch.
  package let course: LearningRateCourse

  /// Nil to train all epochs and keep the last one's parameters.
  package let earlyStopping: EarlyStopping?

  /// Decides the first parameters, the order of the samples, and what is dropped.
  package let seed: UInt64

  /// Whether each epoch takes the samples in an order of its own.
  package let shuffles: Bool

  /// Puts the choices together.
  package init(
    epochs: Int, batchSize: Int, losses: LossChoice, rule: StepRule, course: LearningRateCourse,
    earlyStopping: EarlyStopping? = nil, seed: UInt64, shuffles: Bool
  ) {
    precondition(epochs >= 1 && batchSize >= 1, "A training has at least one step")
    self.epochs = epochs
    self.batchSize = batchSize
    self.losses = losses
    self.rule = rule
    self.course = course
    self.earlyStopping = earlyStopping
    self.seed = seed
    self.shuffles = shuffles
  }
}

/// Which loss each output has.
package enum LossChoice: Sendable {
  /// One for all.
  case same(WeightedLoss)

  /// One for each output, by its id.
  case each([OperatorID: WeightedLoss])

  /// The losses in the order of ``Graph/outputs``.
  ///
  /// - Returns: Fewer than there are outputs if some have none, which is a fault of the request.
  package func losses(of graph: Graph) -> [WeightedLoss] {
    switch self {
    case .same(let loss): graph.outputs.map { _ in loss }
    case .each(let losses): graph.outputs.compactMap { losses[graph.nodes[$0].id] }
    }
  }
}
