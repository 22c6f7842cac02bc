/// Accepts jobs, keeps them in a store, and runs them on worker threads.
///
/// Deciding happens in the store's transactions (see ``JobStateMachine``); the manager acts after
/// the store has answered. While a call waits for the store other calls go on, so what a claim under
/// way must not miss stands in ``WorkLedger``. An idle manager does nothing at all.
///
/// ```swift
/// let manager = JobManager(store: store, blobs: blobs, runner: runner, workers: 2)
/// try await manager.start()
/// let (job, _) = try await manager.submit(JobSubmission(request: bytes))
/// let ended = try await manager.waitForEnd(of: job, atMost: .seconds(10))
/// await manager.shutdown()
/// ```
package actor JobManager {
  let store: any JobStore
  let blobs: any BlobStore
  let runner: any JobRunner
  let settings: Settings
  let log: @Sendable (JobManagerNotice) -> Void
  nonisolated let hub = ChangeHub()
  let pool: WorkerPool
  var ledger: WorkLedger
  var runs: [JobID: Run] = [:]
  /// The shutdown that waits for the last run.
  private var idleWaiter: CheckedContinuation<Void, Never>?
  /// Shutdowns that wait for the one under way.
  private var closedWaiters: [CheckedContinuation<Void, Never>] = []
  /// Blocking calls of blob stores; more queues than this gain nothing on one disk.
  private let blocking = BlockingQueues(count: 4)
  var upkeep: Task<Void, Never>?
  /// Wakes the workers when a job that waits after a setback is due.
  var dueTimer: Task<Void, Never>?

  /// What can be set, with what is right for most.
  package struct Settings: Sendable {
    /// Under this name the store knows the claims of this process.
    package var workerName = "embedded"
    /// Reports of a run are stored so often at most.
    package var reportInterval: Duration = .milliseconds(100)
    /// Ended jobs are forgotten after so long; nil keeps them for ever.
    package var keepsEndedJobs: Duration?
    /// Whether other processes have the store too: then only jobs whose lease is over are rescued.
    package var isShared = false
    /// How long after one look at leases, old jobs and the queues of others the next follows.
    package var upkeepInterval: Duration = .seconds(10)
    /// Between two looks at whether a run goes on.
    package var watchInterval: Duration = .seconds(10)
    /// Jobs that may be queued at once; beyond, submissions are refused.
    package var queuedJobsMax = 10_000
    /// The pause before a failed store operation is tried again; it doubles up to the maximum.
    package var retryPause: Duration = .seconds(1)
    /// The longest such pause.
    package var retryPauseMax: Duration = .seconds(30)
    /// How the manager waits; a test gives one that it controls.
    package var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// Creates the defaults.
    package init() {}
  }

  /// How many events one call of ``events(of:after:limit:)`` may ask for.
  package static let eventsLimitRange = 1...10_000

  /// Creates a manager that does not run anything before ``start()``.
  ///
  /// - Parameters:
  ///   - store: Where jobs live.
  ///   - blobs: Where their large parts live.
  ///   - runner: Does what jobs ask for.
  ///   - workers: How many jobs run at once, each on a thread of its own; at least 1.
  ///   - settings: Intervals and names.
  ///   - log: Called for what whoever runs the process should be able to read.
  package init(
    store: any JobStore, blobs: any BlobStore, runner: any JobRunner, workers: Int,
    settings: Settings = Settings(), log: @escaping @Sendable (JobManagerNotice) -> Void = { _ in }
  ) {
    self.store = store
    self.blobs = blobs
    self.runner = runner
    self.settings = settings
    self.log = log
    pool = WorkerPool(count: workers)
    ledger = WorkLedger(workers: workers)
  }

  /// Rescues the jobs that a crash interrupted, then starts the workers.
  ///
  /// - Throws: ``JobManagerError/alreadyStarted``, or ``JobManagerError/store(_:)`` if the rescue
  ///   failed; then nothing runs.
  package func start() async throws(JobManagerError) {
    guard ledger.phase == .new, !isStarting else { throw .alreadyStarted }
    isStarting = true
    defer { isStarting = false }
    let lost: LostJobs = settings.isShared ? .expired : .all
    let rescued = try await stored { store throws(JobStoreError) in try await store.rescue(lost) }
    // While the rescue was stored a shutdown may have come, which the ledger knows.
    guard ledger.start() else { return }
    pool.start()
    log(.started(rescued: rescued.count, workers: pool.count))
    for job in rescued { hub.wake(job.id) }
    claimWork()
    upkeep = Task { await keepUp() }
  }
  private var isStarting = false

  /// Stores a submission and returns it as a queued job, durable by then.
  ///
  /// The large parts are stored first, then the row: a crash between leaves files that nothing
  /// refers to and that are swept later, never a job without its parts.
  ///
  /// - Returns: The job, and whether it is that of an earlier submission with the same key.
  /// - Throws: ``JobManagerError/shuttingDown``,
  ///   ``JobStoreError/idempotencyKeyReused(key:)``, ``JobStoreError/queueFull(max:)`` or
  ///   ``JobStoreError/queueQuotaFull(owner:max:)`` in ``JobManagerError/store(_:)``, or what the
  ///   machine caused.
  package func submit(
    _ submission: consuming JobSubmission
  ) async throws(JobManagerError) -> (job: Job, isReplay: Bool) {
    guard ledger.phase == .new || ledger.phase == .serving else { throw .shuttingDown }
    let (owner, idempotency) = (submission.owner, submission.idempotency)
    try await stored { [settings] store throws(JobStoreError) in
      try await store.checkRoom(
        for: owner, idempotency, queuedJobsMax: settings.queuedJobsMax)
    }
    let blobIDs = try await put(submission.blobs)
      .merging(submission.storedBlobs) { new, _ in new }
    // They may be large, and the job may run before this returns.
    submission.blobs = [:]
    let new = NewJob(
      id: JobID.next(), name: submission.name, request: submission.request, blobs: blobIDs,
      idempotency: submission.idempotency, owner: submission.owner,
      maxSeconds: submission.maxSeconds, priority: submission.priority, parent: submission.parent)
    let reply = try await stored { [settings] store throws(JobStoreError) in
      try await store.submit(new, queuedJobsMax: settings.queuedJobsMax)
    }
    if !reply.isReplay {
      ledger.noteQueued()
      hub.wake(reply.job.id)
      claimWork()
    }
    return (withProgress(reply.job), reply.isReplay)
  }

  /// Cancels a queued job at once, asks a running one to stop, leaves an ended one as it is.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)`` in ``JobManagerError/store(_:)``.
  package func cancel(
    _ id: JobID, for access: JobAccess = .all
  ) async throws(JobManagerError) -> JobCancellation {
    let reply = try await stored { store throws(JobStoreError) in
      try await store.cancel(id, for: access)
    }
    switch reply {
    case .asked:
      if ledger.asked(.cancel, of: id) { runs[id]?.control.requestStop(.cancel) }
      hub.wake(id)
    case .cancelled:
      hub.wake(id)
    case .alreadyEnded:
      break
    }
    return reply
  }

  /// Has a queued job wait until it is resumed, and asks a running one to.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)`` or ``JobStoreError/jobEnded(_:_:)`` in
  ///   ``JobManagerError/store(_:)``.
  package func pause(
    _ id: JobID, for access: JobAccess = .all
  ) async throws(JobManagerError) -> Job {
    let job = try await stored { store throws(JobStoreError) in
      try await store.pause(id, for: access)
    }
    if job.status == .running, ledger.asked(.pause, of: id) {
      runs[id]?.control.requestStop(.pause)
    }
    hub.wake(id)
    return withProgress(job)
  }

  /// Lets a paused job go on.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)`` or ``JobStoreError/jobEnded(_:_:)`` in
  ///   ``JobManagerError/store(_:)``.
  package func resume(
    _ id: JobID, for access: JobAccess = .all
  ) async throws(JobManagerError) -> Job {
    let job = try await stored { store throws(JobStoreError) in
      try await store.resume(id, for: access)
    }
    if job.status == .running, ledger.asked(nil, of: id) { runs[id]?.control.withdrawPause() }
    ledger.noteQueued()
    hub.wake(id)
    claimWork()
    return withProgress(job)
  }

  /// Forgets an ended job.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)`` or ``JobStoreError/jobActive(_:_:)`` in
  ///   ``JobManagerError/store(_:)``.
  package func delete(
    _ id: JobID, for access: JobAccess = .all
  ) async throws(JobManagerError) {
    try await stored { store throws(JobStoreError) in try await store.delete(id, for: access) }
    hub.finish(id)
  }

  /// Stops accepting, asks every run to stop, waits until each is stored as released or ended, and
  /// closes the store.
  ///
  /// Safe to call again; each call returns when all is done.
  package func shutdown() async {
    guard ledger.close() else {
      if ledger.phase != .closed { await withCheckedContinuation { closedWaiters.append($0) } }
      return
    }
    upkeep?.cancel()
    dueTimer?.cancel()
    for run in runs.values {
      run.control.requestStop(.shutdown)
      run.retryPause?.cancel()
    }
    if !ledger.isIdle { await withCheckedContinuation { idleWaiter = $0 } }
    pool.close()
    // Whoever waits still finds the jobs as they are now.
    hub.close()
    await store.close()
    ledger.closed()
    log(.stopped)
    for waiter in closedWaiters { waiter.resume() }
    closedWaiters = []
  }

  /// The shutdown that waits for the last run goes on.
  func resumeIdleWaiter() {
    idleWaiter?.resume()
    idleWaiter = nil
  }

  /// Stores large parts on a blocking queue and returns their names by role.
  func put(_ parts: [String: [UInt8]]) async throws(JobManagerError) -> [String: BlobID] {
    guard !parts.isEmpty else { return [:] }
    do {
      return try await blocking.run { [blobs] () throws(BlobStoreError) in
        var ids: [String: BlobID] = [:]
        for (role, bytes) in parts { ids[role] = try blobs.put(bytes) }
        return ids
      }
    } catch {
      throw .blobs(error)
    }
  }

  /// Returns the bytes of a large part.
  ///
  /// - Throws: A ``BlobStoreError`` in ``JobManagerError/blobs(_:)``.
  package func blob(_ id: BlobID) async throws(JobManagerError) -> [UInt8] {
    do {
      return try await blocking.run { [blobs] () throws(BlobStoreError) in try blobs.get(id) }
    } catch {
      throw .blobs(error)
    }
  }

  /// Calls the store and wraps its error.
  func stored<Value>(
    _ operation: (any JobStore) async throws(JobStoreError) -> Value
  ) async throws(JobManagerError) -> Value {
    do {
      return try await operation(store)
    } catch {
      throw .store(error)
    }
  }
}
