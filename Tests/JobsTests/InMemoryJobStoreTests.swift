import Jobs
import TestSupport
import Testing

@Suite("InMemoryJobStore")
struct InMemoryJobStoreTests {
  @Test("keeps every promise of a store", arguments: JobStoreConformance.allPromises)
  func keepsPromises(promise: JobStoreConformance.Promise) async throws {
    let clock = HandClock()
    try await promise.check(InMemoryJobStore(clock: clock.read), clock)
  }

  @Test("a store without the epoch in its guard is caught by the conformance suite")
  func brokenStoreIsCaught() async {
    var broken = 0
    for promise in JobStoreConformance.allPromises {
      let clock = HandClock()
      let store = StoreWrapper(InMemoryJobStore(clock: clock.read), believesEveryone: true)
      do {
        try await promise.check(store, clock)
      } catch {
        broken += 1
      }
    }
    #expect(broken > 0)
    await #expect(throws: JobStoreConformance.Violation.self) {
      let clock = HandClock()
      try await JobStoreConformance.compare(
        StoreWrapper(InMemoryJobStore(clock: clock.read), believesEveryone: true),
        with: InMemoryJobStore(clock: clock.read), clock: clock, seed: 1, steps: 2000)
    }
  }
}
