import ArgumentParser

/// Clients that reset the connection at every byte.
struct Resets: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Resets at every byte of a request and of a response.")

  @OptionGroup var options: ServerOptions

  @Option(help: "How often each byte has its turn.")
  var rounds = 20

  func run() throws {
    let server = try options.open()
    let request = Request(post: "/networks/validate", network).bytes
    let length = try responseLength(to: request, server.address)
    // The first round fills what the server keeps for later.
    try resetEverywhere(server, request, length)
    rest(until: now() + 3)
    let before = try server.reading()
    for _ in 0..<rounds { try resetEverywhere(server, request, length) }
    try waitForDescriptors(server, before.descriptors)
    let after = try server.reading()
    try server.checkIsAlive()
    let growth = after.resident - before.resident
    Report.row(
      "a reset at every byte of a request (\(request.count)) and its response (\(length)), "
        + "\(rounds) times", goal: "no leak",
      measured: "descriptors \(before.descriptors) to \(after.descriptors), memory "
        + "\(before.resident.mebibytes) to \(after.resident.mebibytes)",
      isMet: after.descriptors <= before.descriptors && growth < 4 << 20)
  }

  private func resetEverywhere(
    _ server: ServerUnderTest, _ request: [UInt8], _ length: Int
  ) throws {
    for count in 0...request.count {
      let socket = try Socket(to: server.address)
      _ = socket.sendAll(Array(request.prefix(count)))
      socket.reset()
    }
    for count in 1...length {
      let socket = try Socket(to: server.address)
      _ = socket.sendAll(request)
      try receive(count, from: socket)
      socket.reset()
    }
  }

  private func receive(_ count: Int, from socket: Socket) throws {
    var missing = count
    while missing > 0 {
      var buffer = [UInt8](repeating: 0, count: missing)
      missing -= try socket.receiveSome(into: &buffer)
    }
  }

  private func responseLength(to request: [UInt8], _ address: LoopbackAddress) throws -> Int {
    let socket = try Socket(to: address)
    _ = socket.sendAll(request)
    var reader = ResponseReader()
    var buffer = [UInt8](repeating: 0, count: 4096)
    var length = 0
    var head: ResponseHead?
    while true {
      let count = try socket.receiveSome(into: &buffer)
      length += count
      reader.append(buffer[..<count])
      if head == nil { head = try reader.takeHead() }
      if let head, reader.takeBody(head.contentLength) != nil { return length }
    }
  }

  private var network: String {
    """
    {"network": {"operators": {"1": {"type": "linear", "in_features": 2, "out_features": 1}}, \
    "connectivity": {"1": []}}}
    """
  }
}
