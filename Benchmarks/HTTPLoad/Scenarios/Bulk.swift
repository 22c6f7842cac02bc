import ArgumentParser
import Foundation

/// Bodies as large as the server takes, and larger ones.
struct Bulk: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Large bodies to POST /jobs: their memory, and what /livez takes meanwhile.")

  @OptionGroup var options: ServerOptions

  @Option(help: "The largest body that POST /jobs takes, in MiB.")
  var mebibytes = 512

  func run() throws {
    let body = BulkBody(bytes: mebibytes << 20)
    for framing in BulkBody.Framing.allCases {
      try post(body, framing)
    }
    try askPrograms()
  }

  /// A server for each, so that what one body leaves behind is not the next one's.
  private func post(_ body: BulkBody, _ framing: BulkBody.Framing) throws {
    let server = try options.open()
    let client = Client(server.address)
    _ = try client.answer(Request("GET", "/livez"))
    try ProcessReading.resetPeak(of: server.process)
    let before = try server.reading()
    let probe = LatencyProbe(server.address)
    let start = now()
    let response = try client.answer(body.request(framing))
    let seconds = now() - start
    let peak = try server.reading().peak - before.resident
    let latencies = try probe.stop()
    try server.checkIsAlive()
    guard response.status == 202 else {
      throw LoadError("POST /jobs answered \(response.status): \(response.text.prefix(500))")
    }
    let allowed = body.text.count + body.numbers * 4 + 32 << 20
    Report.row(
      "\(mebibytes) MiB \(framing.rawValue): memory",
      goal: "body + numbers + 32 MiB = \(allowed.mebibytes)",
      measured: "\(peak.mebibytes); answered after \(seconds.digits(2)) s", isMet: peak <= allowed)
    Report.row(
      "\(mebibytes) MiB \(framing.rawValue): `/livez` meanwhile", goal: "p99 under 10 ms",
      measured: "p99 \(latencies.milliseconds(0.99)) of \(latencies.count)",
      isMet: latencies.quantile(0.99) < 0.010)
  }

  /// Whether other programs than this one are told that their body is too large.
  private func askPrograms() throws {
    let server = try options.open()
    let url = "http://\(server.address.host):\(server.address.port)/jobs"
    let folder = FileManager.default.temporaryDirectory
    let file = folder.appendingPathComponent("http-load-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    var told: [String] = []
    var untold: [String] = []
    // However small the bodies above are, the server's own limit is what refuses these.
    let limit = 512 << 20
    for (name, bytes) in [("1 B", limit + 1), ("twice", 2 * limit)] {
      // Blanks are no fault of a document, so that its size is all that can be refused.
      try Data(repeating: UInt8(ascii: " "), count: bytes).write(to: file)
      for program in OtherProgram.allCases {
        let status = try program.status(ofPosting: file.path, to: url)
        if status == "413" {
          told.append(program.rawValue)
        } else {
          untold.append("\(program.rawValue), \(name) more: \(status)")
        }
      }
    }
    try server.checkIsAlive()
    Report.row(
      "a body above \(limit >> 20) MiB by curl and Python's http.client, by length and chunked",
      goal: "receives the 413",
      measured: "\(told.count) of \(told.count + untold.count)"
        + (untold.isEmpty ? "" : " (\(untold.joined(separator: "; ")))"), isMet: untold.isEmpty)
  }
}
