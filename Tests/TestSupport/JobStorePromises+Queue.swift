import Jobs

extension JobStoreConformance {
  /// Every promise of ``JobStore``.
  package static var allPromises: [Promise] { promises + queuePromises }

  /// What ``JobStore`` promises about whose turn it is, pauses, setbacks and checkpoints.
  package static let queuePromises: [Promise] = [
    Promise(description: "a paused job waits until it is resumed, and keeps its place") {
      store, clock in
      _ = try await store.submit(sample(1))
      clock.advance(by: .milliseconds(1))
      _ = try await store.submit(sample(2))
      let paused = try await store.pause(sample(1).id)
      try expect(paused.status == .queued && paused.isPaused, "\(paused)")
      try expect(try await store.pause(sample(1).id) == paused, "paused twice")
      try expect(try await store.claim(worker: "a")?.id == sample(2).id, "the pause was ignored")
      try expect(try await store.claim(worker: "a") == nil, "a paused job was claimed")
      clock.advance(by: .milliseconds(1))
      _ = try await store.submit(sample(3))
      try expect(try await !store.resume(sample(1).id).isPaused, "still paused")
      try expect(try await store.claim(worker: "a")?.id == sample(1).id, "the place is lost")
      let events = try await store.events(of: sample(1).id, after: 1, limit: 9)
      let names = events.map { String(decoding: $0.data, as: UTF8.self) }
      try expect(names == ["paused", "queued", "running"], "\(names)")
    },
    Promise(description: "a running job that shall wait is told, and waits once it is released") {
      store, _ in
      let job = try await claimed(sample(1), in: store)
      try expect(try await store.pause(job.id).status == .running, "taken from its worker")
      let told = try await store.renew(job.claim, report: JobReport())
      try expect(told.isPaused, "the worker is not told")
      _ = try await store.release(job.claim, report: JobReport())
      try expect(try await store.claim(worker: "a") == nil, "claimed although it shall wait")
      _ = try await store.resume(job.id)
      try expect(try await store.claim(worker: "a")?.epoch == 2, "not claimed again")
    },
    Promise(description: "an ended job can be neither paused nor resumed") { store, _ in
      let job = try await claimed(sample(1), in: store)
      _ = try await store.finish(job.claim, as: .succeeded(result), report: JobReport())
      try await expectRefusal(.jobEnded(job.id, .succeeded)) { () throws(JobStoreError) in
        _ = try await store.pause(job.id)
      }
      try await expectRefusal(.jobEnded(job.id, .succeeded)) { () throws(JobStoreError) in
        _ = try await store.resume(job.id)
      }
    },
    Promise(description: "after an error a job waits 10 s, then 40 s, and fails the third time") {
      store, clock in
      let failure = JobFailure(code: "disk", message: "The disk is gone")
      _ = try await store.submit(sample(1))
      for seconds in [10, 40] {
        guard let job = try await store.claim(worker: "a") else {
          throw Violation(description: "not claimed before \(seconds)")
        }
        let waiting = try await store.interrupt(job.claim, because: failure, report: JobReport())
        try expect(waiting.status == .queued && waiting.error == nil, "\(waiting)")
        try expect(try await store.timeUntilDue() == .seconds(seconds), "\(seconds)")
        clock.advance(by: .seconds(seconds) - .milliseconds(1))
        try expect(try await store.claim(worker: "a") == nil, "claimed before \(seconds) s")
        clock.advance(by: .milliseconds(1))
      }
      let job = try await store.claim(worker: "a")
      let failed = try await store.interrupt(
        JobClaim(id: sample(1).id, epoch: job?.epoch ?? 0), because: failure, report: JobReport())
      try expect(failed.status == .failed && failed.error == failure, "\(failed)")
      try expect(try await store.timeUntilDue() == nil, "something is due")
    },
    Promise(description: "the newest two checkpoints stay until the end; each forgives setbacks") {
      store, _ in
      var job = try await claimed(sample(1), in: store)
      for step in 1...3 {
        let report = JobReport(checkpoint: checkpoint(step))
        job = try await store.renew(job.claim, report: report)
      }
      try expect(job.checkpoints == [checkpoint(3), checkpoint(2)], "\(job.checkpoints)")
      // A run that could not read the newest went on from the one before.
      job = try await store.renew(job.claim, report: JobReport(checkpoint: checkpoint(3, "9")))
      try expect(job.checkpoints == [checkpoint(3, "9"), checkpoint(2)], "\(job.checkpoints)")
      job = try await store.renew(job.claim, report: JobReport(checkpoint: checkpoint(1)))
      try expect(job.checkpoints == [checkpoint(1)], "\(job.checkpoints)")
      for step in 2...7 {
        let rescued = try await store.rescue()
        try expect(rescued.first?.status == .queued, "\(rescued)")
        guard let next = try await store.claim(worker: "a") else {
          throw Violation(description: "not claimed again")
        }
        try expect(next.checkpoints.first?.step == step - 1, "\(next.checkpoints)")
        job = try await store.renew(next.claim, report: JobReport(checkpoint: checkpoint(step)))
      }
      let ended = try await store.finish(job.claim, as: .succeeded(result), report: JobReport())
      try expect(ended.checkpoints.isEmpty, "\(ended.checkpoints)")
    },
    Promise(description: "a checkpoint that is no step beyond the last forgives nothing") {
      store, _ in
      var job = try await claimed(sample(1), in: store)
      _ = try await store.renew(job.claim, report: JobReport(checkpoint: checkpoint(5)))
      for crash in 1...3 {
        let status = try await store.rescue().first?.status
        try expect(status == (crash < 3 ? .queued : .failed), "crash \(crash)")
        guard crash < 3, let next = try await store.claim(worker: "a") else { continue }
        job = try await store.renew(next.claim, report: JobReport(checkpoint: checkpoint(5)))
      }
    },
    Promise(description: "only jobs whose lease is over are rescued, where others live") {
      store, clock in
      let silent = try await claimed(sample(1), in: store)
      clock.advance(by: .seconds(20))
      let alive = try await claimed(sample(2), in: store)
      clock.advance(by: JobLease.length - .seconds(20) - .milliseconds(1))
      try expect(try await store.rescue(.expired).isEmpty, "rescued too early")
      _ = try await store.renew(alive.claim, report: JobReport())
      clock.advance(by: .milliseconds(1))
      try expect(try await store.rescue(.expired).map(\.id) == [silent.id], "not rescued")
      try await expectFenced(silent.claim, in: store)
      _ = try await store.renew(alive.claim, report: JobReport())
    },
    Promise(description: "an owner's jobs of higher priority are first, those of others are not") {
      store, clock in
      let order = [(1, "a", 0), (2, "a", 5), (3, "b", -9), (4, "a", -1), (5, "a", 5)]
      for (number, owner, priority) in order {
        _ = try await store.submit(sample(number, owner: owner, priority: priority))
        clock.advance(by: .milliseconds(1))
      }
      var claims: [JobID?] = []
      for _ in order { claims.append(try await store.claim(worker: "w")?.id) }
      // Nobody has worked yet, so the owners' first jobs compete by their age.
      let expected = [2, 3, 1, 4, 5].map { sample($0).id }
      try expect(Set(claims) == Set(expected), "\(claims)")
      let mine = claims.filter { $0 != sample(3).id }
      try expect(mine == [2, 5, 1, 4].map { sample($0).id }, "\(claims)")
    },
    Promise(description: "who floods the queue does not starve another's single job") {
      store, clock in
      for number in 1...20 {
        _ = try await store.submit(sample(number, owner: "many"))
        clock.advance(by: .milliseconds(1))
      }
      try await work(store, expecting: sample(1).id, .seconds(5))
      _ = try await store.submit(sample(30, owner: "few"))
      try await work(store, expecting: sample(30).id, .seconds(2))
      _ = try await store.submit(sample(31, owner: "few"))
      // 2 s of work, then 6, against 5.
      try await work(store, expecting: sample(31).id, .seconds(4))
      _ = try await store.submit(sample(32, owner: "few"))
      try await work(store, expecting: sample(2).id, .seconds(2))
      try await work(store, expecting: sample(32).id, .seconds(1))
      // Who was away has saved nothing up: it begins where the others are.
      _ = try await store.submit(sample(33, owner: "new"))
      _ = try await store.submit(sample(34, owner: "new"))
      try await work(store, expecting: sample(33).id, .seconds(9))
      try await work(store, expecting: sample(3).id, .seconds(1))
    },
    Promise(description: "jobs that ended long enough ago are forgotten, the oldest first") {
      store, clock in
      for number in 1...3 {
        let job = try await claimed(sample(number), in: store)
        _ = try await store.finish(job.claim, as: .succeeded(result), report: JobReport())
        clock.advance(by: .seconds(1))
      }
      _ = try await store.submit(sample(4))
      let ids = (1...4).map { sample($0).id }
      try expect(try await store.purge(endedFor: .seconds(2), limit: 1) == [ids[0]], "first")
      try expect(try await store.purge(endedFor: .seconds(2), limit: 9) == [ids[1]], "second")
      try expect(try await store.purge(endedFor: .zero, limit: 9) == [ids[2]], "third")
      try expect(try await store.job(ids[0]) == nil, "still there")
      try expect(try await store.job(ids[3]) != nil, "a queued job was forgotten")
    },
    Promise(description: "a job goes on from one that is there and its owner's") { store, _ in
      _ = try await store.submit(sample(1, owner: "a"))
      var child = sample(2, owner: "a")
      child.parent = sample(1).id
      try expect(try await store.submit(child).job.parent == sample(1).id, "no parent")
      var others = sample(3, owner: "b")
      others.parent = sample(1).id
      try await expectRefusal(.jobNotFound(sample(1).id)) { () throws(JobStoreError) in
        _ = try await store.submit(others)
      }
      var orphan = sample(4, owner: "a")
      orphan.parent = sample(9).id
      try await expectRefusal(.jobNotFound(sample(9).id)) { () throws(JobStoreError) in
        _ = try await store.submit(orphan)
      }
    },
  ]

  /// Claims a job, which must be the expected one, and ends it after so much work.
  private static func work(
    _ store: any JobStore, expecting id: JobID, _ used: Duration
  ) async throws {
    guard let job = try await store.claim(worker: "w"), job.id == id else {
      throw Violation(description: "\(id) was not next")
    }
    _ = try await store.finish(
      job.claim, as: .succeeded(result), report: JobReport(used: used))
  }

  private static func checkpoint(_ step: Int, _ digit: Character? = nil) -> JobCheckpoint {
    let digits = String(repeating: digit ?? Character("\(step)"), count: 64)
    return JobCheckpoint(step: step, blob: BlobID(digits) ?? BlobID.unreachable)
  }
}
