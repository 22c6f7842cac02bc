internal import Jobs
internal import Synchronization
internal import TrainingJobs

/// The newest events of one job, encoded once for all who follow it.
final class EventFeed: Sendable {
  /// Events kept at least; who is further behind reads them from the store.
  static let eventsKept = 1_000

  /// Why nothing will follow.
  enum End: Sendable {
    /// The job has ended and told its last event.
    case over
    /// The server is about to stop.
    case serverEnds
    case failed(any Error)
  }

  /// What there is for a follower.
  enum Next: Sendable {
    case events([UInt8], last: Int)
    /// What follows is not kept any more.
    case behind
    case nothing
    case ended(End)
  }

  private struct State {
    var events: [[UInt8]] = []
    /// The number of the first of the events kept.
    var first = 1
    var end: End?
    /// How often a follower who hears nothing was to be told that the stream lives.
    var beats = 0
    var wakers: [Int: AsyncStream<Void>.Continuation] = [:]
    var lastWaker = 0
  }

  private let state = Mutex(State())

  /// Returns the events after one, or what else there is to know.
  func next(after: Int) -> Next {
    state.withLock { state in
      let last = state.first + state.events.count - 1
      guard after >= state.first - 1 else { return .behind }
      guard after < last else { return state.end.map { .ended($0) } ?? .nothing }
      let new = state.events[(after + 1 - state.first)...]
      guard new.count > 1, let one = new.first else { return .events(new.first ?? [], last: last) }
      return .events(new.dropFirst().reduce(into: one) { $0 += $1 }, last: last)
    }
  }

  /// How many signs of life were due so far.
  var beats: Int { state.withLock(\.beats) }

  /// Returns a stream with a wake-up at once and after each change, and its number.
  func subscribe() -> (wakeups: AsyncStream<Void>, number: Int) {
    let (stream, waker) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      state.lastWaker += 1
      state.wakers[state.lastWaker] = waker
      return state.lastWaker
    }
    waker.yield()
    return (stream, number)
  }

  /// Forgets a subscription; returns whether nobody is left.
  func unsubscribe(_ number: Int) -> Bool {
    state.withLock { state in
      state.wakers[number] = nil
      return state.wakers.isEmpty
    }
  }

  /// Adds events, which have the next numbers.
  func append(_ events: [[UInt8]]) {
    change { state in
      state.events += events
      guard state.events.count >= 2 * Self.eventsKept else { return }
      let surplus = state.events.count - Self.eventsKept
      state.events.removeFirst(surplus)
      state.first += surplus
    }
  }

  /// Nothing will follow.
  func finish(_ end: End) { change { $0.end = $0.end ?? end } }

  /// A sign of life is due.
  func beat() { change { $0.beats += 1 } }

  /// Wakes outside the lock, since a waker may call back.
  private func change(_ body: (inout State) -> Void) {
    let wakers = state.withLock { state in
      body(&state)
      return Array(state.wakers.values)
    }
    for waker in wakers { waker.yield() }
  }
}

/// The feeds of all jobs that somebody follows; each is filled by a task as long as there is one.
final class EventFeeds: Sendable {
  /// Between two signs of life that keep a quiet stream's connection open.
  private static let beatInterval = Duration.seconds(15)

  /// Events read from the store at once.
  static let eventsAtOnce = 500

  private struct Filled {
    let feed: EventFeed
    let filler: Task<Void, Never>
  }

  private let manager: JobManager
  private let feeds = Mutex<[JobID: Filled]>([:])

  init(_ manager: JobManager) {
    self.manager = manager
  }

  /// Follows a job until the body returns.
  func follow(
    _ id: JobID, _ body: (EventFeed, AsyncStream<Void>) async throws -> Void
  ) async throws {
    let (feed, wakeups, number) = feeds.withLock { feeds in
      let filled = feeds[id] ?? start(id)
      feeds[id] = filled
      let (wakeups, number) = filled.feed.subscribe()
      return (filled.feed, wakeups, number)
    }
    defer {
      feeds.withLock { feeds in
        guard feed.unsubscribe(number), feeds[id]?.feed === feed else { return }
        feeds.removeValue(forKey: id)?.filler.cancel()
      }
    }
    try await body(feed, wakeups)
  }

  private func start(_ id: JobID) -> Filled {
    let feed = EventFeed()
    let filler = Task {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { feed.finish(await self.fill(feed, of: id)) }
        group.addTask {
          // Cancelled with the filler, when nobody follows any more.
          while (try? await Task.sleep(for: Self.beatInterval)) != nil { feed.beat() }
        }
        await group.next()
        group.cancelAll()
      }
    }
    return Filled(feed: feed, filler: filler)
  }

  /// Reads events from the first on as they come; returns why it ended.
  private func fill(_ feed: EventFeed, of id: JobID) async -> EventFeed.End {
    var after = 0
    do {
      for await _ in manager.changes(of: id) {
        var events: [JobEvent]
        repeat {
          // Nobody may be left to read on for.
          try Task.checkCancellation()
          events = try await manager.events(
            of: id, after: after, limit: Self.eventsAtOnce, for: .all)
          after = events.last?.id ?? after
          feed.append(try await encoded(events, of: id))
          if events.last?.type == JobEvent.doneType { return .over }
        } while events.count == Self.eventsAtOnce
      }
    } catch JobManagerError.store(.closed) {
      // The manager ended between a change and its reading; a client reads it after the start.
    } catch {
      return .failed(error)
    }
    return .serverEnds
  }

  /// Events in the form of the HTML standard's section on server-sent events.
  func encoded(_ events: [JobEvent], of id: JobID) async throws -> [[UInt8]] {
    guard !events.isEmpty else { return [] }
    // Read after the events, so that the last of them tells the job as it ended.
    let job = try await manager.job(id, for: .all)
    return try events.map { try $0.serverSentEvent(of: job) }
  }
}
