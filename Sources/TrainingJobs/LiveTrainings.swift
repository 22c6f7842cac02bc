package import Jobs
package import NeuralNetwork
internal import Synchronization
package import Training

/// The newest state of each running training, for those who look on.
///
/// A snapshot stays for a while after its run, since the end is stored a moment later.
package final class LiveTrainings: Sendable {
  /// What can be seen of a running training.
  package struct Snapshot: Sendable {
    package let model: Model
    package let history: History
  }

  private struct State {
    var snapshots: [JobID: Snapshot] = [:]
    var ended: [JobID] = []
  }

  private let state = Mutex(State())

  /// Ended runs whose snapshot is kept.
  private let endedMax: Int

  /// Makes room for the snapshots of so many runs at once.
  package init(workers: Int) {
    endedMax = 2 * workers
  }

  /// The newest snapshot, or nil if the job is not running here.
  package subscript(id: JobID) -> Snapshot? {
    state.withLock { $0.snapshots[id] }
  }

  func update(_ id: JobID, _ snapshot: Snapshot) {
    state.withLock { $0.snapshots[id] = snapshot }
  }

  func end(_ id: JobID) {
    state.withLock { state in
      state.ended.append(id)
      while state.ended.count > endedMax {
        state.snapshots[state.ended.removeFirst()] = nil
      }
    }
  }
}
