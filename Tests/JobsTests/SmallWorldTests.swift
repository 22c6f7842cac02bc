import Testing

@testable import Jobs

/// Every state that two workers and two jobs can come to, whatever happens in whatever order.
@Suite("A small world, searched exhaustively")
struct SmallWorldTests {
  /// A job, with what the store does not know: who has it.
  struct Held: Hashable {
    var machine = JobStateMachine()
    var worker: Int?
  }

  /// A claim as its worker remembers it, which need not be the present one.
  struct Claim: Hashable {
    let job: Int
    let epoch: Int
  }

  struct World: Hashable {
    var jobs: [Held]
    var claims: [Claim?]
  }

  /// What decides about everything that follows; how often a job was claimed or restarted does not.
  struct Essence: Hashable {
    private var bits = 0

    init(_ world: World) {
      for job in world.jobs {
        let machine = job.machine
        add(JobStatus.allCases.firstIndex(of: machine.status) ?? 0, below: 8)
        add((machine.cancelRequested ? 1 : 0) + (machine.isPaused ? 2 : 0), below: 4)
        add(machine.epoch, below: 4)
        add(machine.setbacks, below: 4)
        add(job.worker.map { $0 + 1 } ?? 0, below: 4)
      }
      for claim in world.claims {
        add(claim.map { $0.job + 1 } ?? 0, below: 4)
        add(claim?.epoch ?? 0, below: 4)
      }
    }

    private mutating func add(_ number: Int, below limit: Int) {
      bits = bits * limit + number
    }
  }

  /// What breaks a promise.
  enum Violation: Hashable {
    case staleWrite
    case secondEnd
    case epochFell
    case cancelForgotten
    case ownerless
    case claimedWhilePaused
    case tooManySetbacks
  }

  /// How a store guards the writes of workers.
  enum Guard { case byEpoch, byStatus }

  struct Search {
    let guarding: Guard
    var epochsMax: Int
    var seen: Set<Essence> = []
    /// What was reached, so that the search is no empty one.
    var statuses: Set<JobStatus> = []
    var setbacks: Set<Int> = []
    var pauses = 0
    var violations: Set<Violation> = []

    mutating func run(from world: World) {
      var open = [world]
      seen = [Essence(world)]
      while let world = open.popLast() {
        for job in world.jobs {
          statuses.insert(job.machine.status)
          setbacks.insert(job.machine.setbacks)
          pauses += job.machine.isPaused ? 1 : 0
        }
        for next in successors(of: world) where seen.insert(Essence(next)).inserted {
          open.append(next)
        }
      }
    }

    private mutating func successors(of world: World) -> [World] {
      var found: [World] = []
      for job in world.jobs.indices {
        found += decide(world, job) { $0.cancel() }
        found += decide(world, job) { $0.pause() }
        found += decide(world, job) { $0.resume() }
        // The lease is over, or the process is known to be gone; its worker may still live.
        found += decide(world, job) { $0.rescue() }
      }
      for worker in world.claims.indices {
        // It crashes and forgets.
        var crashed = world
        crashed.claims[worker] = nil
        found.append(crashed)
        guard let claim = world.claims[worker] else {
          for job in world.jobs.indices { found += self.claim(world, job, worker) }
          continue
        }
        let failure = JobFailure(code: "disk", message: "It may pass")
        found += write(world, worker, claim, ends: false) { $0.renew(epoch: $1) }
        found += write(world, worker, claim, ends: false) {
          $0.renew(epoch: $1, hasCheckpoint: true)
        }
        found += write(world, worker, claim, ends: true) { $0.finish(epoch: $1, as: .succeeded) }
        found += write(world, worker, claim, ends: true) { $0.finish(epoch: $1, as: .cancelled) }
        found += write(world, worker, claim, ends: true) { $0.release(epoch: $1) }
        found += write(world, worker, claim, ends: true) {
          $0.interrupt(epoch: $1, because: failure)
        }
      }
      return found
    }

    private mutating func claim(_ world: World, _ job: Int, _ worker: Int) -> [World] {
      guard world.jobs[job].machine.epoch < epochsMax else { return [] }
      var next = world
      guard case .store = next.jobs[job].machine.claim() else { return [] }
      if world.jobs[job].machine.isPaused { violations.insert(.claimedWhilePaused) }
      next.jobs[job].worker = worker
      next.claims[worker] = Claim(job: job, epoch: next.jobs[job].machine.epoch)
      check(world.jobs[job], next.jobs[job])
      return [next]
    }

    /// A worker writes; the guard decides whether the store believes it.
    private mutating func write(
      _ world: World, _ worker: Int, _ claim: Claim, ends: Bool,
      _ event: (inout JobStateMachine, Int) -> JobStateMachine.Action
    ) -> [World] {
      var next = world
      let before = world.jobs[claim.job]
      let epoch = guarding == .byEpoch ? claim.epoch : before.machine.epoch
      let action = event(&next.jobs[claim.job].machine, epoch)
      guard case .store = action else {
        // It notices, and discards its work.
        next.claims[worker] = nil
        return [next]
      }
      let isPresent = before.worker == worker && before.machine.epoch == claim.epoch
      if !isPresent { violations.insert(.staleWrite) }
      if ends { next.claims[worker] = nil }
      settle(&next, claim.job)
      check(before, next.jobs[claim.job])
      return [next]
    }

    private mutating func decide(
      _ world: World, _ job: Int, _ event: (inout JobStateMachine) -> JobStateMachine.Action
    ) -> [World] {
      var next = world
      guard case .store = event(&next.jobs[job].machine) else { return [] }
      settle(&next, job)
      check(world.jobs[job], next.jobs[job])
      return [next]
    }

    private func settle(_ world: inout World, _ job: Int) {
      if world.jobs[job].machine.status != .running { world.jobs[job].worker = nil }
    }

    private mutating func check(_ before: Held, _ after: Held) {
      let (old, new) = (before.machine, after.machine)
      if old.status.isTerminal { violations.insert(.secondEnd) }
      if new.epoch < old.epoch { violations.insert(.epochFell) }
      if old.cancelRequested && !new.cancelRequested { violations.insert(.cancelForgotten) }
      if old.cancelRequested && new.status == .queued { violations.insert(.cancelForgotten) }
      if (new.status == .running) != (after.worker != nil) { violations.insert(.ownerless) }
      if new.setbacks > JobStateMachine.setbacksMax { violations.insert(.tooManySetbacks) }
    }
  }

  private func search(_ guarding: Guard) -> Search {
    var search = Search(guarding: guarding, epochsMax: 3)
    search.run(from: World(jobs: [Held(), Held()], claims: [nil, nil]))
    return search
  }

  @Test("whatever happens in whatever order, no promise is broken")
  func holds() {
    let search = search(.byEpoch)
    #expect(search.violations == [])
    #expect(search.statuses == Set(JobStatus.allCases))
    #expect(search.setbacks == [0, 1, 2, 3])
    #expect(search.pauses > 0)
  }

  @Test("a store without the epoch in its guard believes a worker that slept through its lease")
  func brokenGuardIsCaught() {
    #expect(search(.byStatus).violations.contains(.staleWrite))
  }
}
