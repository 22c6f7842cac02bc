import ArgumentParser
import Dispatch
import Synchronization

/// A server that is asked to stop while requests flow.
struct Drain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "SIGTERM while requests flow.",
    discussion: "Starts and ends the server itself, once a round.")

  @OptionGroup var options: ServerOptions

  @Option(help: "How often.")
  var rounds = 10

  @Option(help: "Connections at once.")
  var clients = 32

  /// What happened to requests.
  private struct Tally {
    var answered = 0
    var sendAgain = 0
    var refused = 0
    var failures: [String] = []
  }

  func validate() throws {
    guard options.server != nil else { throw ValidationError("name --server") }
  }

  func run() throws {
    var total = Tally()
    var slowest = 0.0
    for _ in 0..<rounds {
      let server = try options.open()
      let (tally, seconds) = try drain(server)
      total.answered += tally.answered
      total.sendAgain += tally.sendAgain
      total.failures += tally.failures
      slowest = max(slowest, seconds)
    }
    Report.row(
      "SIGTERM under load, \(rounds) times", goal: "no accepted request fails",
      measured: "\(total.answered) answered, \(total.sendAgain) to send again on a connection "
        + "closed while idle, \(total.failures.count) failed; ended after \(slowest.digits(1)) s "
        + "at most", isMet: total.failures.isEmpty)
    if let first = total.failures.first { throw LoadError("a request failed: \(first)") }
  }

  private func drain(_ server: ServerUnderTest) throws -> (Tally, seconds: Double) {
    let address = server.address
    let job = try SampleJob.post(SampleJob.disc(epochs: 100), to: Client(address))
    let requests = [
      Request("GET", "/livez"), Request("GET", job), Request("GET", "/openapi.json"),
      Request(post: "/jobs", SampleJob.disc(epochs: 1)),
    ]
    let total = Mutex(Tally())
    let group = DispatchGroup()
    for client in 0..<clients {
      let queue = DispatchQueue(label: "client \(client)")
      queue.async(group: group) {
        let tally = send(requests, to: address, startingAt: client)
        total.withLock { total in
          total.answered += tally.answered
          total.sendAgain += tally.sendAgain
          total.failures += tally.failures
        }
      }
    }
    rest(until: now() + 1)
    let start = now()
    server.terminate()
    try server.waitForEnd()
    let seconds = now() - start
    group.wait()
    return (total.withLock { $0 }, seconds)
  }

  /// Sends requests until the server takes no more connections.
  private func send(_ requests: [Request], to address: LoopbackAddress, startingAt: Int) -> Tally {
    var tally = Tally()
    let client = Client(address)
    var index = startingAt
    while true {
      index += 1
      // Every tenth request needs a new connection.
      if index.isMultiple(of: 10) { client.close() }
      switch client.exchange(requests[index % requests.count]) {
      case .answered(let response) where response.status < 300: tally.answered += 1
      case .answered(let response):
        tally.failures.append("status \(response.status): \(response.text)")
      case .closedWhileIdle: tally.sendAgain += 1
      case .failed(let reason) where reason.hasPrefix("connect: "): return tally
      case .failed(let reason): tally.failures.append(reason)
      }
      // A server that went on to refuse would be asked for ever.
      if tally.failures.count > 1_000 { return tally }
    }
  }
}
