/// A store refused an operation, or could not do it.
package enum JobStoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No job has that name.
  case jobNotFound(JobID)
  /// The claim is not the present one: the job ended, was rescued or belongs to another worker.
  case fenced(JobClaim)
  /// Only an ended job can be deleted.
  case jobActive(JobID, JobStatus)
  /// An ended job can be neither paused nor resumed.
  case jobEnded(JobID, JobStatus)
  /// The key was used for another submission within its lifetime.
  case idempotencyKeyReused(key: String)
  /// So many jobs wait that another may not.
  case queueFull(max: Int)
  /// So many jobs of the owner wait that another of theirs may not.
  case queueQuotaFull(owner: String, max: Int)
  /// The database was written by a newer version of this program.
  case newerSchema(path: String)
  /// The database was written by an older version of this program, and is only looked at.
  case olderSchema(path: String)
  /// The database does not wait for the disk before it acknowledges.
  case notDurable(path: String, synchronous: Int)
  /// The disk or the database is full.
  case full(path: String)
  /// The content of the database contradicts itself.
  case damaged(path: String, detail: String)
  /// The database failed in another way; the number is the result code of SQLite.
  case failed(path: String, code: Int, detail: String)
  /// The store was closed.
  case closed

  /// A stable identifier for programs.
  package var code: String {
    switch self {
    case .jobNotFound: "job_not_found"
    case .fenced: "job_claim_lost"
    case .jobActive: "job_active"
    case .jobEnded: "job_ended"
    case .idempotencyKeyReused: "idempotency_key_reused"
    case .queueFull: "queue_full"
    case .queueQuotaFull: "queue_quota_full"
    case .newerSchema: "store_newer"
    case .olderSchema: "store_older"
    case .notDurable: "store_not_durable"
    case .full: "store_full"
    case .damaged: "store_damaged"
    case .failed: "store_failed"
    case .closed: "store_closed"
    }
  }

  /// One sentence for people.
  package var description: String {
    switch self {
    case .jobNotFound(let id):
      "There is no job named \(id)"
    case .fenced(let claim):
      "The claim \(claim.epoch) on \(claim.id) is over, so its worker may no longer write"
    case .jobActive(let id, let status):
      "The job \(id) is \(status.rawValue), and only an ended job can be deleted"
    case .jobEnded(let id, let status):
      "The job \(id) is \(status.rawValue), and only a job that has not ended can be paused or resumed"
    case .idempotencyKeyReused(let key):
      "The idempotency key \"\(key)\" was used for another submission"
    case .queueFull(let max):
      "\(max) jobs are queued, and no more may be; try again when some of them have begun"
    case .queueQuotaFull(let owner, let max):
      "\(owner) may have \(max) queued jobs, and has as many; cancel one, or try again when some"
        + " have begun"
    case .newerSchema(let path):
      "The database \(path) was written by a newer version of this program; use that version"
    case .olderSchema(let path):
      "The database \(path) was written by an older version of this program; start the server once to"
        + " bring it up to date"
    case .notDurable(let path, let synchronous):
      "The database \(path) needs synchronous = 2 (FULL), but has \(synchronous)"
    case .full(let path):
      "There is no space left to write the database \(path)"
    case .damaged(let path, let detail):
      "The database \(path) is damaged: \(detail)"
    case .failed(let path, let code, let detail):
      "The database \(path) failed with code \(code): \(detail)"
    case .closed:
      "The store is closed"
    }
  }
}
