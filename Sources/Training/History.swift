/// The course of a training, an entry for each finished epoch in each column.
package struct History: Hashable, Sendable {
  /// 1, 2, 3, ...
  package var epoch: [Int] = []

  /// The mean of the epoch's batch losses, each taken before its step.
  package var trainLoss: [Double] = []

  /// The loss on the validation split after the epoch; empty without such a split.
  package var validationLoss: [Double] = []

  package var learningRate: [Double] = []

  /// Since the training began.
  package var seconds: [Double] = []

  package init() {}

  /// Appends an entry of another history with the same columns.
  mutating func append(_ index: Int, of other: History) {
    epoch.append(other.epoch[index])
    trainLoss.append(other.trainLoss[index])
    if !other.validationLoss.isEmpty { validationLoss.append(other.validationLoss[index]) }
    learningRate.append(other.learningRate[index])
    seconds.append(other.seconds[index])
  }
}
