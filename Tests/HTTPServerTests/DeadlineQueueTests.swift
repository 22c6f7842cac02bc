import HTTPCore
import Testing

@testable import HTTPServer

@Suite("DeadlineQueue")
struct DeadlineQueueTests {
  private func instant(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: milliseconds * 1_000_000)
  }

  @Test("gives out entries in the order of their ticks, none before its instant")
  func order() {
    var queue = DeadlineQueue()
    for (number, time) in [(UInt64(1), Int64(900)), (2, 100), (3, 400), (4, 90)] {
      queue.insert(number, tick: DeadlineQueue.tick(of: instant(time)))
    }
    #expect(queue.firstTick == 1)
    #expect(queue.removeDue(at: instant(249)).isEmpty)
    #expect(queue.removeDue(at: instant(250)).map(\.connection) == [2, 4])
    #expect(queue.removeDue(at: instant(5000)).map(\.connection) == [3, 1])
    #expect(queue.firstTick == nil)
  }

  @Test("rounds an instant up to a tick", arguments: [(0, 0), (1, 1), (250, 1), (251, 2)])
  func rounding(milliseconds: Int64, tick: Int64) {
    #expect(DeadlineQueue.tick(of: instant(milliseconds)) == tick)
  }

  @Test("is empty after all entries were removed")
  func removeAll() {
    var queue = DeadlineQueue()
    queue.insert(1, tick: 3)
    queue.removeAll()
    #expect(queue.firstTick == nil)
    #expect(queue.removeDue(at: instant(10_000)).isEmpty)
  }
}
