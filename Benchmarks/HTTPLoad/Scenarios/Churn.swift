import ArgumentParser
import Dispatch
import Synchronization

/// A million connections that come and go.
struct Churn: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Connections that come and go.")

  @OptionGroup var options: ServerOptions

  @Option(help: "Connections in all.")
  var connections = 1_000_000

  @Option(help: "Threads of this program that connect.")
  var clients = 4

  /// How a connection goes.
  private enum Visit: Int, CaseIterable {
    case closedAtOnce
    case resetAtOnce
    case closedAfterAnswer
    case resetAfterAnswer
    case resetWithinRequest
  }

  func run() throws {
    let server = try options.open()
    // The first tenth fills what the server keeps for later.
    try visit(server.address, connections / 10)
    let before = try settled(server)
    let start = now()
    try visit(server.address, connections - connections / 10)
    let seconds = now() - start
    let after = try settled(server)
    try server.checkIsAlive()
    let growth = after.resident - before.resident
    Report.row(
      "\(connections) connects and closes", goal: "descriptors, threads and memory flat",
      measured: "descriptors \(before.descriptors) to \(after.descriptors), threads "
        + "\(before.threads) to \(after.threads), memory \(before.resident.mebibytes) to "
        + "\(after.resident.mebibytes); \(Int(Double(connections) * 0.9 / seconds)) a second",
      isMet: after.descriptors <= before.descriptors && after.threads <= before.threads + 2
        && growth < 4 << 20)
  }

  /// What the system tells once connections are closed and threads without work have ended.
  private func settled(_ server: ServerUnderTest) throws -> ProcessReading {
    rest(until: now() + 12)
    return try server.reading()
  }

  private func visit(_ address: LoopbackAddress, _ count: Int) throws {
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: clients) { client in
      do {
        for index in 0..<count / clients {
          try visit(address, Visit.allCases[index % Visit.allCases.count], client * 64 + index % 64)
        }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    if let first = failures.withLock({ $0.first }) { throw LoadError(first) }
  }

  private func visit(_ address: LoopbackAddress, _ visit: Visit, _ source: Int) throws {
    let socket = try Socket(to: address, from: source)
    let request = Request("GET", "/livez").bytes
    switch visit {
    case .closedAtOnce: break
    case .resetAtOnce: socket.reset()
    case .closedAfterAnswer: try getAnswer(request, from: socket)
    case .resetAfterAnswer:
      try getAnswer(request, from: socket)
      socket.reset()
    case .resetWithinRequest:
      _ = socket.sendAll(Array(request.prefix(20)))
      socket.reset()
    }
  }

  private func getAnswer(_ request: [UInt8], from socket: Socket) throws {
    var buffer = [UInt8](repeating: 0, count: 1024)
    if let failure = socket.sendAll(request) { throw LoadError("a request failed: \(failure)") }
    _ = try socket.receiveSome(into: &buffer)
  }
}
