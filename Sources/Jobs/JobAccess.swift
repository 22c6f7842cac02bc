/// Whose jobs a caller may see and change; others are as if they were not there.
package enum JobAccess: Hashable, Sendable {
  /// Everyone's.
  case all
  /// Those that were submitted under this name.
  case owner(String)

  /// Whether it covers the jobs of that owner, nil being nobody.
  package func covers(_ owner: String?) -> Bool {
    switch self {
    case .all: true
    case .owner(let name): name == owner
    }
  }
}

/// Under whose name a job is submitted, and how many jobs of that name may wait.
package struct JobOwner: Hashable, Sendable {
  /// The name; not empty.
  package let name: String
  /// Queued jobs of the name, at most.
  package let queuedJobsMax: Int

  /// Creates an owner.
  package init(name: String, queuedJobsMax: Int) {
    precondition(!name.isEmpty, "An owner has a name")
    self.name = name
    self.queuedJobsMax = queuedJobsMax
  }
}
