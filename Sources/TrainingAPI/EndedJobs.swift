internal import HTTPCore
internal import Jobs
internal import Synchronization

/// The answers about jobs that have ended, which never change: asked for often, read and written once.
final class EndedJobs: Sendable {
  /// Bytes of all answers kept; the oldest go first.
  static let bytesMax = 16 << 20

  private struct Entry {
    let owner: String?
    let plain: HTTPResponse
    let encoded: HTTPResponse
    let bytes: Int
  }

  private struct State {
    var entries: [JobID: Entry] = [:]
    /// The ids in the order they came in.
    var order: [JobID] = []
    var bytes = 0
    /// How many jobs were forgotten so far.
    var removals = 0
  }

  private let state = Mutex(State())

  /// To be read before a job is, and given to ``insert(_:_:readAt:)``.
  var moment: Int { state.withLock(\.removals) }

  /// The answer about a job, if it is kept and the caller may see it.
  func answer(about id: JobID, for access: JobAccess, inGzip: Bool) -> HTTPResponse? {
    let entry = state.withLock { $0.entries[id] }
    guard let entry, access.covers(entry.owner) else { return nil }
    return inGzip ? entry.encoded : entry.plain
  }

  /// Keeps an answer, unless some job was forgotten since the job was read: it may have been this one.
  func insert(_ job: Job, _ response: HTTPResponse, readAt moment: Int) {
    guard job.status.isTerminal, case .bytes(let body) = response.body else { return }
    let plain = response.varying()
    let encoded = plain.gzipped()
    let entry = Entry(owner: job.owner, plain: plain, encoded: encoded, bytes: 2 * body.count)
    state.withLock { state in
      guard state.removals == moment, state.entries[job.id] == nil else { return }
      state.entries[job.id] = entry
      state.order.append(job.id)
      state.bytes += entry.bytes
      var oldest = 0
      while state.bytes > Self.bytesMax, oldest < state.order.count {
        state.bytes -= state.entries.removeValue(forKey: state.order[oldest])?.bytes ?? 0
        oldest += 1
      }
      state.order.removeFirst(oldest)
    }
  }

  /// Forgets a job.
  func remove(_ id: JobID) {
    state.withLock { state in
      state.removals += 1
      guard let entry = state.entries.removeValue(forKey: id) else { return }
      state.bytes -= entry.bytes
      state.order.removeAll { $0 == id }
    }
  }
}
