extension JobManager {
  /// What the manager remembers of a job that one of its workers runs.
  struct Run {
    let claim: JobClaim
    let control: JobControl
    let maxSeconds: Int?
    /// When its work was last told to the store.
    var toldAt: ContinuousClock.Instant
    /// Asks it to stop when it has run as long as it may.
    var timeLimit: Task<Void, Never>?
    /// Asks it to stop when it stands still.
    var watch: Task<Void, Never>?
    /// Stores what was reported, after a pause.
    var reporting: Task<Void, Never>?
    /// The pause before the end of the run is tried to be stored again.
    var retryPause: Task<Void, Never>?
    var isEnding = false
  }

  /// Claims jobs for idle workers, in a Task of its own so that nobody waits for it.
  func claimWork() {
    guard ledger.beginClaim() else { return }
    Task { await claimOnce() }
  }

  /// Claims one job, after the ledger has allowed it.
  private func claimOnce() async {
    do {
      // Meanwhile cancel requests, submissions and a shutdown may come: the ledger knows.
      let job = try await store.claim(worker: settings.workerName)
      guard let job else {
        ledger.claimedNothing()
        afterClaim()
        return await wakeWhenDue()
      }
      switch ledger.claimed(job.id) {
      case .run(let asked): begin(job, asked: asked)
      case .giveBack: await giveBack(job)
      }
      afterClaim()
    } catch {
      ledger.claimFailed()
      log(.retrying(operation: "claim a job", .store(error)))
      afterClaim()
      claimLater()
    }
  }

  private func afterClaim() {
    claimWork()
    if ledger.phase == .closing, ledger.isIdle { resumeIdleWaiter() }
  }

  func claimLater() {
    Task { [pause = settings.pause, delay = settings.retryPause] in
      // A pause that is cut short only means an earlier try.
      try? await pause(delay)
      ledger.noteQueued()
      claimWork()
    }
  }

  private func giveBack(_ job: Job) async {
    await conclude(
      Run(claim: job.claim, control: JobControl(), maxSeconds: job.maxSeconds, toldAt: .now),
      .release)
    ledger.ended(job.id)
  }

  /// Hands a claimed job to a worker thread.
  private func begin(_ job: Job, asked: StopReason?) {
    let control = JobControl { [weak self] in
      Task { await self?.reported(job.id) }
    }
    if let asked { control.requestStop(asked) }
    runs[job.id]?.control.requestStop(.shutdown)
    runs[job.id] = Run(
      claim: job.claim, control: control, maxSeconds: job.maxSeconds, toldAt: .now,
      timeLimit: timeLimit(of: job, control), watch: Task { await watch(job.id, control) })
    hub.wake(job.id)
    let claimed = ClaimedJob(job: job, blobs: blobs)
    pool.perform { [runner] in
      let outcome = runner.run(claimed, control: control)
      Task { await self.ended(job.claim, outcome) }
    }
  }

  /// Stops a run when it has worked as long as it may, what earlier runs have worked included.
  private func timeLimit(of job: Job, _ control: JobControl) -> Task<Void, Never>? {
    guard let maxSeconds = job.maxSeconds else { return nil }
    let rest = max(.zero, .seconds(maxSeconds) - job.used)
    return Task { [pause = settings.pause] in
      // Cancelled when the run ends.
      guard (try? await pause(rest)) != nil else { return }
      control.requestStop(.timeLimit)
    }
  }

  /// A run has reported for the first time since its reports were last taken.
  private func reported(_ id: JobID) {
    hub.wake(id)
    storeReports(of: id, after: settings.reportInterval)
  }

  func storeReports(of id: JobID, after delay: Duration) {
    guard let run = runs[id], !run.isEnding else { return }
    runs[id]?.reporting = Task { [pause = settings.pause, previous = run.reporting] in
      // Cut short when the run ends, which stores what is left.
      try? await pause(delay)
      // One write at a time, so that what fails is put back before the next is taken.
      await previous?.value
      await renew(id)
    }
  }

  /// Writes what a run has reported.
  private func renew(_ id: JobID) async {
    guard let run = runs[id], !run.isEnding else { return }
    let report = await self.report(of: run)
    do {
      // The run may end meanwhile; its end waits for this Task.
      let job = try await store.renew(run.claim, report: report)
      if job.cancelRequested {
        run.control.requestStop(.cancel)
      } else if job.isPaused {
        run.control.requestStop(.pause)
      }
      hub.wake(id)
    } catch .fenced(let claim) {
      log(.staleWrite(claim))
      run.control.requestStop(.shutdown)
    } catch {
      log(.retrying(operation: "store the progress of a job", .store(error)))
      run.control.putBack(report)
      storeReports(of: id, after: settings.retryPause)
    }
  }

  /// What a run has to tell, its checkpoint stored and its work counted.
  private func report(of run: Run, isEnd: Bool = false) async -> JobReport {
    var (report, draft) = run.control.take()
    // A job that ends needs no place to go on from.
    if isEnd { draft = nil }
    if let draft, let checkpoint = await stored(draft, of: run) {
      report.checkpoint = checkpoint
      report.events.append(draft.event)
    }
    let now = ContinuousClock.now
    if let toldAt = runs[run.claim.id]?.toldAt {
      let used = Duration.microseconds((now - toldAt).microseconds)
      report.used += used
      runs[run.claim.id]?.toldAt = toldAt + used
    }
    return report
  }

  /// Stores what a checkpoint holds; one that cannot be stored is lost, and the run goes on.
  private func stored(_ draft: CheckpointDraft, of run: Run) async -> JobCheckpoint? {
    let start = ContinuousClock.now
    do {
      let blob = try await put(["checkpoint": draft.bytes])["checkpoint"]
      run.control.checkpointStored(in: .now - start)
      return blob.map { JobCheckpoint(step: draft.step, blob: $0) }
    } catch {
      run.control.checkpointStored(in: nil)
      log(.checkpointLost(run.claim.id, error))
      return nil
    }
  }

  /// A worker has come back.
  private func ended(_ claim: JobClaim, _ outcome: JobOutcome) async {
    let id = claim.id
    // In a shared store a run that lost its lease may have been claimed anew by this very process.
    guard let run = runs[id], run.claim == claim else { return log(.staleWrite(claim)) }
    runs[id]?.isEnding = true
    run.timeLimit?.cancel()
    run.watch?.cancel()
    run.reporting?.cancel()
    // The reports on their way are stored first, so that events keep their order.
    await run.reporting?.value
    let decision = RunDecision(
      outcome, asked: run.control.heededReason, maxSeconds: run.maxSeconds)
    await conclude(run, decision)
    if !decision.isEnd { ledger.noteQueued() }
    runs[id] = nil
    ledger.ended(id)
    hub.wake(id)
    afterClaim()
  }

  /// Stores the end of a run, however often it takes; gives up only when the process ends.
  private func conclude(_ run: Run, _ decision: RunDecision) async {
    let report = await report(of: run, isEnd: decision.isEnd)
    var delay = settings.retryPause
    while true {
      do {
        return try await store(decision, of: run.claim, report: report)
      } catch .store(.fenced(let claim)) {
        return log(.staleWrite(claim))
      } catch  where ledger.phase != .serving {
        return log(.abandoned(run.claim.id, error))
      } catch {
        log(.retrying(operation: "store the end of a job", error))
      }
      await pauseBeforeRetry(of: run.claim.id, delay)
      delay = min(delay * 2, settings.retryPauseMax)
    }
  }

  private func pauseBeforeRetry(of id: JobID, _ delay: Duration) async {
    let retryPause: Task<Void, Never> = Task { [pause = settings.pause] in
      // Cut short by a shutdown, which wants one last try.
      _ = try? await pause(delay)
    }
    runs[id]?.retryPause = retryPause
    await retryPause.value
  }

  private func store(
    _ decision: RunDecision, of claim: JobClaim, report: JobReport
  ) async throws(JobManagerError) {
    switch decision {
    case .succeed(let result):
      let kept = try await keep(result)
      try await finish(claim, as: .succeeded(kept), report)
    case .fail(let failure, let result):
      let kept = try await keep(ifAny: result)
      try await finish(claim, as: .failed(failure, kept), report)
    case .cancel(let result):
      let kept = try await keep(ifAny: result)
      try await finish(claim, as: .cancelled(kept), report)
    case .interrupt(let failure):
      _ = try await stored { store throws(JobStoreError) in
        try await store.interrupt(claim, because: failure, report: report)
      }
    case .release:
      _ = try await stored { store throws(JobStoreError) in
        try await store.release(claim, report: report)
      }
    }
  }

  private func finish(
    _ claim: JobClaim, as ending: JobEnding, _ report: JobReport
  ) async throws(JobManagerError) {
    _ = try await stored { store throws(JobStoreError) in
      try await store.finish(claim, as: ending, report: report)
    }
  }

  /// Stores the large parts of a result and returns what the store writes.
  private func keep(_ result: JobResult) async throws(JobManagerError) -> StoredResult {
    StoredResult(
      summary: result.summary, details: result.details, blobs: try await put(result.blobs))
  }

  private func keep(ifAny result: JobResult?) async throws(JobManagerError) -> StoredResult? {
    guard let result else { return nil }
    return try await keep(result)
  }
}
