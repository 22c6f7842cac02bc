/// Knows which jobs this process runs and whether it should claim another: events in, answers out.
///
/// The manager is an actor, and an actor lets other calls in at each `await`. What may change while
/// a claim is under way is written down here, so that no cancel request, no submission and no
/// shutdown falls between the claim and its reply.
struct WorkLedger: Sendable {
  /// How far the manager is in its life.
  enum Phase: Hashable, Sendable {
    case new
    case serving
    case closing
    case closed
  }

  /// What to do with the reply to a claim.
  enum ClaimReply: Hashable, Sendable {
    /// Run the job; the reason is what a client asked for meanwhile.
    case run(StopReason?)
    /// Give it back, since the process is about to end.
    case giveBack
  }

  private(set) var phase = Phase.new
  private let workers: Int
  private var running: Set<JobID> = []
  private var isClaiming = false
  private var mayHaveQueued = false
  private var askedDuringClaim: [JobID: StopReason] = [:]

  init(workers: Int) {
    self.workers = workers
  }

  /// Whether nothing runs and nothing is being claimed.
  var isIdle: Bool { running.isEmpty && !isClaiming }

  /// The manager starts; returns whether it is for the first time.
  mutating func start() -> Bool {
    guard phase == .new else { return false }
    phase = .serving
    mayHaveQueued = true
    return true
  }

  /// A job may have been queued.
  mutating func noteQueued() {
    mayHaveQueued = true
  }

  /// Returns whether to claim now; then exactly one of the three replies must follow.
  mutating func beginClaim() -> Bool {
    guard phase == .serving, mayHaveQueued, !isClaiming, running.count < workers else {
      return false
    }
    isClaiming = true
    // A submission that is noted while the claim is under way sets it again, so that a claim
    // that came just before it does not put the workers to sleep.
    mayHaveQueued = false
    return true
  }

  /// The claim returned a job.
  mutating func claimed(_ id: JobID) -> ClaimReply {
    isClaiming = false
    mayHaveQueued = true
    defer { askedDuringClaim = [:] }
    running.insert(id)
    guard phase == .serving else { return .giveBack }
    return .run(askedDuringClaim[id])
  }

  /// The claim returned nothing.
  mutating func claimedNothing() {
    isClaiming = false
    askedDuringClaim = [:]
  }

  /// The claim failed; it may have taken nothing, so another try makes sense later.
  mutating func claimFailed() {
    isClaiming = false
    askedDuringClaim = [:]
  }

  /// The store has written that a running job shall stop, or with nil that it need not wait any more;
  /// returns whether its run is known here.
  mutating func asked(_ reason: StopReason?, of id: JobID) -> Bool {
    if running.contains(id) { return true }
    if isClaiming { askedDuringClaim[id] = reason }
    return false
  }

  /// A run is over, and the store knows it or never will.
  mutating func ended(_ id: JobID) {
    running.remove(id)
  }

  /// The manager shall end; returns whether it was serving.
  mutating func close() -> Bool {
    guard phase == .serving || phase == .new else { return false }
    phase = .closing
    return true
  }

  /// The manager has ended.
  mutating func closed() {
    phase = .closed
  }
}
