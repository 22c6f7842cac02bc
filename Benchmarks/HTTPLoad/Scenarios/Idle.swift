import ArgumentParser

/// Connections that do nothing, and a server that does nothing.
struct Idle: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The cost of idle connections, and of none.")

  @OptionGroup var options: ServerOptions

  @Option(help: "Connections at once.")
  var connections = 10_000

  @Option(help: "How long to watch.")
  var seconds = 30.0

  func run() throws {
    let server = try options.open()
    try watchNobody(server)
    try watchConnections(server)
    try server.checkIsAlive()
  }

  private func watchNobody(_ server: ServerUnderTest) throws {
    // Threads that start up has left idle end within some seconds.
    rest(until: now() + 10)
    let (before, after) = try watch(server)
    let waits = max(0, after.waits - before.waits)
    // Dispatch looks after the threads of Swift's concurrency once a second, in every program.
    Report.row(
      "no connections, \(Int(seconds)) s",
      goal: "wakes up for nothing but Dispatch's own look, once a second",
      measured: "\(waits) wake-ups, \(usage(before, after))", isMet: Double(waits) <= seconds + 1)
  }

  private func watchConnections(_ server: ServerUnderTest) throws {
    let before = try server.reading()
    var sockets: [Socket] = []
    sockets.reserveCapacity(connections)
    var buffer = [UInt8](repeating: 0, count: 4096)
    // A served request makes the connection one that may stay idle.
    let request = Request("GET", "/livez").bytes
    for index in 0..<connections {
      let socket = try Socket(to: server.address, from: index % 8)
      if let failure = socket.sendAll(request) { throw LoadError("a request failed: \(failure)") }
      _ = try socket.receiveSome(into: &buffer)
      sockets.append(socket)
    }
    let open = try server.reading()
    let bytes = Double(open.resident - before.resident) / Double(connections)
    Report.row(
      "\(connections) idle connections: memory", goal: "at most 3 KiB each",
      measured: "\((bytes / 1024).digits(2)) KiB each; \(open.descriptors - before.descriptors) "
        + "descriptors, \(open.threads) threads", isMet: bytes <= 3 * 1024)
    let (start, end) = try watch(server)
    Report.row(
      "\(connections) idle connections: processor", goal: "under 1 %", measured: usage(start, end),
      isMet: share(start, end) < 0.01)
    sockets = []
    try waitForDescriptors(server, before.descriptors)
  }

  private func watch(
    _ server: ServerUnderTest
  ) throws -> (before: ProcessReading, after: ProcessReading) {
    let before = try server.reading()
    rest(until: now() + seconds)
    return (before, try server.reading())
  }

  private func share(_ before: ProcessReading, _ after: ProcessReading) -> Double {
    (after.processorTime - before.processorTime) / seconds
  }

  private func usage(_ before: ProcessReading, _ after: ProcessReading) -> String {
    "\((100 * share(before, after)).digits(2)) % of a core"
  }
}

/// Waits until the server has closed all connections.
///
/// - Throws: ``LoadError`` if it keeps some for ten seconds.
func waitForDescriptors(_ server: ServerUnderTest, _ count: Int) throws {
  let end = now() + 10
  var open = try server.reading().descriptors
  while open > count {
    guard now() < end else {
      throw LoadError("the server keeps \(open - count) descriptors of closed connections")
    }
    rest(until: now() + 0.1)
    open = try server.reading().descriptors
  }
}
