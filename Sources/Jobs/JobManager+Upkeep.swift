extension JobManager {
  /// Old jobs that are forgotten in one transaction.
  private static let purgedAtOnce = 500

  /// A run that makes no step for so long, and for twenty times its mean step, stands still.
  private static let stallTimeMin: Duration = .seconds(60)
  private static let stallStepsMin = 20

  /// Stops a run that stands still, until the task is cancelled with the end of the run.
  func watch(_ id: JobID, _ control: JobControl) async {
    var (known, silent, watched) = (control.lookCount, Duration.zero, Duration.zero)
    while (try? await settings.pause(settings.watchInterval)) != nil, !Task.isCancelled {
      watched += settings.watchInterval
      let looks = control.lookCount
      silent = looks == known ? silent + settings.watchInterval : .zero
      known = looks
      let meanStep = (watched - silent) / Double(max(looks, 1))
      // Reading what it needs may take long; the second look ends the first step.
      guard looks >= 2, silent >= max(Self.stallTimeMin, meanStep * Self.stallStepsMin) else {
        continue
      }
      log(.stalled(id, silent))
      return control.requestStop(.stalled)
    }
  }

  /// Wakes the workers when the first job that waits after a setback is due.
  func wakeWhenDue() async {
    let delay: Duration?
    do {
      delay = try await store.timeUntilDue()
    } catch {
      return claimLater()
    }
    guard let delay, ledger.phase == .serving else { return }
    dueTimer?.cancel()
    dueTimer = Task { [pause = settings.pause] in
      guard (try? await pause(delay)) != nil else { return }
      claimDue()
    }
  }

  private func claimDue() {
    ledger.noteQueued()
    claimWork()
  }

  /// Does now and then what no call asks for, until the task is cancelled.
  ///
  /// Where other processes have the store too it shows that the runs of this one live, rescues those
  /// whose process does not, and looks for jobs that others were given.
  func keepUp() async {
    guard settings.isShared || settings.keepsEndedJobs != nil else { return }
    repeat {
      do {
        if settings.isShared {
          for id in runs.keys { storeReports(of: id, after: .zero) }
          for job in try await store.rescue(.expired) { hub.wake(job.id) }
          claimDue()
        }
        if let age = settings.keepsEndedJobs { try await purge(endedFor: age) }
      } catch {
        log(.retrying(operation: "look after leases and old jobs", .store(error)))
      }
    } while (try? await settings.pause(settings.upkeepInterval)) != nil
  }

  private func purge(endedFor age: Duration) async throws(JobStoreError) {
    var purged: [JobID]
    repeat {
      purged = try await store.purge(endedFor: age, limit: Self.purgedAtOnce)
      for id in purged { hub.finish(id) }
      if !purged.isEmpty { log(.purged(purged.count)) }
    } while purged.count == Self.purgedAtOnce
  }
}
