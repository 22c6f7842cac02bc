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
      guard let id = state.longestWaiting else { return nil }
      return try state.change(id, at: now) { $0.machine.claim() }
    }
  }

  package func renew(_ claim: JobClaim, report: JobReport) async throws(JobStoreError) -> Job {
    let now = clock()
    return try open { state throws(JobStoreError) in
      try state.change(claim, report, at: now) { $0.machine.renew(epoch: claim.epoch) }
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
      try state.change(claim, report, at: now) { $0.machine.release(epoch: claim.epoch) }
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

  package func rescue() async throws(JobStoreError) -> [Job] {
    let now = clock()
    return try open { state throws(JobStoreError) in
      var rescued: [Job] = []
      for id in state.ids where try state.record(id).machine.status == .running {
        rescued.append(try state.change(id, at: now) { $0.machine.rescue() })
      }
      return rescued
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

extension InMemoryJobStore {
  /// One job with all that belongs to it.
  fileprivate struct Record {
    var job: Job
    var machine = JobStateMachine()
    var events: [JobEvent] = []
    var details: [UInt8]?
    var idempotency: JobIdempotency?

    /// The job with what the machine knows.
    var snapshot: Job {
      var job = job
      job.status = machine.status
      job.cancelRequested = machine.cancelRequested
      job.epoch = machine.epoch
      job.attempt = machine.attempt
      job.restarts = machine.restarts
      return job
    }

    mutating func append(_ drafts: [JobEventDraft], at time: JobTime) {
      for draft in drafts {
        events.append(
          JobEvent(id: events.count + 1, type: draft.type, createdAt: time, data: draft.data))
      }
    }

    mutating func keep(_ ending: JobEnding) {
      job.error = ending.failure
      guard let result = ending.result else { return }
      job.summary = result.summary
      details = result.details
      job.blobs.merge(result.blobs) { _, new in new }
    }

    mutating func apply(
      _ change: JobStateMachine.Change, _ report: JobReport, at time: JobTime
    ) {
      job.progress = report.progress ?? job.progress
      append(report.events + change.events, at: time)
      job.error = change.failure ?? job.error
      if machine.status == .running { job.startedAt = job.startedAt ?? time }
      if machine.status.isTerminal { job.finishedAt = time }
    }
  }

  /// Everything in the store.
  fileprivate struct State {
    var records: [JobID: Record] = [:]
    var isClosed = false

    /// All names, oldest first.
    var ids: [JobID] { records.keys.sorted() }

    /// The queued job that comes next: the one submitted first, and of those the smallest name.
    var longestWaiting: JobID? {
      records.values.filter { $0.machine.status == .queued }
        .min { ($0.job.createdAt, $0.job.id) < ($1.job.createdAt, $1.job.id) }?.job.id
    }

    func record(_ id: JobID, for access: JobAccess = .all) throws(JobStoreError) -> Record {
      guard let record = records[id], access.covers(record.job.owner) else {
        throw .jobNotFound(id)
      }
      return record
    }

    mutating func submit(
      _ new: NewJob, queuedJobsMax: Int, at now: JobTime
    ) throws(JobStoreError) -> (job: Job, isReplay: Bool) {
      if let known = try known(new.idempotency, of: new.owner?.name, at: now) {
        return (known.snapshot, true)
      }
      try checkQueue(new.owner, queuedJobsMax: queuedJobsMax)
      let job = Job(
        id: new.id, name: new.name, owner: new.owner?.name, createdAt: now, request: new.request,
        blobs: new.blobs, maxSeconds: new.maxSeconds)
      var record = Record(job: job, idempotency: new.idempotency)
      record.append(JobStateMachine.submissionEvents, at: now)
      records[new.id] = record
      return (record.snapshot, false)
    }

    func checkQueue(
      _ owner: JobOwner?, queuedJobsMax: Int
    ) throws(JobStoreError) {
      let queued = records.values.filter { $0.machine.status == .queued }
      if let owner, queued.filter({ $0.job.owner == owner.name }).count >= owner.queuedJobsMax {
        throw .queueQuotaFull(owner: owner.name, max: owner.queuedJobsMax)
      }
      if queued.count >= queuedJobsMax { throw .queueFull(max: queuedJobsMax) }
    }

    /// The job of an earlier submission with the same key.
    func known(
      _ idempotency: JobIdempotency?, of owner: String?, at now: JobTime
    ) throws(JobStoreError) -> Record? {
      guard let idempotency else { return nil }
      let known = records.values.first {
        $0.idempotency?.key == idempotency.key && $0.job.owner == owner
          && now - $0.job.createdAt < JobIdempotency.lifetime
      }
      guard let known else { return nil }
      guard known.idempotency == idempotency else {
        throw .idempotencyKeyReused(key: idempotency.key)
      }
      return known
    }

    /// Gives an event to a job and does what the machine answers.
    mutating func change(
      _ id: JobID, _ report: JobReport = JobReport(), at now: JobTime,
      _ event: (inout Record) -> JobStateMachine.Action
    ) throws(JobStoreError) -> Job {
      var record = try record(id)
      switch event(&record) {
      case .store(let change): record.apply(change, report, at: now)
      case .keep, .remove: break
      case .refuseStaleClaim: throw .fenced(JobClaim(id: id, epoch: record.machine.epoch))
      case .refuseActiveJob: throw .jobActive(id, record.machine.status)
      }
      records[id] = record
      return record.snapshot
    }

    /// The same for a worker: what it may not write any more it is told with its own claim.
    mutating func change(
      _ claim: JobClaim, _ report: JobReport, at now: JobTime,
      _ event: (inout Record) -> JobStateMachine.Action
    ) throws(JobStoreError) -> Job {
      do {
        return try change(claim.id, report, at: now, event)
      } catch .jobNotFound, .fenced {
        throw .fenced(claim)
      } catch {
        throw error
      }
    }

    mutating func delete(_ id: JobID, for access: JobAccess) throws(JobStoreError) {
      let machine = try record(id, for: access).machine
      switch machine.delete() {
      case .remove: records[id] = nil
      case .store, .keep, .refuseStaleClaim: break
      case .refuseActiveJob: throw .jobActive(id, machine.status)
      }
    }

    func page(_ query: JobQuery, for access: JobAccess) -> JobPage {
      let sorted = query.order == .ascending ? ids : ids.reversed()
      let found = sorted.lazy
        .filter { id in
          guard let after = query.after else { return true }
          return query.order == .ascending ? id > after : id < after
        }
        .compactMap { records[$0]?.snapshot }
        .filter { access.covers($0.owner) }
        .filter { query.status == nil || $0.status == query.status }
        .prefix(query.limit + 1)
      return JobPage(jobs: Array(found.prefix(query.limit)), hasMore: found.count > query.limit)
    }
  }
}
