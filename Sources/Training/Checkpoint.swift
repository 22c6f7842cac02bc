internal import NeuralNetwork

/// Everything that the next step of a training reads: a training that goes on from it ends with the
/// same bits as if it had never stopped.
///
/// What follows from the rest is not in it: the order of an epoch's samples and what is dropped are
/// functions of seed and step, the state of schedule and early stopping of the history.
package struct Checkpoint: Hashable, Sendable {
  /// The finished epochs.
  package let history: History
  /// Steps done of the epoch after those.
  package let step: Int
  /// The sums of that epoch's losses so far, and of their weights, for each output.
  let losses: [Double]
  let weights: [Double]
  /// What ``GraphExecutor/appendState(to:)`` wrote.
  let state: ArraySlice<UInt8>
}

extension Checkpoint {
  /// What the bytes begin with, the version of their form last.
  private static let signature = Array("DESCENT CHECKPT1".utf8)

  /// Writes a checkpoint: once, since its state may be most of a job's memory.
  ///
  /// The signature; numbers of 64 bits: epochs, 1 if there are validation losses, the step, outputs,
  /// bytes of the state; then doubles: the columns of the history without `epoch`, each column whole,
  /// the losses and the weights; then the executor's state. All little-endian.
  static func write(
    _ history: History, step: Int, losses: [Double], weights: [Double],
    _ executor: borrowing GraphExecutor
  ) -> [UInt8] {
    var bytes = signature
    let stateBytes = executor.stateBytes
    bytes.reserveCapacity(bytes.count + 40 + 8 * 4 * history.epoch.count + stateBytes + 64)
    let isValidated = !history.validationLoss.isEmpty
    for count in [history.epoch.count, isValidated ? 1 : 0, step, losses.count, stateBytes] {
      bytes.appendLittleEndian(UInt64(count))
    }
    for column in [
      history.trainLoss, history.validationLoss, history.learningRate, history.seconds, losses,
      weights,
    ] {
      for number in column { bytes.appendLittleEndian(number.bitPattern) }
    }
    executor.appendState(to: &bytes)
    return bytes
  }

  /// Reads what ``Trainer/checkpoint`` gives; nil if it is no checkpoint.
  package init?(bytes: [UInt8]) {
    guard bytes.starts(with: Self.signature) else { return nil }
    var rest = bytes.dropFirst(Self.signature.count)
    var counts: [Int] = []
    for _ in 0..<5 {
      // No count is greater than that of the bytes, so the sum below cannot overflow.
      guard let number: UInt64 = rest.popLittleEndian(), number <= bytes.count else { return nil }
      counts.append(Int(number))
    }
    let (epochs, outputs, stateBytes) = (counts[0], counts[3], counts[4])
    let columns = 3 + counts[1]
    guard counts[1] <= 1, rest.count == 8 * (columns * epochs + 2 * outputs) + stateBytes else {
      return nil
    }
    func column(_ count: Int) -> [Double] {
      (0..<count).map { _ in Double(bitPattern: rest.popLittleEndian() ?? 0) }
    }
    var history = History()
    history.epoch = Array(1..<(epochs + 1))
    history.trainLoss = column(epochs)
    history.validationLoss = column(counts[1] * epochs)
    history.learningRate = column(epochs)
    history.seconds = column(epochs)
    self.init(
      history: history, step: counts[2], losses: column(outputs), weights: column(outputs),
      state: rest)
  }
}
