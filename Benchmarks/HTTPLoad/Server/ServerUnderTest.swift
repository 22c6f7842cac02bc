import Foundation

/// A server that was started for a scenario, or that runs already.
final class ServerUnderTest {
  let address: LoopbackAddress
  let process: Int32

  private let child: Process?
  private let folder: URL?

  /// Takes a server that runs already.
  init(address: LoopbackAddress, process: Int32) {
    self.address = address
    self.process = process
    child = nil
    folder = nil
  }

  /// Starts `PROGRAM serve` with an empty data folder and waits until it is ready.
  init(program: String) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("http-load-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let child = Process()
    child.executableURL = URL(fileURLWithPath: program)
    child.arguments = [
      "serve", "--port", "0", "--data", folder.appendingPathComponent("data").path,
    ]
    let output = Pipe()
    child.standardInput = FileHandle.nullDevice
    child.standardOutput = output
    let log = folder.appendingPathComponent("log")
    guard FileManager.default.createFile(atPath: log.path, contents: nil) else {
      throw LoadError("cannot write to \(folder.path)")
    }
    child.standardError = try FileHandle(forWritingTo: log)
    try child.run()
    // The line with the address is written at once.
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    address = try LoopbackAddress(url: line.trimmingCharacters(in: .whitespacesAndNewlines))
    process = child.processIdentifier
    self.child = child
    self.folder = folder
  }

  deinit {
    if let child, child.isRunning {
      kill(process, SIGKILL)
      child.waitUntilExit()
    }
    if let folder {
      // What cannot be removed lies in the folder for temporary files.
      try? FileManager.default.removeItem(at: folder)
    }
  }

  /// What the system tells of the server.
  func reading() throws -> ProcessReading {
    try ProcessReading(of: process)
  }

  /// Asks the server to stop.
  func terminate() {
    kill(process, SIGTERM)
  }

  /// Waits for the end of a server that was asked to stop.
  ///
  /// - Throws: ``LoadError`` unless it ended well.
  func waitForEnd() throws {
    guard let child else { return }
    child.waitUntilExit()
    guard child.terminationReason == .exit, child.terminationStatus == 0 else {
      throw LoadError("the server ended with \(child.terminationStatus)\n\(log)")
    }
  }

  /// Makes sure that the server has survived.
  ///
  /// - Throws: ``LoadError`` with the end of its log if it has not.
  func checkIsAlive() throws {
    guard kill(process, 0) == 0, child?.isRunning ?? true else {
      throw LoadError("the server crashed\n\(log)")
    }
    let response = try Client(address).answer(Request("GET", "/livez"))
    guard response.status == 200 else { throw LoadError("/livez answered \(response.status)") }
  }

  private var log: String {
    let text = folder.flatMap {
      try? String(contentsOf: $0.appendingPathComponent("log"), encoding: .utf8)
    }
    return (text ?? "").split(separator: "\n").suffix(60).joined(separator: "\n")
  }
}
