import ArgumentParser

/// What training costs those who ask meanwhile.
struct TrainingMeanwhile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training", abstract: "The latency of /livez without and with a training job.")

  @OptionGroup var options: ServerOptions

  @Option(help: "How long to measure in each round.")
  var seconds = 5.0

  @Option(help: "Rounds, each without and with a job.")
  var rounds = 5

  func run() throws {
    let server = try options.open()
    let client = Client(server.address)
    let epochs = try SampleJob.epochs(taking: 4 * seconds, by: client)
    var without: [Double] = []
    var with: [Double] = []
    for _ in 0..<rounds {
      without.append(try measure(server))
      let job = try SampleJob.post(SampleJob.disc(epochs: epochs), to: client)
      with.append(try measure(server))
      let status = try client.answer(Request("GET", job)).text
      guard status.contains(#""status":"running""#) else {
        throw LoadError("the job was over before the measurement: \(status)")
      }
      _ = try client.answer(Request("POST", "\(job)/cancel", body: []))
    }
    try server.checkIsAlive()
    let cost = median(with) - median(without)
    Report.row(
      "`/livez` while a job trains, \(rounds) rounds", goal: "p99 at most 10 ms more",
      measured: "p99 \((1000 * median(without)).digits(2)) ms without, "
        + "\((1000 * median(with)).digits(2)) ms with (medians)", isMet: cost <= 0.010)
  }

  private func measure(_ server: ServerUnderTest) throws -> Double {
    let probe = LatencyProbe(server.address, interval: 0.002)
    rest(until: now() + seconds)
    return try probe.stop().quantile(0.99)
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
