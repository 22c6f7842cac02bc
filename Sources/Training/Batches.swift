internal import NeuralNetwork

/// The order in which an epoch takes the samples: a function of the seed and the epoch alone.
package struct Batches {
  /// Sample indices, batch after batch.
  package private(set) var order: [Int]

  package let size: Int
  private let seed: UInt64
  private let shuffles: Bool

  /// Makes the batches of a data set.
  package init(rows: Int, size: Int, seed: UInt64, shuffles: Bool) {
    order = Array(0..<rows)
    self.size = min(size, rows)
    self.seed = seed
    self.shuffles = shuffles
  }

  /// The numbers of rows that batches have, the largest first.
  package var sizes: [Int] {
    let last = order.count % size
    return last == 0 ? [size] : [size, last]
  }

  /// Lays out the order of an epoch, by Fisher and Yates' shuffle of the ascending order.
  package mutating func begin(epoch: Int) {
    guard shuffles else { return }
    var generator = SeededGenerator(seed: seed, purpose: .shuffling, index: epoch)
    for index in order.indices {
      order[index] = index
    }
    generator.shuffle(&order)
  }

  /// The number of steps of an epoch.
  package var count: Int { (order.count + size - 1) / size }

  /// The sample indices of a step.
  package func batch(_ step: Int) -> ArraySlice<Int> {
    order[(step * size)..<min((step + 1) * size, order.count)]
  }
}
