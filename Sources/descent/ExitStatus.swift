import ArgumentParser
import Foundation

/// Exit codes, after `sysexits.h` where it has one.
enum ExitStatus {
  static let failed = ExitCode(1)
  static let invalidRequest = ExitCode(65)
  static let noInput = ExitCode(66)
  static let unavailable = ExitCode(69)
  static let cannotWrite = ExitCode(73)
}

/// Writes a line for people to standard error.
func say(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// Tells an error, and gives the code to throw.
func failure(_ status: ExitCode, _ message: String) -> ExitCode {
  say("descent: \(message)")
  return status
}

/// Reads a file, or standard input for `-`.
func readInput(_ path: String) throws -> [UInt8] {
  do {
    if path == "-" {
      return Array(try FileHandle.standardInput.readToEnd() ?? Data())
    }
    return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  } catch {
    throw failure(ExitStatus.noInput, "cannot read \(path): \(error.localizedDescription)")
  }
}

/// Writes a file as a whole, or to standard output for `-`.
func writeOutput(_ bytes: [UInt8], to path: String) throws {
  do {
    if path == "-" {
      try FileHandle.standardOutput.write(contentsOf: Data(bytes))
    } else {
      try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
  } catch {
    throw failure(ExitStatus.cannotWrite, "cannot write \(path): \(error.localizedDescription)")
  }
}
