import Jobs

extension JobStoreConformance {
  /// The promises of ``JobStore``, each with the story that proves it.
  package static let promises: [Promise] = [
    Promise(description: "a submission is queued, with event 1") { store, clock in
      let job = try await store.submit(sample(1)).job
      try expect(job.status == .queued && job.createdAt == clock.now, "\(job)")
      try expect(try await store.job(job.id) == job, "the job is not stored as it was returned")
      let events = try await store.events(of: job.id, after: 0, limit: 10)
      let first = JobEvent(
        id: 1, type: "status", createdAt: clock.now, data: Array("queued".utf8))
      try expect(events == [first], "\(events)")
    },
    Promise(description: "a key gives the same job again for 24 hours, then a new one") {
      store, clock in
      let key = JobIdempotency(key: "k", fingerprint: "f")
      let first = try await store.submit(sample(1, key)).job
      clock.advance(by: .seconds(24 * 3600) - .milliseconds(1))
      let second = try await store.submit(sample(2, key))
      try expect(second.isReplay && second.job.id == first.id, "\(second)")
      clock.advance(by: .milliseconds(1))
      let third = try await store.submit(sample(3, key))
      try expect(!third.isReplay && third.job.id != first.id, "\(third)")
    },
    Promise(description: "a key with another fingerprint is refused and stores nothing") {
      store, _ in
      _ = try await store.submit(sample(1, JobIdempotency(key: "k", fingerprint: "f")))
      let other = sample(2, JobIdempotency(key: "k", fingerprint: "g"))
      try await expectRefusal(.idempotencyKeyReused(key: "k")) { () throws(JobStoreError) in
        _ = try await store.submit(other)
      }
      try expect(try await store.job(other.id) == nil, "the refused job is there")
      try expect(try await store.counts()[.queued] == 1, "something was counted")
    },
    Promise(description: "claims come in the order of submission and count epoch and attempt") {
      store, clock in
      for number in 1...3 {
        _ = try await store.submit(sample(number))
        clock.advance(by: .milliseconds(1))
      }
      for number in 1...3 {
        let job = try await store.claim(worker: "a")
        try expect(job?.id == sample(number).id, "claim \(number) gave \(String(describing: job))")
        try expect(job?.epoch == 1 && job?.attempt == 1 && job?.status == .running, "\(number)")
        try expect(job?.startedAt == clock.now, "\(number)")
      }
      try expect(try await store.claim(worker: "a") == nil, "an empty queue gave a job")
    },
    Promise(description: "a write with an old claim is refused and changes nothing") { store, _ in
      let old = try await claimed(sample(1), in: store)
      _ = try await store.rescue()
      let new = try await store.claim(worker: "b")
      try expect(new?.epoch == old.epoch + 1, "\(String(describing: new))")
      try await expectFenced(old.claim, in: store)
    },
    Promise(description: "a write after the end is refused and changes nothing") { store, _ in
      let job = try await claimed(sample(1), in: store)
      _ = try await store.finish(job.claim, as: .succeeded(result), report: JobReport())
      try await expectFenced(job.claim, in: store)
    },
    Promise(description: "a finish writes report, result, status and done at once") {
      store, clock in
      let job = try await claimed(sample(1), in: store)
      clock.advance(by: .seconds(1))
      let report = JobReport(progress: [7], events: [JobEventDraft(type: "epoch", data: [1])])
      let ended = try await store.finish(job.claim, as: .succeeded(result), report: report)
      try expect(ended.status == .succeeded && ended.finishedAt == clock.now, "\(ended)")
      try expect(ended.summary == result.summary && ended.progress == [7], "\(ended)")
      try expect(try await store.details(of: job.id) == result.details, "details")
      let events = try await store.events(of: job.id, after: 2, limit: 10)
      try expect(events.map(\.type) == ["epoch", "status", "done"], "\(events)")
      try expect(events.map(\.id) == [3, 4, 5], "\(events)")
    },
    Promise(description: "a release puts the job back at its old place, its attempt not counted") {
      store, clock in
      let job = try await claimed(sample(1), in: store)
      clock.advance(by: .seconds(1))
      _ = try await store.submit(sample(2))
      let released = try await store.release(job.claim, report: JobReport(progress: [1]))
      try expect(released.status == .queued && released.attempt == 0, "\(released)")
      try expect(released.restarts == 0 && released.epoch == 1, "\(released)")
      let next = try await store.claim(worker: "a")
      try expect(next?.id == job.id && next?.epoch == 2, "\(String(describing: next))")
    },
    Promise(description: "cancel ends a queued job, asks a running one, leaves an ended one") {
      store, _ in
      let job = try await claimed(sample(1), in: store)
      _ = try await store.submit(sample(2))
      let queued = try await store.cancel(sample(2).id)
      try expect(queued == .cancelled(queued.job) && queued.job.status == .cancelled, "\(queued)")
      let running = try await store.cancel(job.id)
      try expect(running == .asked(running.job) && running.job.cancelRequested, "\(running)")
      try expect(try await store.cancel(job.id) == running, "asked twice")
      let renewed = try await store.renew(job.claim, report: JobReport())
      try expect(renewed.cancelRequested, "the worker is not told")
      let ended = try await store.finish(job.claim, as: .cancelled(nil), report: JobReport())
      try expect(try await store.cancel(job.id) == .alreadyEnded(ended), "ended")
    },
    Promise(description: "a rescue queues again, counts, and cancels what was to be cancelled") {
      store, _ in
      let first = try await claimed(sample(1), in: store)
      let second = try await claimed(sample(2), in: store)
      _ = try await store.cancel(second.id)
      let rescued = try await store.rescue()
      try expect(rescued.map(\.id) == [first.id, second.id], "\(rescued)")
      try expect(rescued.map(\.status) == [.queued, .cancelled], "\(rescued)")
      try expect(rescued.map(\.restarts) == [1, 0], "\(rescued)")
      try expect(try await store.rescue().isEmpty, "rescued twice")
    },
    Promise(description: "the third crash makes a job fail") { store, _ in
      _ = try await store.submit(sample(1))
      for crash in 1...3 {
        _ = try await store.claim(worker: "a")
        let status = try await store.rescue().first?.status
        try expect(status == (crash < 3 ? .queued : .failed), "crash \(crash)")
      }
      let failure = try await store.job(sample(1).id)?.error
      try expect(failure?.code == "crashed_repeatedly", "\(String(describing: failure))")
    },
    Promise(description: "only an ended job can be deleted, and its key is forgotten with it") {
      store, _ in
      let key = JobIdempotency(key: "k", fingerprint: "f")
      let job = try await claimed(sample(1, key), in: store)
      try await expectRefusal(.jobActive(job.id, .running)) { () throws(JobStoreError) in
        try await store.delete(job.id)
      }
      _ = try await store.finish(job.claim, as: .cancelled(nil), report: JobReport())
      try await store.delete(job.id)
      try expect(try await store.job(job.id) == nil, "still there")
      try await expectRefusal(.jobNotFound(job.id)) { () throws(JobStoreError) in
        _ = try await store.events(of: job.id, after: 0, limit: 1)
      }
      try expect(try await store.submit(sample(2, key)).isReplay == false, "the key is known")
    },
    Promise(description: "a job of another is as if it were not there") { store, _ in
      let mine = try await store.submit(sample(1, owner: "a")).job
      _ = try await store.submit(sample(2, owner: "b"))
      _ = try await store.submit(sample(3))
      try expect(mine.owner == "a", "\(mine)")
      try expect(try await store.job(mine.id, for: .owner("a")) == mine, "mine is hidden")
      for order in JobQuery.Order.allCases {
        let page = try await store.jobs(matching: JobQuery(order: order), for: .owner("a"))
        try expect(page == JobPage(jobs: [mine], hasMore: false), "\(page)")
      }
      try expect(try await store.jobs(matching: JobQuery()).jobs.count == 3, "not all are listed")
      for access in [JobAccess.owner("b"), .owner("")] {
        try await expectHidden(mine, for: access, in: store)
      }
      try expect(try await store.cancel(mine.id, for: .owner("a")).job.owner == "a", "cancel")
      try await expectHidden(mine, for: .owner("b"), in: store)
      try await store.delete(mine.id, for: .owner("a"))
      try expect(try await store.job(mine.id) == nil, "still there")
    },
    Promise(description: "each owner has idempotency keys of its own, and nobody too") { store, _ in
      let key = JobIdempotency(key: "k", fingerprint: "f")
      for (number, owner) in [(1, "a"), (2, "b"), (3, nil)] as [(Int, String?)] {
        let first = try await store.submit(sample(number, key, owner: owner))
        try expect(!first.isReplay && first.job.owner == owner, "\(first)")
      }
      for (number, owner) in [(1, "a"), (2, "b"), (3, nil)] as [(Int, String?)] {
        let again = try await store.submit(sample(10 + number, key, owner: owner))
        try expect(again.isReplay && again.job.id == sample(number).id, "\(again)")
      }
    },
    Promise(description: "an owner may have so many queued jobs; a replay is none more") {
      store, _ in
      let key = JobIdempotency(key: "k", fingerprint: "f")
      _ = try await store.submit(sample(1, key, owner: "a", queuedJobsMax: 2))
      _ = try await store.submit(sample(2, owner: "a", queuedJobsMax: 2))
      try await expectRefusal(.queueQuotaFull(owner: "a", max: 2)) { () throws(JobStoreError) in
        _ = try await store.submit(sample(3, owner: "a", queuedJobsMax: 2))
      }
      try expect(try await store.job(sample(3).id) == nil, "the refused job is there")
      let owner = JobOwner(name: "a", queuedJobsMax: 2)
      try await expectRefusal(.queueQuotaFull(owner: "a", max: 2)) { () throws(JobStoreError) in
        try await store.checkRoom(for: owner, nil, queuedJobsMax: .max)
      }
      try await store.checkRoom(for: owner, key, queuedJobsMax: .max)
      try await store.checkRoom(for: nil, nil, queuedJobsMax: 3)
      let replay = try await store.submit(sample(3, key, owner: "a", queuedJobsMax: 2))
      try expect(replay.isReplay, "\(replay)")
      _ = try await store.submit(sample(4, owner: "b", queuedJobsMax: 2))
      _ = try await store.submit(sample(5))
      _ = try await store.claim(worker: "w")
      _ = try await store.submit(sample(6, owner: "a", queuedJobsMax: 2))
    },
    Promise(description: "so many jobs may be queued in all; a replay is none more") { store, _ in
      let key = JobIdempotency(key: "k", fingerprint: "f")
      _ = try await store.submit(sample(1, key), queuedJobsMax: 2)
      _ = try await store.submit(sample(2, owner: "a"), queuedJobsMax: 2)
      try await expectRefusal(.queueFull(max: 2)) { () throws(JobStoreError) in
        _ = try await store.submit(sample(3), queuedJobsMax: 2)
      }
      try expect(try await store.submit(sample(3, key), queuedJobsMax: 2).isReplay, "replay")
      _ = try await store.claim(worker: "w")
      _ = try await store.submit(sample(3), queuedJobsMax: 2)
    },
    Promise(description: "a closed store refuses") { store, _ in
      await store.close()
      await store.close()
      try await expectRefusal(.closed) { () throws(JobStoreError) in _ = try await store.counts() }
      try await expectRefusal(.closed) { () throws(JobStoreError) in
        _ = try await store.submit(sample(1))
      }
    },
  ]

  static let result = StoredResult(summary: [1], details: [2, 3])

  /// The job of that number; a greater number is a later name.
  static func sample(
    _ number: Int, _ idempotency: JobIdempotency? = nil, owner: String? = nil,
    queuedJobsMax: Int = .max, priority: Int = 0
  ) -> NewJob {
    var generator = JobIDGenerator()
    let id = generator.next(at: JobTime(milliseconds: Int64(number)), random: 0)
    return NewJob(
      id: id, request: [UInt8(number)], idempotency: idempotency,
      owner: owner.map { JobOwner(name: $0, queuedJobsMax: queuedJobsMax) }, priority: priority)
  }

  static func claimed(_ new: NewJob, in store: any JobStore) async throws -> Job {
    _ = try await store.submit(new)
    guard let job = try await store.claim(worker: "a"), job.id == new.id else {
      throw Violation(description: "the claim did not give \(new.id)")
    }
    return job
  }

  static func expectHidden(
    _ job: Job, for access: JobAccess, in store: any JobStore
  ) async throws {
    try expect(try await store.job(job.id, for: access) == nil, "the job is shown to \(access)")
    let page = try await store.jobs(matching: JobQuery(), for: access)
    try expect(!page.jobs.map(\.id).contains(job.id), "the job is listed to \(access)")
    let before = try await store.job(job.id)
    try await expectRefusal(.jobNotFound(job.id)) { () throws(JobStoreError) in
      _ = try await store.cancel(job.id, for: access)
    }
    try await expectRefusal(.jobNotFound(job.id)) { () throws(JobStoreError) in
      try await store.delete(job.id, for: access)
    }
    try await expectRefusal(.jobNotFound(job.id)) { () throws(JobStoreError) in
      _ = try await store.details(of: job.id, for: access)
    }
    try await expectRefusal(.jobNotFound(job.id)) { () throws(JobStoreError) in
      _ = try await store.events(of: job.id, after: 0, limit: 1, for: access)
    }
    try expect(try await store.job(job.id) == before, "\(access) changed the job")
  }

  static func expectFenced(_ claim: JobClaim, in store: any JobStore) async throws {
    let before = try await store.job(claim.id)
    let events = try await store.events(of: claim.id, after: 0, limit: 100)
    let report = JobReport(progress: [66], events: [JobEventDraft(type: "epoch", data: [])])
    try await expectRefusal(.fenced(claim)) { () throws(JobStoreError) in
      _ = try await store.renew(claim, report: report)
    }
    try await expectRefusal(.fenced(claim)) { () throws(JobStoreError) in
      _ = try await store.finish(claim, as: .succeeded(result), report: report)
    }
    try await expectRefusal(.fenced(claim)) { () throws(JobStoreError) in
      _ = try await store.release(claim, report: report)
    }
    try expect(try await store.job(claim.id) == before, "a stale write changed the job")
    let after = try await store.events(of: claim.id, after: 0, limit: 100)
    try expect(after == events, "a stale write left events")
  }

  static func expectRefusal(
    _ expected: JobStoreError, _ operation: () async throws(JobStoreError) -> Void
  ) async throws {
    do {
      try await operation()
    } catch {
      return try expect(error == expected, "expected \(expected), got \(error)")
    }
    throw Violation(description: "expected \(expected), but it was done")
  }
}
