import Foundation
import Testing

/// `descent serve` as another process, killed when the last reference to it goes.
final class RunningServer: Sendable {
  /// What it printed when it was ready, `http://HOST:PORT`.
  let url: String

  /// Speaks to it, one request at a time.
  let client: HTTPClient

  private let process: Process
  private let ending: ProcessEnding
  private let log: String

  /// Starts the program and waits until it is ready.
  ///
  /// - Parameters:
  ///   - folder: Where its data lies, and what it writes to standard error.
  ///   - port: 0 for a free one; nil to leave the option out.
  ///   - workers: Jobs at once.
  ///   - options: Further ones of the command line.
  ///   - environment: Added to what the tests were given.
  /// - Throws: What kept it from being started, or an issue if it is never ready.
  init(
    in folder: TemporaryFolder, port: String? = "0", workers: Int = 2,
    options: [String] = [], environment: [String: String] = [:]
  ) async throws {
    var arguments = ["serve", "--workers", "\(workers)"] + options
    if let port { arguments += ["--port", port] }
    if environment["DESCENT_DATA"] == nil { arguments += ["--data", folder.path("data")] }
    process = try Program.process(arguments, environment)
    ending = ProcessEnding(of: process)
    log = folder.path("log-\(UUID().uuidString)")
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = try Program.file(log)
    try process.run()
    let line = await firstLine(of: output)
    let errors = try Program.read(log)
    url = try #require(line, "the server prints its address: \(errors)")
    client = try HTTPClient(baseURL: url)
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  /// The port that the system chose.
  var port: String { String(url.split(separator: ":").last ?? "") }

  /// Its number among the system's processes.
  var processID: Int32 { process.processIdentifier }

  /// What it has written to standard error.
  var errors: String { get throws { try Program.read(log) } }

  /// Sends a signal and does not wait for what it does.
  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Sends a signal and waits for the end.
  ///
  /// - Returns: The exit code, or minus the signal that ended it.
  @discardableResult
  func end(by signal: Int32) async -> Int32 {
    kill(process.processIdentifier, signal)
    return await ending.code
  }
}

/// Gives a server with a data folder of its own, both gone afterwards.
func withServer<Value>(
  workers: Int = 2, options: [String] = [], _ body: (RunningServer) async throws -> Value
) async throws -> Value {
  let folder = try TemporaryFolder()
  let server = try await RunningServer(in: folder, workers: workers, options: options)
  defer { withExtendedLifetime((folder, server)) {} }
  return try await body(server)
}

/// Gives a folder that is gone afterwards.
func withTemporaryFolder<Value>(
  _ body: (TemporaryFolder) async throws -> Value
) async throws -> Value {
  let folder = try TemporaryFolder()
  defer { withExtendedLifetime(folder) {} }
  return try await body(folder)
}
