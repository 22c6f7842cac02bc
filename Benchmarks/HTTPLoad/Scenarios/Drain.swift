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
    /// Answered with 503 and when to come again.
    var refused = 0
    /// Unanswered on a connection that the server had closed while it was idle.
    var sendAgain = 0
    var failures: [String: Int] = [:]

    static func += (left: inout Tally, right: Tally) {
      left.answered += right.answered
      left.refused += right.refused
      left.sendAgain += right.sendAgain
      left.failures.merge(right.failures, uniquingKeysWith: +)
    }
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
      total += tally
      slowest = max(slowest, seconds)
    }
    let failures = total.failures.values.reduce(0, +)
    Report.row(
      "SIGTERM under load, \(rounds) times", goal: "no accepted request fails",
      measured: "\(total.answered) answered, \(total.refused) told 503 and when to come again, "
        + "\(total.sendAgain) to send again on a connection closed while idle, \(failures) failed; "
        + "ended after \(slowest.digits(1)) s at most", isMet: failures == 0)
    guard failures == 0 else { throw LoadError("failed requests: \(total.failures)") }
  }

  private func drain(_ server: ServerUnderTest) throws -> (Tally, seconds: Double) {
    let address = server.address
    let job = try SampleJob.post(SampleJob.disc(epochs: 100), to: Client(address))
    let requests =
      [
        Request(post: "/jobs", SampleJob.disc(epochs: 1)), Request("GET", "/openapi.json"),
        Request(post: "/networks/validate", SampleJob.disc(epochs: 1)),
      ] + (0..<10).flatMap { _ in [Request("GET", "/livez"), Request("GET", job)] }
    let total = Mutex(Tally())
    let group = DispatchGroup()
    for client in 0..<clients {
      let queue = DispatchQueue(label: "client \(client)")
      queue.async(group: group) {
        let tally = send(requests, to: address, startingAt: client)
        total.withLock { $0 += tally }
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
      case .answered(let response)
      where response.status == 503 && response.head["retry-after"] != nil:
        tally.refused += 1
      case .answered(let response): tally.failures[response.text, default: 0] += 1
      case .closedWhileIdle: tally.sendAgain += 1
      case .failed(let reason) where reason.hasPrefix("connect: "): return tally
      case .failed(let reason): tally.failures[reason, default: 0] += 1
      }
    }
  }
}
