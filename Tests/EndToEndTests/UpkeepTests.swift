import Foundation
import NeuralNetwork
import Testing

@Suite("Backups and checks of a data folder", .fewAtOnce)
struct UpkeepTests {
  private func extract(_ archive: String, to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "--extract", "--file", archive, "--directory", folder]
    try tar.run()
    tar.waitUntilExit()
    #expect(tar.terminationStatus == 0)
  }

  @Test("a backup that is made while jobs come and go is whole, and a server goes on from it")
  func backup() async throws {
    try await withTemporaryFolder { folder in
      let server = try await RunningServer(in: folder)
      let data = folder.path("data")
      let known = try await server.client.train(SampleJobs.disc())
      let id = try #require(known["id"]?.text)
      let running = try await server.client.submit(SampleJobs.endless)
      try await server.client.trained(running)
      let archive = folder.path("jobs.tar")
      async let backup = Program.run(["backup", archive, "--data", data])
      for seed in 1...20 { _ = try await server.client.submit(SampleJobs.disc(seed: seed)) }
      let run = try await backup
      #expect(run.code == 0, "\(run.errors)")
      #expect(run.errors.hasPrefix("\(archive): "))
      try extract(archive, to: folder.path("early"))
      let early = try await Program.run(["check", "--data", folder.path("early")])
      #expect(early.code == 0, "\(early.output)")
      // It is replaced by the next one.
      #expect(try await Program.run(["backup", archive, "--data", data]).code == 0)
      #expect(await server.end(by: SIGKILL) == -SIGKILL)

      let restored = folder.path("restored/data")
      try extract(archive, to: restored)
      let check = try await Program.run(["check", "--data", restored])
      #expect(check.code == 0, "\(check.output)")
      #expect(check.output.hasPrefix("22 jobs, "))
      #expect(check.output.hasSuffix(" 0 files of no job, 0 faults\n"))
      // Removed with its last reference.
      let place = TemporaryFolder(at: folder.path("restored"))
      defer { withExtendedLifetime(place) {} }
      let again = try await RunningServer(in: place)
      let job = try await again.client.get("/jobs/\(id)").json()
      #expect(job["result"] == known["result"])
      #expect(try await again.client.get("/jobs/\(id)/model").status == 200)
      try await again.client.trained(running)
    }
  }

  @Test("a check names each fault with its job, also while a server runs")
  func check() async throws {
    try await withTemporaryFolder { folder in
      let server = try await RunningServer(in: folder)
      let data = folder.path("data")
      _ = try await server.client.train(SampleJobs.disc(seed: 1))
      let id = try #require(try await server.client.train(SampleJobs.disc(seed: 2))["id"]?.text)
      let sound = try await Program.run(["check", "--data", data])
      #expect(sound.code == 0)
      #expect(sound.output == "2 jobs, 4 files, 0 files of no job, 0 faults\n")
      let model = try await server.client.get("/jobs/\(id)").json()
      let hash = try #require(model["result"]?["weights_sha256"]?.text)
      let path = "\(data)/blobs/\(hash.prefix(2))/\(hash.dropFirst(2))"
      try Data("other".utf8).write(to: URL(fileURLWithPath: path))
      let damaged = try await Program.run(["check", "--data", data])
      #expect(damaged.code == 1)
      #expect(damaged.output.contains("\(id): The file \(path) is damaged"))
      #expect(damaged.output.hasSuffix(", 1 faults\n"))
      let backup = try await Program.run(["backup", folder.path("x.tar"), "--data", data])
      #expect(backup.code == 69)
      #expect(backup.errors.contains("is damaged"))
      #expect(!FileManager.default.fileExists(atPath: folder.path("x.tar")))
    }
  }

  @Test("what is no data folder, and a place that cannot be written, are named")
  func unusable() async throws {
    try await withTemporaryFolder { folder in
      for command in [["check"], ["backup", folder.path("x.tar")]] {
        let run = try await Program.run(command + ["--data", folder.path("none")])
        #expect(run.code == 69)
        #expect(run.errors.contains("There is no data folder \(folder.path("none"))"))
      }
      let server = try await RunningServer(in: folder)
      #expect(await server.end(by: SIGTERM) == 0)
      let run = try await Program.run(
        ["backup", folder.path("no/x.tar"), "--data", folder.path("data")])
      #expect(run.code == 73)
      #expect(run.errors.contains("The backup \(folder.path("no/x.tar")) cannot be written"))
      let own = try await Program.run(
        ["backup", folder.path("data/jobs.sqlite"), "--data", folder.path("data")])
      #expect(own.code == 73)
      #expect(own.errors.contains("it would lie in the data folder itself"))
      let broken = try folder.file("broken/jobs.sqlite", "no database, but long enough for one\n")
      let check = try await Program.run(
        ["check", "--data", URL(fileURLWithPath: broken).deletingLastPathComponent().path])
      #expect(check.code == 69)
      #expect(check.errors.contains("is damaged"))
    }
  }
}
