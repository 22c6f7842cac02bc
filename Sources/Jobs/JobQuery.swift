/// Which jobs to list, and how many.
package struct JobQuery: Hashable, Sendable {
  /// How a list is sorted.
  ///
  /// Names sort by creation.
  package enum Order: Hashable, Sendable, CaseIterable {
    /// Oldest first.
    case ascending
    /// Newest first.
    case descending
  }

  /// Only jobs with this status; nil means all.
  package var status: JobStatus?
  /// At most so many; within ``limitRange``.
  package var limit: Int
  /// Only jobs that come after this one in the order; it need not exist any more.
  package var after: JobID?
  /// How the list is sorted.
  package var order: Order

  /// What ``limit`` may be; the manager refuses anything else.
  package static let limitRange = 1...1000

  /// Creates a query; without arguments it asks for the 20 newest jobs.
  package init(
    status: JobStatus? = nil, limit: Int = 20, after: JobID? = nil, order: Order = .descending
  ) {
    self.status = status
    self.limit = limit
    self.after = after
    self.order = order
  }
}

/// A part of a list.
package struct JobPage: Hashable, Sendable {
  /// The jobs, in the order of the query.
  package var jobs: [Job]
  /// Whether more jobs follow after the last one here.
  package var hasMore: Bool

  /// Creates a page.
  package init(jobs: [Job], hasMore: Bool) {
    self.jobs = jobs
    self.hasMore = hasMore
  }
}

/// How many jobs a store holds, by status.
package struct JobCounts: Hashable, Sendable {
  private var numbers: [JobStatus: Int] = [:]

  /// Creates counts of zero.
  package init() {}

  /// How many jobs have this status.
  package subscript(status: JobStatus) -> Int {
    get { numbers[status] ?? 0 }
    set { numbers[status] = newValue == 0 ? nil : newValue }
  }
}
