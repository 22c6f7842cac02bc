import Synchronization

/// The reference model of ``JobStore``: obvious rather than fast, and durable only as long as it
/// lives.
///
/// Every store is compared with it, and tests that need no disk use it. Do not use it where jobs
/// must survive the process.
package final class InMemoryJobStore: JobStore {
  private let state: Mutex<State>
  private let clock: JobClock

  /// Creates an empty store that reads the time from that clock.
  package init(clock: @escaping JobClock = JobTime.now) {
    self.clock = clock
    state = Mutex(State())
  }

  package func submit(
    _ new: NewJob, queuedJobsMax: Int
  ) async throws(JobStoreError) -> (job: Job, isReplay: Bool) {
    let now = clock()
    return try open { state throws(JobStoreError) in
      try state.submit(new, queuedJobsMax: queuedJobsMax, at: now)
    }
  }

  package func checkRoom(
    for owner: JobOwner?, _ idempotency: JobIdempotency?, queuedJobsMax: Int
  ) async throws(JobStoreError) {
    let now = clock()
    return try open { state throws(JobStoreError) in
      guard try state.known(idempotency, of: owner?.name, at: now) == nil else { return }
      try state.checkQueue(owner, queuedJobsMax: queuedJobsMax)
    }
  }

  package func claim(worker: String) async throws(JobStoreError) -> Job? {
    let now = clock()
    return try open { state throws(JobStoreError) in
      guard let next = state.next(at: now) else { return nil }
      state.share.claimed(of: next.job.owner ?? "")
      return try state.change(next.job.id, at: now) { $0.machine.claim() }
    }
  }

  package func timeUntilDue() async throws(JobStoreError) -> Duration? {
    let now = clock()
    return try open { state throws(JobStoreError) in
      let due = state.records.values.filter(\.isWaiting).map(\.runAt).min()
      return due.map { max(.zero, $0 - now) }
    }
  }

  package func renew(_ claim: JobClaim, report: JobReport) async throws(JobStoreError) -> Job {
    let now = clock()
    return try open { state throws(JobStoreError) in
      try state.change(claim, report, at: now) {
        $0.machine.renew(epoch: claim.epoch, hasCheckpoint: $0.job.isAdvanced(by: report))
      }
    }
  }

  package func finish(
    _ claim: JobClaim, as ending: JobEnding, report: JobReport
  ) async throws(JobStoreError) -> Job {
    let now = clock()
    return try open { state throws(JobStoreError) in
      try state.change(claim, report, at: now) { record in
        let action = record.machine.finish(epoch: claim.epoch, as: ending.status)
        if case .store = action { record.keep(ending) }
        return action
      }
    }
  }

  package func release(_ claim: JobClaim, report: JobReport) async throws(JobStoreError) -> Job {
    let now = clock()
    return try open { state throws(JobStoreError) in
      try state.change(claim, report, at: now) {
        $0.machine.release(epoch: claim.epoch, hasCheckpoint: $0.job.isAdvanced(by: report))
      }
    }
  }

  package func interrupt(
    _ claim: JobClaim, because failure: JobFailure, report: JobReport
  ) async throws(JobStoreError) -> Job {
    let now = clock()
    return try open { state throws(JobStoreError) in
      try state.change(claim, report, at: now) {
        $0.machine.interrupt(
          epoch: claim.epoch, because: failure, hasCheckpoint: $0.job.isAdvanced(by: report))
      }
    }
  }

  package func cancel(
    _ id: JobID, for access: JobAccess
  ) async throws(JobStoreError) -> JobCancellation {
    let now = clock()
    return try open { state throws(JobStoreError) in
      let before = try state.record(id, for: access).machine.status
      let job = try state.change(id, at: now) { $0.machine.cancel() }
      return before.isTerminal
        ? .alreadyEnded(job) : job.status.isTerminal ? .cancelled(job) : .asked(job)
    }
  }

  package func pause(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job {
    try await changed(id, for: access) { $0.machine.pause() }
  }

  package func resume(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job {
    try await changed(id, for: access) { $0.machine.resume() }
  }

  private func changed(
    _ id: JobID, for access: JobAccess, _ event: (inout Record) -> JobStateMachine.Action
  ) async throws(JobStoreError) -> Job {
    let now = clock()
    return try open { state throws(JobStoreError) in
      _ = try state.record(id, for: access)
      return try state.change(id, at: now, event)
    }
  }

  package func rescue(_ lost: LostJobs) async throws(JobStoreError) -> [Job] {
    let now = clock()
    return try open { state throws(JobStoreError) in
      var rescued: [Job] = []
      for id in state.ids {
        let record = try state.record(id)
        guard record.machine.status == .running, lost == .all || record.leaseUntil <= now else {
          continue
        }
        rescued.append(try state.change(id, at: now) { $0.machine.rescue() })
      }
      return rescued
    }
  }

  package func purge(
    endedFor age: Duration, limit: Int
  ) async throws(JobStoreError) -> [JobID] {
    let now = clock()
    return try open { state throws(JobStoreError) in
      let old = state.records.values.map(\.snapshot)
        .compactMap { job in job.finishedAt.map { (time: $0, id: job.id) } }
        .filter { now - $0.time >= age }
        .sorted { ($0.time, $0.id) < ($1.time, $1.id) }
        .prefix(limit).map(\.id)
      for id in old { state.records[id] = nil }
      return old
    }
  }

  package func delete(_ id: JobID, for access: JobAccess) async throws(JobStoreError) {
    try open { state throws(JobStoreError) in try state.delete(id, for: access) }
  }

  package func job(_ id: JobID, for access: JobAccess) async throws(JobStoreError) -> Job? {
    try open { state throws(JobStoreError) in
      guard let record = state.records[id], access.covers(record.job.owner) else { return nil }
      return record.snapshot
    }
  }

  package func jobs(
    matching query: JobQuery, for access: JobAccess
  ) async throws(JobStoreError) -> JobPage {
    try open { state throws(JobStoreError) in state.page(query, for: access) }
  }

  package func details(
    of id: JobID, for access: JobAccess
  ) async throws(JobStoreError) -> [UInt8]? {
    try open { state throws(JobStoreError) in try state.record(id, for: access).details }
  }

  package func events(
    of id: JobID, after: Int, limit: Int, for access: JobAccess
  ) async throws(JobStoreError) -> [JobEvent] {
    try open { state throws(JobStoreError) in
      Array(try state.record(id, for: access).events.filter { $0.id > after }.prefix(limit))
    }
  }

  package func counts() async throws(JobStoreError) -> JobCounts {
    try open { state throws(JobStoreError) in
      state.records.values.reduce(into: JobCounts()) { $0[$1.machine.status] += 1 }
    }
  }

  package func close() async {
    state.withLock { $0.isClosed = true }
  }

  private func open<Value: Sendable>(
    _ body: (inout State) throws(JobStoreError) -> Value
  ) throws(JobStoreError) -> Value {
    try state.withLock { state throws(JobStoreError) in
      guard !state.isClosed else { throw .closed }
      return try body(&state)
    }
  }
}
