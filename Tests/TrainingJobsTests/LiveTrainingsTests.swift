import Jobs
import NeuralNetwork
import Testing
import Training

@testable import TrainingJobs

@Suite("Newest states of running trainings")
struct LiveTrainingsTests {
  private static func snapshot() throws -> LiveTrainings.Snapshot {
    LiveTrainings.Snapshot(model: try request(requestText()).model, history: History())
  }

  @Test("a snapshot outlives its run until twice as many runs as workers have ended")
  func endedSnapshotsStayAWhile() throws {
    let live = LiveTrainings(workers: 2)
    let ids = (0..<5).map { _ in JobID.next() }
    for id in ids {
      live.update(id, try Self.snapshot())
      live.end(id)
    }
    #expect(ids.map { live[$0] != nil } == [false, true, true, true, true])
  }

  @Test("a running one stays, however many others end")
  func runningStays() throws {
    let live = LiveTrainings(workers: 1)
    let running = JobID.next()
    live.update(running, try Self.snapshot())
    for _ in 0..<10 {
      let id = JobID.next()
      live.update(id, try Self.snapshot())
      live.end(id)
    }
    #expect(live[running] != nil)
    #expect(live[JobID.next()] == nil)
  }
}
