import ArgumentParser
import Foundation
import Interchange
import JobStorage
import Jobs
import Kernels
import NeuralNetwork
import Training
import TrainingAPI
import TrainingJobs

/// The command `descent train`.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a job file without a server.",
    discussion: """
      Progress and metrics go to standard error, results to standard output or the files named. \
      The same file gives the same weights_sha256 as POST /jobs. SIGINT and SIGTERM stop the \
      training within a batch; what was trained by then is written all the same.
      """)

  @Argument(help: "The request, as POST /jobs takes it; - reads standard input.")
  var job: String

  @Option(help: ArgumentHelp("Write the figure (SVG) here.", valueName: "file"))
  var figure: String?

  @Option(help: ArgumentHelp("Write the trained network (JSON) here.", valueName: "file"))
  var model: String?

  @Option(help: "The most threads. (default: the number of cores)")
  var threads: Int?

  @Flag(help: "Print the finished job as JSON on standard output.")
  var json = false

  func validate() throws {
    if let threads, !(1...1_024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024, but is \(threads)")
    }
  }

  func run() async throws {
    try checkProcessor()
    let submission = try readSubmission()
    // The same path as the server's, over a folder that is gone afterwards.
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("descent-\(UUID().uuidString)").path
    defer {
      // Nothing is lost if it stays: it lies among the temporary files.
      try? FileManager.default.removeItem(atPath: path)
    }
    let folder: DataFolder
    do {
      folder = try DataFolder.open(path)
    } catch {
      throw failure(ExitStatus.unavailable, error.description)
    }
    let live = LiveTrainings(workers: 1)
    let pool = ThreadPool(
      threads: ProcessInfo.processInfo.activeProcessorCount, teamSizeMax: threads)
    let manager = JobManager(
      store: folder.jobs, blobs: folder.blobs,
      runner: TrainingJobRunner(live: live, threads: pool), workers: 1)
    try await manager.start()
    let finished = try await train(consume submission, manager, live)
    try await writeResults(finished, manager, live)
    await manager.shutdown()
    await folder.close()
    if finished.status != .succeeded { throw ExitStatus.failed }
  }

  /// Reads the request, of which nothing else stays in memory.
  private func readSubmission() throws -> JobSubmission {
    let reading = RequestReading(try readJob(job), completeness: .job)
    guard let request = reading.request else {
      for issue in reading.issues {
        say("\(job)\(issue.pointer): \(issue.detail) [\(issue.code)]")
      }
      throw ExitStatus.invalidRequest
    }
    return request.submission()
  }

  private func train(
    _ submission: consuming JobSubmission, _ manager: JobManager, _ live: LiveTrainings
  ) async throws -> Job {
    var display = ProgressDisplay(isTerminal: isatty(FileHandle.standardError.fileDescriptor) == 1)
    let id = try await manager.submit(consume submission).job.id
    let signals = StopSignals()
    // It may wait until the program ends, which holds up nothing.
    Task {
      await signals.wait()
      // A job that has ended meanwhile needs no stop.
      _ = try? await manager.cancel(id)
    }
    for await _ in manager.changes(of: id) {
      let job = try await manager.job(id)
      try display.show(job, loss: live[id]?.history.trainLoss.last)
      if job.status.isTerminal { break }
    }
    let job = try await manager.job(id)
    try display.finish(job)
    return job
  }

  private func writeResults(
    _ job: Job, _ manager: JobManager, _ live: LiveTrainings
  ) async throws {
    if json {
      let document = JSONWriter.write(try job.document(), layout: .pretty)
      try writeOutput(document + [UInt8(ascii: "\n")], to: "-")
    }
    guard figure != nil || model != nil,
      let trained = try await TrainedJob.find(job, in: manager, live)
    else { return }
    if let model {
      let document = trained.model.document(jobID: nil)
      try writeOutput(JSONWriter.write(document, layout: .pretty), to: model)
    }
    if let figure {
      let svg: String
      do {
        svg = try TrainingFigure.svg(
          title: job.name ?? "training", trained.model, try await trained.dataset(in: manager),
          splits: nil, trained.stored.options)
      } catch let refusal as TrainingFigure.Refusal {
        throw failure(ExitStatus.cannotWrite, refusal.description)
      }
      try writeOutput(Array(svg.utf8), to: figure)
    }
  }
}
