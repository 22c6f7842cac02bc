import Testing
import Training

@Suite("Batches")
struct BatchesTests {
  private func order(
    rows: Int = 50, seed: UInt64 = 1, epoch: Int, shuffles: Bool = true, after: [Int] = []
  ) -> [Int] {
    var batches = Batches(rows: rows, size: 7, seed: seed, shuffles: shuffles)
    for earlier in after { batches.begin(epoch: earlier) }
    batches.begin(epoch: epoch)
    return batches.order
  }

  @Test("an epoch's order is a permutation", arguments: [1, 2, 3, 50, 1_000])
  func permutation(rows: Int) {
    #expect(order(rows: rows, epoch: 3).sorted() == Array(0..<rows))
  }

  @Test("the order is a function of the seed and the epoch alone")
  func functionOfSeedAndEpoch() {
    #expect(order(epoch: 4) == order(epoch: 4, after: [0, 1, 2, 3]))
    #expect(order(epoch: 4) != order(epoch: 5))
    #expect(order(epoch: 4) != order(seed: 2, epoch: 4))
    #expect(order(epoch: 4) != Array(0..<50))
  }

  @Test("without shuffling the order is the data set's")
  func unshuffled() {
    #expect(order(epoch: 4, shuffles: false) == Array(0..<50))
  }

  @Test("each sample comes to each place about as often")
  func uniformity() {
    var counts = Array(repeating: Array(repeating: 0, count: 5), count: 5)
    var batches = Batches(rows: 5, size: 5, seed: 1, shuffles: true)
    for epoch in 0..<2_000 {
      batches.begin(epoch: epoch)
      for (place, sample) in batches.order.enumerated() { counts[place][sample] += 1 }
    }
    // 400 are expected of each, with a standard deviation of 18.
    #expect(counts.joined().allSatisfy { (310...490).contains($0) })
  }

  @Test(
    "cover the samples, the last one smaller",
    arguments: [
      (10, 1, [1], 10), (10, 3, [3, 1], 4), (10, 5, [5], 2), (10, 9, [9, 1], 2), (10, 10, [10], 1),
      (10, 11, [10], 1), (1, 100, [1], 1),
    ])
  func batchSizes(rows: Int, size: Int, sizes: [Int], count: Int) {
    let batches = Batches(rows: rows, size: size, seed: 1, shuffles: false)
    #expect(batches.sizes == sizes)
    #expect(batches.count == count)
    #expect((0..<count).flatMap { Array(batches.batch($0)) } == Array(0..<rows))
    #expect((0..<count).allSatisfy { sizes.contains(batches.batch($0).count) })
  }
}
