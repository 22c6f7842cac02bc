/// When a training ends before all its epochs are done: after `patience` epochs in a row without a
/// loss below `best - minimum_change`.
///
/// Whether it or the number of epochs ends the training, the best epoch's parameters are the result.
package struct EarlyStopping: Hashable, Sendable {
  /// The loss that is looked at.
  package enum Monitor: String, CaseIterable, Sendable {
    /// After each epoch, on the validation split.
    case validation
    /// The mean of each epoch's batch losses.
    case train
  }

  package let monitor: Monitor
  package let patience: Int
  package let minimumChange: Double

  package init(monitor: Monitor, patience: Int, minimumChange: Double) {
    precondition(patience >= 1, "One epoch decides at least")
    self.monitor = monitor
    self.patience = patience
    self.minimumChange = minimumChange
  }

  /// How far a training has come by this rule.
  struct State {
    private(set) var bestEpoch: Int?
    private var bestLoss = Double.infinity
    private var badEpochs = 0

    /// Sees the loss that an epoch ended with.
    ///
    /// - Returns: Whether it is the best so far.
    mutating func observe(_ loss: Double, epoch: Int, _ rule: EarlyStopping) -> Bool {
      guard loss < bestLoss - rule.minimumChange else {
        badEpochs += 1
        return false
      }
      (bestEpoch, bestLoss, badEpochs) = (epoch, loss, 0)
      return true
    }

    /// Whether there were too many epochs without a better loss.
    func hasEnded(_ rule: EarlyStopping) -> Bool { badEpochs >= rule.patience }
  }
}
