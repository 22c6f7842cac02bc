/// The manager refused an operation, or could not do it.
package enum JobManagerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// ``JobManager/start()`` was called twice.
  case alreadyStarted
  /// The process is about to end and accepts nothing new.
  case shuttingDown
  /// A list was asked for with a limit that it does not allow.
  case limitOutOfRange(Int, allowed: ClosedRange<Int>)
  /// The store refused or failed.
  case store(JobStoreError)
  /// A large part could not be stored or read.
  case blobs(BlobStoreError)

  /// The job is not there; the same as the store's error of that name.
  package static func jobNotFound(_ id: JobID) -> JobManagerError { .store(.jobNotFound(id)) }

  /// A stable identifier for programs.
  package var code: String {
    switch self {
    case .alreadyStarted: "already_started"
    case .shuttingDown: "shutting_down"
    case .limitOutOfRange: "limit_out_of_range"
    case .store(let error): error.code
    case .blobs(let error): error.code
    }
  }

  /// One sentence for people.
  package var description: String {
    switch self {
    case .alreadyStarted:
      "The job manager was started twice"
    case .shuttingDown:
      "The server is shutting down and accepts no new jobs"
    case .limitOutOfRange(let limit, let allowed):
      "The limit needs to be from \(allowed.lowerBound) to \(allowed.upperBound), but is \(limit)"
    case .store(let error):
      error.description
    case .blobs(let error):
      error.description
    }
  }
}

/// Something the manager did that whoever runs the process should be able to read.
package enum JobManagerNotice: Hashable, Sendable, CustomStringConvertible {
  /// The manager started and took so many jobs from workers that are gone.
  case started(rescued: Int, workers: Int)
  /// A store operation failed and is tried again.
  case retrying(operation: String, JobManagerError)
  /// The end of a run could not be stored before the process had to end; it runs again next time.
  case abandoned(JobID, JobManagerError)
  /// A worker wrote with a claim that was over; what it wrote was dropped.
  case staleWrite(JobClaim)
  /// A run has made no step for so long and was asked to stop.
  case stalled(JobID, Duration)
  /// A place to go on from could not be stored; the run goes on.
  case checkpointLost(JobID, JobManagerError)
  /// So many old jobs were forgotten.
  case purged(Int)
  /// All runs have stopped.
  case stopped

  /// Whether somebody should look at it.
  package var isWarning: Bool {
    switch self {
    case .started, .purged, .stopped: false
    case .retrying, .abandoned, .staleWrite, .stalled, .checkpointLost: true
    }
  }

  /// One sentence for people.
  package var description: String {
    switch self {
    case .started(let rescued, let workers):
      "The job manager started with \(workers) workers and rescued \(rescued) interrupted jobs"
    case .retrying(let operation, let error):
      "To \(operation) failed and will be tried again: \(error)"
    case .abandoned(let id, let error):
      "The end of \(id) could not be stored and the job will run again: \(error)"
    case .staleWrite(let claim):
      "The claim \(claim.epoch) on \(claim.id) was over, so what its worker wrote was dropped"
    case .stalled(let id, let time):
      "\(id) made no step for \(time) and was asked to stop; if it does not, its worker is lost until the"
        + " server is started anew"
    case .checkpointLost(let id, let error):
      "A checkpoint of \(id) could not be stored, and its training goes on: \(error)"
    case .purged(let count):
      "\(count) jobs that had ended long enough ago were forgotten"
    case .stopped:
      "The job manager stopped all runs"
    }
  }
}
