/// How the learning rate changes from epoch to epoch.
///
/// To add one: a file in this folder and a line in ``ScheduleCatalogue``.
package protocol Schedule: Kind {
  /// The members that write it so that it can be read again, without `type` and `warmup_epochs`.
  var options: [JSONValue.Member] { get }

  /// The rate of an epoch.
  ///
  /// - Parameters:
  ///   - rate: The optimizer's.
  ///   - epoch: 0, 1, 2, ... after the warm-up.
  ///   - epochs: How many there are after the warm-up.
  /// - Returns: At least 0.
  func rate(_ rate: Double, epoch: Int, of epochs: Int) -> Double

  /// The same schedule with what the number of epochs decides written down.
  ///
  /// - Parameter epochs: How many there are after the warm-up.
  /// - Returns: What can be read again without knowing that number.
  func resolved(epochs: Int) -> Self

  /// Sees the loss that an epoch after the warm-up ended with.
  mutating func observe(_ loss: Double)
}

extension Schedule {
  package var options: [JSONValue.Member] { [] }
  package func resolved(epochs: Int) -> Self { self }
  package mutating func observe(_ loss: Double) {}
}

/// The kinds of schedule that a job may name.
package enum ScheduleCatalogue {
  /// One line for each kind.
  package static let kinds: [any Schedule.Type] = [
    ConstantSchedule.self,
    CosineSchedule.self,
    ExponentialSchedule.self,
    ReduceOnPlateau.self,
    StepSchedule.self,
  ]
}

/// A schedule behind a warm-up.
package struct LearningRateCourse: Sendable {
  package private(set) var schedule: any Schedule

  /// Epochs in which the rate grows in equal parts to the optimizer's: `rate * (e + 1) / w`.
  package let warmupEpochs: Int

  /// Puts a warm-up before a schedule.
  package init(_ schedule: any Schedule, warmupEpochs: Int = 0) {
    self.schedule = schedule
    self.warmupEpochs = warmupEpochs
  }

  /// The rate of an epoch of the whole training.
  package func rate(_ rate: Double, epoch: Int, of epochs: Int) -> Double {
    // Nothing grows from 0, not even by a factor that is beyond all numbers.
    if rate == 0 { return 0 }
    if epoch < warmupEpochs { return rate * Double(epoch + 1) / Double(warmupEpochs) }
    return schedule.rate(rate, epoch: epoch - warmupEpochs, of: epochs - warmupEpochs)
  }

  /// Sees the loss that an epoch ended with.
  package mutating func observe(_ loss: Double, epoch: Int) {
    if epoch >= warmupEpochs { schedule.observe(loss) }
  }
}
