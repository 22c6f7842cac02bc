import Foundation
import JobStorage
import Jobs

/// A worker on a store that other processes have too: `lease-worker DATABASE NAME SECONDS`, whose clock
/// is so many seconds ahead.
///
/// It runs one job at a time. Of each run it prints `started EPOCH` and waits for a line on its standard
/// input; then it reports, and ends the job with its own name as the result. What its manager says in
/// warning it prints too.
@main
struct LeaseWorker {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let ahead = Int(arguments[3]) else {
      FileHandle.standardError.write(Data("lease-worker DATABASE NAME SECONDS\n".utf8))
      exit(64)
    }
    let store = try SQLiteJobStore(path: arguments[1]) { JobTime.now() + .seconds(ahead) }
    var settings = JobManager.Settings()
    settings.workerName = arguments[2]
    settings.isShared = true
    settings.upkeepInterval = .milliseconds(20)
    let manager = JobManager(
      store: store, blobs: NoBlobs(), runner: Runner(name: arguments[2]), workers: 1,
      settings: settings
    ) { notice in
      if notice.isWarning { Output.say("warning \(notice)") }
    }
    try await manager.start()
    // The test ends it by a signal.
    for await _ in AsyncStream<Never>.makeStream().stream {}
  }
}

private enum Output {
  static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}

private struct Runner: JobRunner {
  let name: String

  func run(_ job: ClaimedJob, control: JobControl) -> JobOutcome {
    Output.say("started \(job.job.epoch)")
    guard readLine() != nil else { return .released }
    control.report(progress: Array(name.utf8), events: [(type: "epoch", data: Array(name.utf8))])
    return .succeeded(JobResult(summary: Array(name.utf8), details: []))
  }
}

private struct NoBlobs: BlobStore {
  func put(_ bytes: [UInt8]) throws(BlobStoreError) -> BlobID {
    throw .unwritable(path: "nowhere", errno: 0)
  }

  func get(_ id: BlobID) throws(BlobStoreError) -> [UInt8] { throw .missing(id) }
}
