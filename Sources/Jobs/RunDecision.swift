/// What the manager makes of the outcome of a run.
enum RunDecision: Hashable, Sendable {
  /// The job ends.
  case finish(JobOutcome)
  /// The job goes back to the queue.
  case release

  /// Decides by what the runner said and by what it had been asked.
  ///
  /// A runner that was told of a shutdown and says "cancelled" means that it stopped: its job was
  /// accepted and nobody cancelled it, so it goes back. A runner that stops unasked would be
  /// claimed again at once and for ever, so its job fails.
  init(_ outcome: JobOutcome, asked: StopReason?) {
    switch (outcome, asked) {
    case (.succeeded, _), (.failed, _): self = .finish(outcome)
    case (.cancelled, .cancel): self = .finish(outcome)
    case (.released, .cancel): self = .finish(.cancelled(nil))
    case (.cancelled, .shutdown), (.released, .shutdown): self = .release
    case (.cancelled(let result), nil): self = .finish(.failed(.stoppedUnasked, result))
    case (.released, nil): self = .finish(.failed(.stoppedUnasked, nil))
    }
  }
}
