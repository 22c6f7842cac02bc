extension InMemoryJobStore {
  /// One job with all that belongs to it.
  struct Record {
    var job: Job
    var machine = JobStateMachine()
    var events: [JobEvent] = []
    var details: [UInt8]?
    /// A queued job is not claimed before.
    var runAt: JobTime
    var leaseUntil = JobTime(milliseconds: 0)
    var idempotency: JobIdempotency?

    /// Whether it is queued and not paused.
    var isWaiting: Bool { machine.status == .queued && !machine.isPaused }

    /// The job with what the machine knows.
    var snapshot: Job {
      var job = job
      job.status = machine.status
      job.cancelRequested = machine.cancelRequested
      job.isPaused = machine.isPaused
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
      job.used += report.used
      if let checkpoint = report.checkpoint { job.keep(checkpoint) }
      append(report.events + change.events, at: time)
      job.error = change.failure ?? job.error
      if let delay = change.delay { runAt = time + delay }
      if machine.status == .running {
        job.startedAt = job.startedAt ?? time
        leaseUntil = time + JobLease.length
      }
      if machine.status.isTerminal {
        job.finishedAt = time
        job.checkpoints = []
      }
    }
  }

  /// Everything in the store.
  struct State {
    var records: [JobID: Record] = [:]
    var share = FairShare()
    var isClosed = false

    /// All names, oldest first.
    var ids: [JobID] { records.keys.sorted() }

    /// The queued job that comes next; of owners with equal rights the one whose job came first.
    func next(at now: JobTime) -> Record? {
      let due = records.values.filter { $0.isWaiting && $0.runAt <= now }
      return Dictionary(grouping: due) { $0.job.owner ?? "" }
        .compactMap { owner, records in
          records.min(by: Self.isBefore).map { (share.startTag(of: owner), $0) }
        }
        .min { left, right in
          left.0 == right.0 ? Self.hasWaitedLonger(left.1, right.1) : left.0 < right.0
        }?.1
    }

    /// The order among the jobs of one owner.
    private static func isBefore(_ left: Record, _ right: Record) -> Bool {
      left.job.priority == right.job.priority
        ? hasWaitedLonger(left, right) : left.job.priority > right.job.priority
    }

    private static func hasWaitedLonger(_ left: Record, _ right: Record) -> Bool {
      (left.runAt, left.job.id) < (right.runAt, right.job.id)
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
      if let parent = new.parent { _ = try record(parent, for: new.parentAccess) }
      try checkQueue(new.owner, queuedJobsMax: queuedJobsMax)
      let job = Job(
        id: new.id, name: new.name, owner: new.owner?.name, parent: new.parent,
        priority: new.priority, createdAt: now, request: new.request, blobs: new.blobs,
        maxSeconds: new.maxSeconds)
      var record = Record(job: job, runAt: now, idempotency: new.idempotency)
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
      case .refuseEndedJob: throw .jobEnded(id, record.machine.status)
      }
      if report.used > .zero { share.charge(record.job.owner ?? "", report.used) }
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
      case .store, .keep, .refuseStaleClaim, .refuseEndedJob: break
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
