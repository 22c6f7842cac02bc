import Foundation
import Testing

/// The built program, run as its users run it.
enum Program {
  /// What a run that has ended left behind.
  struct Outcome: Sendable {
    /// The exit code, or minus the signal that ended it.
    let code: Int32
    let output: String
    let errors: String
  }

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - arguments: What follows its name.
  ///   - input: Its standard input.
  ///   - environment: Added to what the tests were given.
  /// - Returns: How it ended and what it wrote.
  /// - Throws: What kept it from being run.
  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) async throws -> Outcome {
    try await withTemporaryFolder { folder in
      let (inputPath, outputPath) = (folder.path("in"), folder.path("out"))
      let errorsPath = folder.path("err")
      try Data(input.utf8).write(to: URL(fileURLWithPath: inputPath))
      let process = try process(arguments, environment)
      process.standardInput = FileHandle(forReadingAtPath: inputPath)
      process.standardOutput = try file(outputPath)
      process.standardError = try file(errorsPath)
      let ending = ProcessEnding(of: process)
      try process.run()
      let code = await ending.code
      return Outcome(code: code, output: try read(outputPath), errors: try read(errorsPath))
    }
  }

  /// A process that has not been started, without any choice that the environment makes for it.
  static func process(
    _ arguments: [String], _ environment: [String: String], program: String = "descent"
  ) throws -> Process {
    let process = Process()
    process.executableURL = try executable(program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("DESCENT_") }
      .merging(environment) { _, given in given }
    return process
  }

  /// The program lies beside the tests, wherever they were built.
  private static func executable(_ name: String) throws -> URL {
    let bundles = [CommandLine.arguments[0], Bundle.main.bundlePath + "/bundle"]
    let places = bundles.map {
      URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent(name)
    }
    return try #require(
      places.first { FileManager.default.isExecutableFile(atPath: $0.path) },
      "the program lies beside the tests: \(places.map(\.path))")
  }

  /// A new file to write to.
  static func file(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(fileURLWithPath: path))
    return try #require(FileHandle(forWritingAtPath: path))
  }

  static func read(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }
}

/// The end of a process, for all who wait for it.
struct ProcessEnding: Sendable {
  private let ending: Task<Int32, Never>

  /// Begins to watch a process that has not been started yet.
  init(of process: Process) {
    let (codes, code) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = { process in
      let isSignal = process.terminationReason == .uncaughtSignal
      code.yield(isSignal ? -process.terminationStatus : process.terminationStatus)
      code.finish()
    }
    ending = Task {
      for await code in codes { return code }
      return .min
    }
  }

  /// The exit code, or minus the signal that ended it.
  var code: Int32 { get async { await ending.value } }
}

/// Reads what a process writes up to the first line feed, on a thread of its own.
func firstLine(of output: Pipe) async -> String? {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread {
      let handle = output.fileHandleForReading
      var line: [UInt8] = []
      // What cannot be read is as much the end as the end itself.
      while let byte = try? handle.read(upToCount: 1)?.first, byte != 10 { line.append(byte) }
      continuation.resume(returning: line.isEmpty ? nil : String(decoding: line, as: UTF8.self))
    }
  }
}

/// A folder that goes with the last reference to it.
final class TemporaryFolder: Sendable {
  private let url: URL

  convenience init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("descent-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    self.init(at: url.path)
  }

  /// Takes over a folder that is there.
  init(at path: String) { url = URL(fileURLWithPath: path) }

  deinit {
    // What stays lies among the temporary files.
    try? FileManager.default.removeItem(at: url)
  }

  /// The path of something in the folder.
  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes a file and gives its path.
  func file(_ name: String, _ text: String) throws -> String {
    try FileManager.default.createDirectory(
      at: url.appendingPathComponent(name).deletingLastPathComponent(),
      withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }
}
