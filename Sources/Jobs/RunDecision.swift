/// What the manager makes of the outcome of a run.
enum RunDecision: Hashable, Sendable {
  /// The job ends.
  case succeed(JobResult)
  case fail(JobFailure, JobResult?)
  case cancel(JobResult?)
  /// The job is tried again.
  case interrupt(JobFailure)
  /// The job goes back to the queue.
  case release

  /// Whether nothing will follow.
  var isEnd: Bool {
    switch self {
    case .succeed, .fail, .cancel: true
    case .interrupt, .release: false
    }
  }

  /// Decides by what the runner said and by what it had been asked.
  ///
  /// A runner that was told of a shutdown and says "cancelled" means that it stopped: its job was
  /// accepted and nobody cancelled it, so it goes back. A runner that stops unasked would be
  /// claimed again at once and for ever, so its job fails.
  ///
  /// - Parameters:
  ///   - outcome: What the runner said.
  ///   - asked: What it had been asked.
  ///   - maxSeconds: How long the job may run.
  init(_ outcome: JobOutcome, asked: StopReason?, maxSeconds: Int? = nil) {
    switch outcome {
    case .succeeded(let result): self = .succeed(result)
    case .failed(let failure, let result): self = .fail(failure, result)
    case .interrupted(let failure): self = .interrupt(failure)
    case .cancelled(let result): self.init(stopped: asked, with: result, maxSeconds)
    case .released: self.init(stopped: asked, with: nil, maxSeconds)
    }
  }

  private init(stopped asked: StopReason?, with result: JobResult?, _ maxSeconds: Int?) {
    switch asked {
    case .cancel: self = .cancel(result)
    case .shutdown, .pause: self = .release
    case .timeLimit: self = .fail(.timeLimit(seconds: maxSeconds ?? 0), result)
    case .stalled: self = .fail(.stalled, result)
    case nil: self = .fail(.stoppedUnasked, result)
    }
  }
}
