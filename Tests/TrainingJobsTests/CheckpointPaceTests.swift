import NeuralNetwork
import TestSupport
import Testing

@testable import TrainingJobs

@Suite("When a checkpoint is made")
struct CheckpointPaceTests {
  private func limits(_ text: String = "{}") throws -> RunLimits {
    let value = try #require(try? JSONValue(stored: Array(text.utf8)))
    var reader = ConfigurationReader(value, subject: "training", pointer: .root)
    return RunLimits(reading: &reader)
  }

  /// The seconds at which checkpoints are made by a training of a hundred steps a second.
  private func moments(
    _ limits: RunLimits, until end: Int, wasInterrupted: Bool = false, cost: Duration? = nil
  ) -> [Int] {
    var pace = CheckpointPace(limits, startingAt: 0, wasInterrupted: wasInterrupted)
    var made: [Int] = []
    for step in 1...(100 * end) {
      let now = Double(step) / 100
      if pace.isDue(at: { now }, storing: { made.isEmpty ? nil : cost }), pace.begins(at: step) {
        made.append(Int(now))
        pace.made(at: now)
      }
    }
    return made
  }

  @Test("the first after 30 s, and a minute apart as long as nobody knows what one costs")
  func unknownCost() throws {
    #expect(moments(try limits(), until: 29) == [])
    #expect(moments(try limits(), until: 160) == [30, 90, 150])
  }

  @Test(
    "then at Young's interval, from a second to a minute",
    arguments: [
      (Duration.zero, 1), (.microseconds(100), 1), (.milliseconds(5), 6), (.milliseconds(50), 18),
      (.milliseconds(500), 60), (.seconds(100), 60),
    ])
  func young(cost: Duration, interval: Int) throws {
    let made = moments(try limits(), until: 300, cost: cost)
    let gaps = zip(made.dropFirst(), made).map { $0 - $1 }
    #expect(made.first == 30)
    #expect(gaps.allSatisfy { abs($0 - interval) <= 1 }, "\(gaps)")
    #expect(gaps.count >= 270 / (interval + 1) - 1)
  }

  @Test("a job that was interrupted before makes its first after a second")
  func interrupted() throws {
    #expect(moments(try limits(), until: 70, wasInterrupted: true) == [1, 61])
  }

  @Test("a client's choice holds from the first on")
  func chosen() throws {
    let limits = try limits(#"{"checkpoint_seconds": 10}"#)
    #expect(moments(limits, until: 45, cost: .seconds(1)) == [10, 20, 30, 40])
  }

  @Test("a validation is cut once for a checkpoint, and then waits for the end of the epoch")
  func validation() throws {
    var pace = CheckpointPace(
      try limits(#"{"checkpoint_seconds": 1}"#), startingAt: 0, wasInterrupted: false)
    func asked(at seconds: Double) -> Bool { pace.isDue(at: { seconds }, storing: { nil }) }
    func begun(at position: Int) -> Bool { pace.begins(at: position) }
    #expect(asked(at: 2))
    #expect(begun(at: 7))
    pace.made(at: 2)
    #expect(asked(at: 4))
    #expect(!begun(at: 7))
    #expect(!asked(at: 6))
    pace.finishedEpoch()
    #expect(asked(at: 8))
  }
}
