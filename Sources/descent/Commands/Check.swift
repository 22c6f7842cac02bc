import ArgumentParser
import JobStorage
import Jobs
import TrainingJobs

/// The command `descent check`.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Verifies every job and every file of a data folder, while a server may work with it.",
    discussion: "Prints a line for each fault, and ends with 1 if there is one.")

  @Option(
    help: "The folder that keeps jobs. (environment: DESCENT_DATA; default: ./descent-data)")
  var data: String?

  func run() throws {
    let findings: StoredFolder.Findings
    do {
      findings = try StoredFolder(data ?? Environment.dataFolder).check(Self.fault)
    } catch {
      throw failure(ExitStatus.unavailable, error.description)
    }
    let lines =
      findings.faults
      + [
        "\(findings.jobs) jobs, \(findings.blobs) files, \(findings.unreferredBlobs) files of no job, "
          + "\(findings.faults.count) faults"
      ]
    try writeOutput(Array((lines.joined(separator: "\n") + "\n").utf8), to: "-")
    if !findings.faults.isEmpty { throw ExitStatus.failed }
  }

  /// What is wrong with the request that a job keeps, or missing beside it.
  private static func fault(of job: Job) -> String? {
    var roles = [StoredTraining.datasetRole]
    if job.status == .succeeded { roles.append(StoredTraining.weightsRole) }
    if let missing = roles.first(where: { job.blobs[$0] == nil }) {
      return "it has no file in the role \(missing)"
    }
    do {
      _ = try StoredTraining(job)
      return nil
    } catch {
      return error.description
    }
  }
}
