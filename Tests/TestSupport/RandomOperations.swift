import Jobs

/// Chooses operations on a store by a seed, among names and claims that exist, existed or never did.
struct RandomOperations: Sendable {
  private var random: SeededRandom
  private var generator = JobIDGenerator()
  private var claims: [JobClaim] = []
  /// All names so far, of jobs that exist or not.
  private(set) var ids: [JobID] = []

  init(seed: UInt64) {
    random = SeededRandom(seed: Int(truncatingIfNeeded: seed))
  }

  /// Remembers what later operations may refer to.
  mutating func learn(from reply: StoreOperation.Reply) {
    if case .job(let job?) = reply, job.status == .running { claims.append(job.claim) }
  }

  /// Returns the next operation, and sometimes moves the clock before it.
  mutating func next(clock: HandClock) -> StoreOperation {
    if chance(1, of: 3) { clock.advance(by: .milliseconds(Int.random(in: 1...50, using: &random))) }
    if chance(1, of: 12) { clock.advance(by: .seconds(number(50))) }
    if chance(1, of: 60) { clock.advance(by: .seconds(8 * 3600)) }
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<25: return submit(at: clock.now)
    case 25..<45: return .claim
    case 45..<55: return .renew(claim(), report())
    case 55..<68: return .finish(claim(), ending(), report())
    case 68..<73: return .release(claim(), report())
    case 73..<76: return .interrupt(claim(), failure(), report())
    case 76..<79: return .cancel(id(), access())
    case 79..<82: return .pause(id(), access())
    case 82..<85: return .resume(id(), access())
    case 85..<87: return .rescue(chance(1, of: 2) ? .all : .expired)
    case 87..<89: return .delete(id(), access())
    case 89..<90: return .purge(.milliseconds(number(40_000)), limit: number(4))
    case 90..<91: return .timeUntilDue
    case 91..<92: return .get(id(), access())
    case 92..<95: return .list(query(), access())
    case 95..<96: return .details(id(), access())
    case 96..<99: return .events(id(), after: number(6), limit: 1 + number(5), access())
    default: return .counts
    }
  }

  private mutating func submit(at time: JobTime) -> StoreOperation {
    let id = generator.next(at: time, random: random.next())
    ids.append(id)
    let idempotency = JobIdempotency(key: "key \(number(4))", fingerprint: "body \(number(2))")
    return .submit(
      NewJob(
        id: id, name: chance(1, of: 2) ? "job \(number(9))" : nil, request: bytes(),
        blobs: chance(1, of: 2) ? ["dataset": blob()] : [:],
        idempotency: chance(1, of: 3) ? idempotency : nil, owner: owner(),
        maxSeconds: chance(1, of: 4) ? number(100) : nil,
        priority: chance(1, of: 3) ? number(5) - 2 : 0,
        parent: chance(1, of: 10) ? self.id() : nil),
      queuedJobsMax: chance(1, of: 10) ? number(8) : .max)
  }

  /// One of two owners, or nobody.
  private mutating func owner() -> JobOwner? {
    guard chance(2, of: 3) else { return nil }
    return JobOwner(
      name: "owner \(number(2))", queuedJobsMax: chance(1, of: 5) ? number(4) : 1_000)
  }

  /// Mostly everyone's jobs, so that operations meet.
  private mutating func access() -> JobAccess {
    chance(2, of: 3) ? .all : .owner("owner \(number(3))")
  }

  private mutating func ending() -> JobEnding {
    let result = StoredResult(
      summary: bytes(), details: bytes(),
      blobs: chance(1, of: 2) ? ["weights": blob()] : ["dataset": blob()])
    let failure = failure()
    switch number(5) {
    case 0: return .failed(failure, nil)
    case 1: return .failed(failure, result)
    case 2: return .cancelled(chance(1, of: 2) ? result : nil)
    default: return .succeeded(result)
    }
  }

  private mutating func failure() -> JobFailure {
    JobFailure(
      code: "diverged", message: "It \(number(9))", pointer: chance(1, of: 2) ? "/a" : nil)
  }

  private mutating func report() -> JobReport {
    let events = (0..<number(4)).map { JobEventDraft(type: "epoch", data: [UInt8($0)]) }
    return JobReport(
      progress: chance(1, of: 2) ? bytes() : nil, events: events,
      checkpoint: chance(1, of: 3) ? JobCheckpoint(step: number(6), blob: blob()) : nil,
      used: chance(1, of: 2) ? .microseconds(number(100_000)) : .zero)
  }

  private mutating func query() -> JobQuery {
    JobQuery(
      status: chance(1, of: 2) ? JobStatus.allCases.randomElement(using: &random) : nil,
      limit: 1 + number(6), after: chance(1, of: 2) ? id() : nil,
      order: chance(1, of: 2) ? .ascending : .descending)
  }

  /// Mostly a recent name, so that operations meet.
  private mutating func id() -> JobID {
    let recent = chance(1, of: 2) ? Array(ids.suffix(6)) : ids
    return recent.randomElement(using: &random) ?? JobIDGenerator().first
  }

  /// Mostly a present claim; sometimes an old one or one that never was.
  private mutating func claim() -> JobClaim {
    if chance(1, of: 10) { return JobClaim(id: id(), epoch: number(4)) }
    let recent = chance(2, of: 3) ? Array(claims.suffix(4)) : claims
    return recent.randomElement(using: &random) ?? JobClaim(id: id(), epoch: 1)
  }

  private mutating func bytes() -> [UInt8] {
    (0..<number(5)).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  private mutating func blob() -> BlobID {
    let digit = String(number(10))
    return BlobID(String(repeating: digit, count: 64)) ?? BlobID.unreachable
  }

  private mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

  private mutating func chance(_ hits: Int, of all: Int) -> Bool { number(all) < hits }
}

extension BlobID {
  /// Stands where 64 digits were given.
  static var unreachable: BlobID { preconditionFailure("64 digits are a name") }
}

extension JobIDGenerator {
  /// The first name of a new generator at the start of 1970.
  var first: JobID {
    var generator = self
    return generator.next(at: JobTime(milliseconds: 0), random: 0)
  }
}
