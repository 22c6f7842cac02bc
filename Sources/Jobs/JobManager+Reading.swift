extension JobManager {
  /// Has a handler called for each job that is forgotten, by whatever way; a new handler replaces the
  /// one before.
  package nonisolated func onForget(_ handler: @escaping @Sendable (JobID) -> Void) {
    hub.onForget(handler)
  }

  /// Returns the job, with the newest progress of its run.
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)`` in ``JobManagerError/store(_:)``.
  package func job(
    _ id: JobID, for access: JobAccess = .all
  ) async throws(JobManagerError) -> Job {
    let job = try await stored { store throws(JobStoreError) in
      try await store.job(id, for: access)
    }
    guard let job else { throw .jobNotFound(id) }
    return withProgress(job)
  }

  /// Returns the jobs that a query asks for, with the newest progress of their runs.
  ///
  /// - Throws: ``JobManagerError/limitOutOfRange(_:allowed:)``.
  package func jobs(
    matching query: JobQuery, for access: JobAccess = .all
  ) async throws(JobManagerError) -> JobPage {
    try check(query.limit, JobQuery.limitRange)
    var page = try await stored { store throws(JobStoreError) in
      try await store.jobs(matching: query, for: access)
    }
    page.jobs = page.jobs.map(withProgress)
    return page
  }

  /// Returns the long form of the result, or nil if the job has none (yet).
  ///
  /// - Throws: ``JobStoreError/jobNotFound(_:)`` in ``JobManagerError/store(_:)``.
  package func details(
    of id: JobID, for access: JobAccess = .all
  ) async throws(JobManagerError) -> [UInt8]? {
    try await stored { store throws(JobStoreError) in
      try await store.details(of: id, for: access)
    }
  }

  /// Returns at most `limit` stored events with numbers greater than `after`, oldest first.
  ///
  /// - Throws: ``JobManagerError/limitOutOfRange(_:allowed:)`` or
  ///   ``JobStoreError/jobNotFound(_:)`` in ``JobManagerError/store(_:)``.
  package func events(
    of id: JobID, after: Int, limit: Int, for access: JobAccess = .all
  ) async throws(JobManagerError) -> [JobEvent] {
    try check(limit, Self.eventsLimitRange)
    return try await stored { store throws(JobStoreError) in
      try await store.events(of: id, after: after, limit: limit, for: access)
    }
  }

  /// How many jobs there are, by status.
  package var counts: JobCounts {
    get async throws(JobManagerError) {
      try await stored { store throws(JobStoreError) in try await store.counts() }
    }
  }

  /// Returns a stream that wakes its reader once at once, and again after something about the job
  /// was stored or its progress changed.
  ///
  /// Wake-ups coalesce: a slow reader gets one for many changes. Read the state after each. The
  /// stream ends when the job is deleted or the manager shuts down; it does not end with the job.
  package nonisolated func changes(of id: JobID) -> AsyncStream<Void> {
    hub.changes(of: id)
  }

  /// Waits until the job has ended, that long at most, and returns it as it is then: ended or not.
  ///
  /// Returns early, with the job as it was last read, when the calling Task is cancelled or the
  /// manager shuts down.
  ///
  /// - Parameters:
  ///   - job: The job as the caller has read it.
  ///   - limit: The longest wait.
  /// - Returns: The job.
  /// - Throws: ``JobStoreError/jobNotFound(_:)`` in ``JobManagerError/store(_:)``, also when the job
  ///   is deleted meanwhile.
  package func waitForEnd(of job: Job, atMost limit: Duration) async throws(JobManagerError) -> Job
  {
    var last = job
    let (changes, continuation) = hub.subscribe(to: job.id)
    let alarm = Task { [pause = settings.pause] in
      // Cut short when the job ends first; then nobody listens any more.
      _ = try? await pause(limit)
      continuation.finish()
    }
    defer { alarm.cancel() }
    do {
      for await _ in changes {
        last = try await self.job(job.id)
        if last.status.isTerminal { return last }
      }
      return try await self.job(job.id)
    } catch {
      if error == .store(.closed) { return last }
      throw error
    }
  }

  /// The job with the newest progress of its run, stored or not.
  func withProgress(_ job: Job) -> Job {
    guard let progress = runs[job.id]?.control.newestProgress else { return job }
    var job = job
    job.progress = progress
    return job
  }

  private func check(_ limit: Int, _ allowed: ClosedRange<Int>) throws(JobManagerError) {
    guard allowed.contains(limit) else { throw .limitOutOfRange(limit, allowed: allowed) }
  }
}
