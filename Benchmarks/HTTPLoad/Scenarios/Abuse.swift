import ArgumentParser

/// Thousands of clients that are slow on purpose, beside one that behaves well.
struct Abuse: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Slow clients beside a healthy one.")

  @OptionGroup var options: ServerOptions

  @Option(help: "How long.")
  var seconds = 60.0

  @Option(help: "Clients whose head never ends.")
  var slowHeaders = 5_000

  @Option(help: "Clients whose body comes byte by byte.")
  var slowBodies = 1_000

  @Option(help: "Clients that ask and never read.")
  var slowReaders = 1_000

  func run() throws {
    let server = try options.open()
    var crowd = Crowd(of: server.address)
    crowd.await(.slowHeader, slowHeaders)
    crowd.await(.slowBody, slowBodies)
    crowd.await(.slowReader, slowReaders)
    let before = try server.reading()
    let probe = LatencyProbe(server.address, paths: ["/livez", "/jobs?limit=1"])
    let end = now() + seconds
    while now() < end {
      let turn = now() + Crowd.turn
      try crowd.takeTurn()
      rest(until: turn)
    }
    let latencies = try probe.stop()
    let after = try server.reading()
    try server.checkIsAlive()

    let clients =
      "\(slowHeaders) slow heads, \(slowBodies) slow bodies, \(slowReaders) slow readers"
    Report.row(
      "\(clients), \(Int(seconds)) s: healthy requests", goal: "p99 under 50 ms",
      measured: "p99 \(latencies.milliseconds(0.99)), at most \(latencies.milliseconds(1)), of "
        + "\(latencies.count); none failed; "
        + "server \(before.resident.mebibytes), then \(after.resident.mebibytes)",
      isMet: latencies.quantile(0.99) < 0.050)
    for kind in Attacker.Kind.allCases {
      let ended = crowd.ended(kind)
      Report.row(
        "\(kind.rawValue) are gone", goal: "within \(Int(kind.limit)) + 1 s",
        measured: "\(ended.count) gone, the last after \(ended.longest.digits(2)) s; "
          + "\(ended.overdue) overdue", isMet: ended.overdue == 0 && ended.longest < kind.limit + 1)
    }
  }
}
