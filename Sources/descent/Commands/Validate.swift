import ArgumentParser
import Foundation
import Interchange
import NeuralNetwork
import TrainingJobs

/// The command `descent validate`.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks a job file without training it, and prints shapes, sizes and all faults.")

  @Argument(help: "The request, as POST /jobs takes it; - reads standard input.")
  var job: String

  func run() throws {
    let value = try readJob(job)
    let report = NetworkReport(RequestReading(value, completeness: .network)).document
    try writeOutput(JSONWriter.write(report, layout: .pretty) + [UInt8(ascii: "\n")], to: "-")
    if report["valid"] != .bool(true) { throw ExitStatus.invalidRequest }
  }
}

/// Reads a job file.
func readJob(_ path: String) throws -> JSONValue {
  do {
    return try JSONReader.read(
      try readInput(path), tensorsAt: TensorPlaces.ofTrainingRequest)
  } catch let error as JSONError {
    throw failure(ExitStatus.invalidRequest, "\(path): \(error)")
  }
}
