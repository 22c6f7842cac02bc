import Foundation
import JobStorage
import Jobs
import TestSupport
import Testing

@Suite("Two processes on one store", .fewAtOnce)
struct LeaseTests {
  /// A worker as a process of its own, killed when the last reference to it goes.
  private final class Worker: Sendable {
    private let process: Process
    private let input = Pipe()
    private let output: String

    init(_ database: String, name: String, secondsAhead: Int) throws {
      output = "\(database).\(name)"
      process = try Program.process(
        [database, name, "\(secondsAhead)"], [:], program: "lease-worker")
      process.standardInput = input
      process.standardOutput = try Program.file(output)
      try process.run()
    }

    deinit { kill(process.processIdentifier, SIGKILL) }

    /// Waits for a line that it prints, counted from 0.
    func line(_ number: Int) async throws -> Substring {
      while true {
        // What follows the last line feed is not a whole line yet.
        let lines = try Program.read(output).split(
          separator: "\n", omittingEmptySubsequences: false)
        if lines.count > number + 1 { return lines[number] }
        await Task.yield()
      }
    }

    /// Lets its run end.
    func goOn() throws { try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8)) }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }
  }

  @Test("a worker that slept through its lease changes nothing of what another does meanwhile")
  func stopped() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.path("jobs.sqlite")
      let store = try SQLiteJobStore(path: path)
      let id = JobID.next()
      _ = try await store.submit(NewJob(id: id, request: [1]))
      let sleeper = try Worker(path, name: "sleeper", secondsAhead: 0)
      #expect(try await sleeper.line(0) == "started 1")
      sleeper.send(SIGSTOP)
      // To this one the lease of the other is over.
      let other = try Worker(path, name: "other", secondsAhead: 31)
      #expect(try await other.line(0) == "started 2")
      try sleeper.goOn()
      sleeper.send(SIGCONT)
      #expect(
        try await sleeper.line(1)
          == "warning The claim 1 on \(id) was over, so what its worker wrote was dropped")
      let running = try await store.job(id)
      #expect(running?.status == .running && running?.progress == nil)
      try other.goOn()
      var ended = running
      while ended?.status.isTerminal != true { ended = try await store.job(id) }
      #expect(ended?.status == .succeeded && ended?.restarts == 1 && ended?.epoch == 2)
      #expect(ended?.summary == Array("other".utf8))
      let events = try await store.events(of: id, after: 0, limit: 100)
      let names = events.map { "\($0.type) \(String(decoding: $0.data, as: UTF8.self))" }
      #expect(
        names == [
          "status queued", "status running", "status queued", "status running", "epoch other",
          "status succeeded", "done succeeded",
        ])
      await store.close()
    }
  }
}
