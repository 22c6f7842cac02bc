/// Whose job is next: start-time fair queueing (Goyal, Vin, Cheng 1996), each owner having an equal
/// share of the workers' time.
///
/// An owner's work begins at its start tag, `max(the owner's finish tag, virtual time)`; the owner
/// with the least one is next. The virtual time is the start tag of the job claimed last, and each
/// second of work moves its owner's finish tag on by one. So who floods the queue waits for its own
/// jobs only, and who was away has saved nothing up.
///
/// Tags are microseconds. Jobs of nobody in particular belong to an owner with an empty name.
package struct FairShare: Hashable, Sendable {
  /// The start tag of the job claimed last.
  package private(set) var virtualTime: Int64
  private var finishTags: [String: Int64]

  /// Creates a share, of stored tags or from the beginning.
  package init(virtualTime: Int64 = 0, finishTags: [String: Int64] = [:]) {
    self.virtualTime = virtualTime
    self.finishTags = finishTags
  }

  /// Where the work of an owner would begin.
  package func startTag(of owner: String) -> Int64 {
    max(finishTags[owner] ?? 0, virtualTime)
  }

  /// Where the work of an owner ended so far.
  package func finishTag(of owner: String) -> Int64 { finishTags[owner] ?? virtualTime }

  /// A job of an owner was claimed, the one with the least start tag.
  package mutating func claimed(of owner: String) {
    let tag = startTag(of: owner)
    finishTags[owner] = tag
    virtualTime = tag
  }

  /// A worker has worked for an owner.
  package mutating func charge(_ owner: String, _ used: Duration) {
    finishTags[owner, default: virtualTime] += used.microseconds
  }
}

extension Duration {
  /// Whole microseconds.
  package var microseconds: Int64 {
    components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
  }
}
