package import NeuralNetwork

/// What a client chooses about a training.
package struct Hyperparameters: Sendable {
  /// Passes over the training samples.
  package let epochs: Int

  /// Samples of a step; the last step of an epoch takes what is left.
  package let batchSize: Int

  package let loss: any Loss
  package let optimizer: any Optimizer

  /// Decides the first parameters and the order of the samples.
  package let seed: UInt64

  /// Whether each epoch takes the samples in an order of its own.
  package let shuffles: Bool

  /// Puts the choices together.
  package init(
    epochs: Int, batchSize: Int, loss: any Loss, optimizer: any Optimizer, seed: UInt64,
    shuffles: Bool
  ) {
    precondition(epochs >= 1 && batchSize >= 1, "A training has at least one step")
    self.epochs = epochs
    self.batchSize = batchSize
    self.loss = loss
    self.optimizer = optimizer
    self.seed = seed
    self.shuffles = shuffles
  }
}
