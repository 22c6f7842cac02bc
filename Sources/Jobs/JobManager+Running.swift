extension JobManager {
  /// What the manager remembers of a job that one of its workers runs.
  struct Run {
    let claim: JobClaim
    let control: JobControl
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
        return afterClaim()
      }
      switch ledger.claimed(job.id) {
      case .run(let isCancelled): begin(job, isCancelled: isCancelled)
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

  private func claimLater() {
    Task { [pause = settings.pause, delay = settings.retryPause] in
      // A pause that is cut short only means an earlier try.
      try? await pause(delay)
      ledger.noteQueued()
      claimWork()
    }
  }

  private func giveBack(_ job: Job) async {
    await conclude(
      Run(claim: job.claim, control: JobControl()), .release)
    ledger.ended(job.id)
  }

  /// Hands a claimed job to a worker thread.
  private func begin(_ job: Job, isCancelled: Bool) {
    let control = JobControl { [weak self] in
      Task { await self?.reported(job.id) }
    }
    if isCancelled || job.cancelRequested { control.requestStop(.cancel) }
    runs[job.id] = Run(claim: job.claim, control: control)
    hub.wake(job.id)
    let claimed = ClaimedJob(job: job, blobs: blobs)
    pool.perform { [runner] in
      let outcome = runner.run(claimed, control: control)
      Task { await self.ended(job.id, outcome) }
    }
  }

  /// A run has reported for the first time since its reports were last taken.
  private func reported(_ id: JobID) {
    hub.wake(id)
    storeReports(of: id, after: settings.reportInterval)
  }

  private func storeReports(of id: JobID, after delay: Duration) {
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
    let report = run.control.take()
    do {
      // The run may end meanwhile; its end waits for this Task.
      let job = try await store.renew(run.claim, report: report)
      if job.cancelRequested { run.control.requestStop(.cancel) }
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

  /// A worker has come back.
  private func ended(_ id: JobID, _ outcome: JobOutcome) async {
    guard let run = runs[id] else { return }
    runs[id]?.isEnding = true
    run.reporting?.cancel()
    // The reports on their way are stored first, so that events keep their order.
    await run.reporting?.value
    await conclude(run, RunDecision(outcome, asked: run.control.stopReason))
    runs[id] = nil
    ledger.ended(id)
    hub.wake(id)
    afterClaim()
  }

  /// Stores the end of a run, however often it takes; gives up only when the process ends.
  private func conclude(_ run: Run, _ decision: RunDecision) async {
    let report = run.control.take()
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
    case .finish(let outcome):
      let ending = try await storable(outcome)
      _ = try await stored { store throws(JobStoreError) in
        try await store.finish(claim, as: ending, report: report)
      }
    case .release:
      _ = try await stored { store throws(JobStoreError) in
        try await store.release(claim, report: report)
      }
    }
  }

  /// Stores the large parts of an outcome and returns what the store writes.
  private func storable(_ outcome: JobOutcome) async throws(JobManagerError) -> JobEnding {
    switch outcome {
    case .succeeded(let result):
      return .succeeded(try await storable(result))
    case .failed(let failure, let result):
      guard let result else { return .failed(failure, nil) }
      return .failed(failure, try await storable(result))
    case .cancelled(let result):
      guard let result else { return .cancelled(nil) }
      return .cancelled(try await storable(result))
    case .released:
      return .cancelled(nil)
    }
  }

  private func storable(_ result: JobResult) async throws(JobManagerError) -> StoredResult {
    StoredResult(
      summary: result.summary, details: result.details, blobs: try await put(result.blobs))
  }
}
