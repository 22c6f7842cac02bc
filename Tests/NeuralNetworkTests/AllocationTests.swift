import CAllocations
import Kernels
import NeuralNetwork
import TestSupport
import Testing

/// A step of training allocates nothing: all memory is laid out before the first.
@Suite(
  "Allocations",
  .enabled(if: allocations_of_thread() >= 0, "Only glibc's allocations are counted"))
struct AllocationTests {
  @Test("are counted")
  func counter() {
    let before = allocations_of_thread()
    let array = Array(repeating: before, count: 1_000)
    #expect(allocations_of_thread() > array[999])
  }

  @Test("are none in steps, forward or update, of the larger or smaller batch", arguments: 1...30)
  func steps(seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let written = RandomNetwork(&random)
    let graph = try graph(written.document, features: written.features)
    let check = try #require(
      GradientCheck(graph, rows: 5, loss: try meanSquaredError(), random: &random))
    let type = random.pick(OptimizerCatalogue.kinds.map { $0.type })
    let loss = WeightedLoss(try meanSquaredError())
    var executor = GraphExecutor(
      check.model, batchSizes: [5, 2],
      purpose: .training(
        losses: graph.outputs.map { _ in loss },
        rule: StepRule(
          try optimizer(.string(type)), l2: random.pick([0, 0.01]),
          clipping: random.pick([.norm(1), .value(1), nil])),
        seed: 1))
    let (inputs, targets) = (check.inputs, check.targets)
    let batches = [Array(0..<5)[...], Array(0..<2)[...]]
    var counts: [Int] = []
    counts.reserveCapacity(20)
    for step in 1...20 {
      let before = allocations_of_thread()
      let batch = batches[step % 2]
      executor.gather(batch, inputs: inputs, targets: targets)
      executor.forward(rows: batch.count, .training)
      _ = executor.loss(rows: batch.count)
      executor.update(rows: batch.count, rate: 0.01, step: step)
      counts.append(allocations_of_thread() - before)
    }
    // The first of each size may make the runtime prepare a type.
    #expect(counts.dropFirst(2).allSatisfy { $0 == 0 }, "\(counts)")
  }
}
