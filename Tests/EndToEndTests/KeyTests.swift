import Foundation
import Interchange
import NeuralNetwork
import Testing

@Suite("Keys of a running server", .fewAtOnce)
struct KeyTests {
  /// Runs `descent keys` to its end and expects success.
  private func keys(_ arguments: String...) async throws -> String {
    let run = try await Program.run(["keys"] + arguments)
    #expect(run.code == 0, "\(run.errors)")
    if let name = arguments.dropFirst().first, arguments.first == "add" {
      #expect(run.errors.hasPrefix("added \(name) to "))
    } else {
      #expect(run.errors == "")
    }
    return run.output.trimmingCharacters(in: .newlines)
  }

  private func bearer(_ key: String) -> [HTTPHeader] {
    [HTTPHeader("Authorization", "Bearer \(key)")]
  }

  /// The server on every address of the machine, reached by the loopback one.
  private func client(of server: RunningServer) throws -> HTTPClient {
    try HTTPClient(baseURL: "http://127.0.0.1:\(server.port)")
  }

  @Test("a job is its key's own, on the wire too, and a key that may only read changes nothing")
  func ownJobs() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.path("keys.json")
      let first = try await keys("add", "first", "--keys", file)
      let second = try await keys("add", "second", "--keys", file)
      let reader = try await keys("add", "reader", "--read-only", "--keys", file)
      let server = try await RunningServer(in: folder, options: ["--keys", file])
      let client = server.client
      #expect(try await client.get("/readyz").status == 200)
      let without = try await client.post("/jobs", SampleJobs.disc())
      try without.expectProblem(401, "missing_key")
      #expect(without["WWW-Authenticate"] == "Bearer")
      #expect(without["Connection"] == "close")
      let posted = try await client.post("/jobs", SampleJobs.disc(), headers: bearer(first))
      #expect(posted.status == 202)
      let path = try #require(posted["Location"])
      #expect(try await client.get(path, headers: bearer(first)).status == 200)
      try await client.get(path, headers: bearer(second)).expectProblem(404, "job_not_found")
      try await client.post("/jobs", SampleJobs.disc(), headers: bearer(reader))
        .expectProblem(403, "read_only_key")
      let report = try await client.post(
        "/networks/validate", SampleJobs.disc(), headers: bearer(reader))
      #expect(report.status == 200)
    }
  }

  @Test("keys that are added or revoked count for a server that runs")
  func changes() async throws {
    try await withTemporaryFolder { folder in
      let data = folder.path("data")
      let first = try await keys("add", "first", "--data", data)
      // The file in the data folder is enough, on a loopback address too.
      let server = try await RunningServer(in: folder)
      #expect(try await server.client.get("/jobs", headers: bearer(first)).status == 200)
      let second = try await keys("add", "second", "--data", data)
      while try await server.client.get("/jobs", headers: bearer(second)).status == 401 {}
      #expect(try await keys("revoke", "first", "--data", data) == "")
      while try await server.client.get("/jobs", headers: bearer(first)).status != 401 {}
      try await server.client.get("/jobs", headers: bearer(first))
        .expectProblem(401, "unknown_key")
    }
  }

  @Test("the first key that is made while a server runs closes it to those without one")
  func firstKeyWhileRunning() async throws {
    try await withTemporaryFolder { folder in
      let server = try await RunningServer(in: folder)
      #expect(try await server.client.get("/jobs").status == 200)
      let key = try await keys("add", "first", "--data", folder.path("data"))
      // It is noticed by itself; SIGHUP, which asks for it too, does not end the server.
      server.send(SIGHUP)
      while try await server.client.get("/jobs").status == 200 {}
      try await server.client.get("/jobs").expectProblem(401, "missing_key")
      #expect(try await server.client.get("/jobs", headers: bearer(key)).status == 200)
      #expect(await server.end(by: SIGTERM) == 0)
    }
  }

  @Test("a key made for another's jobs sees those")
  func dashboard() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.path("keys.json")
      let first = try await keys("add", "ci", "--keys", file)
      let reader = try await keys(
        "add", "dashboard", "--read-only", "--owner", "ci", "--keys", file)
      let server = try await RunningServer(in: folder, options: ["--keys", file])
      let posted = try await server.client.post(
        "/jobs", SampleJobs.disc(), headers: bearer(first))
      let path = try #require(posted["Location"])
      #expect(try await server.client.get(path, headers: bearer(reader)).status == 200)
    }
  }

  @Test("a start that cannot bind makes no key")
  func noKeyWithoutAddress() async throws {
    try await withTemporaryFolder { folder in
      let first = try await RunningServer(in: folder)
      let run = try await Program.run([
        "serve", "--host", "0.0.0.0", "--port", "\(first.port)", "--data", folder.path("other"),
      ])
      #expect(run.code == 69)
      #expect(!run.errors.contains("descent_"))
      #expect(!FileManager.default.fileExists(atPath: folder.path("other/keys.json")))
    }
  }

  @Test("on an address that others reach, the first start makes a key, the next one keeps it")
  func firstStart() async throws {
    try await withTemporaryFolder { folder in
      let server = try await RunningServer(in: folder, options: ["--host", "0.0.0.0"])
      let log = try server.errors
      let key = try #require(log.firstMatch(of: /descent_[0-9a-f]{64}/)).output
      #expect(
        log.contains(
          "curl -H \"Authorization: Bearer \(key)\" http://localhost:\(server.port)/jobs"))
      let client = try client(of: server)
      try await client.get("/jobs").expectProblem(401, "missing_key")
      #expect(try await client.get("/jobs", headers: bearer(String(key))).status == 200)
      let stored = try Program.read(folder.path("data/keys.json"))
      #expect(!stored.contains(key.dropFirst("descent_".count)))
      #expect(await server.end(by: SIGTERM) == 0)
      let again = try await RunningServer(in: folder, options: ["--host", "0.0.0.0"])
      #expect(try !again.errors.contains("descent_"))
      let answer = try await self.client(of: again).get("/jobs", headers: bearer(String(key)))
      #expect(answer.status == 200)
    }
  }

  @Test("--insecure does without keys, with a warning, and makes none")
  func insecure() async throws {
    try await withTemporaryFolder { folder in
      let server = try await RunningServer(
        in: folder, options: ["--host", "0.0.0.0", "--insecure"])
      #expect(try await client(of: server).get("/jobs").status == 200)
      #expect(try server.errors.contains("warning"))
      #expect(try server.errors.contains("--insecure: everyone who reaches this address"))
      #expect(!FileManager.default.fileExists(atPath: folder.path("data/keys.json")))
    }
  }

  @Test("a key file that is not there or is at fault ends the start, naming file and fault")
  func badFile() async throws {
    try await withTemporaryFolder { folder in
      let missing = folder.path("none.json")
      let bad = try folder.file("bad.json", #"{"keys": [{}]}"#)
      let arguments = ["serve", "--port", "0", "--data", folder.path("data"), "--keys"]
      let none = try await Program.run(arguments + [missing])
      #expect(none.code == 69)
      #expect(none.errors.contains("There is no key file \(missing)"))
      let faulty = try await Program.run(arguments + [bad])
      #expect(faulty.code == 69)
      #expect(faulty.errors.contains("The key file \(bad) is not as descent keys writes it: at"))
      #expect(faulty.errors.contains("name is missing"))
      let both = try await Program.run(arguments + [bad, "--insecure"])
      #expect(both.code == 64)
    }
  }

  @Test("keys are listed without themselves, by option or environment")
  func list() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.path("keys.json")
      let key = try await keys("add", "a", "--keys", file)
      let limited = try await keys(
        "add", "limited", "--owner", "a", "--read-only", "--rate", "0.5", "--queued", "7", "--keys",
        file)
      let run = try await Program.run(["keys", "list"], environment: ["DESCENT_KEYS": file])
      #expect(run.code == 0)
      for secret in [key, limited] { #expect(!run.output.contains(secret.suffix(64))) }
      let rows = run.output.split(separator: "\n").map { row in
        row.split(separator: /[ ]{2,}/).map(String.init)
      }
      #expect(rows.count == 3)
      #expect(rows.first == ["name", "jobs of", "scope", "requests/s", "queued jobs", "created"])
      #expect(rows.dropFirst().first?.dropLast() == ["a", "a", "full", "100", "1000"])
      #expect(rows.last?.dropLast() == ["limited", "a", "read", "0.5", "7"])
      #expect(rows.last?.last?.wholeMatch(of: /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
    }
  }

  @Test(
    "a command that cannot be done says why, with its exit code",
    arguments: [
      (["add", "a"], 1, "has a key named a"), (["revoke", "b"], 1, "has no key named b"),
      (["add", "a b"], 64, "1 to 64 letters"), (["add", "c", "--owner", "a b"], 64, "--owner"),
      (["add", "c", "--rate", "0"], 64, "--rate"),
      (["add", "c", "--queued", "1000001"], 64, "--queued"),
      (["list", "--data", "x"], 64, "--keys and --data"),
    ] as [([String], Int32, String)])
  func refusals(arguments: [String], code: Int32, message: String) async throws {
    try await withTemporaryFolder { folder in
      let file = folder.path("keys.json")
      _ = try await keys("add", "a", "--keys", file)
      let run = try await Program.run(["keys"] + arguments + ["--keys", file])
      #expect(run.code == code)
      #expect(run.errors.contains(message), "\(run.errors)")
      #expect(run.output == "")
    }
  }

  @Test("a key file that cannot be written or read says so")
  func unusable() async throws {
    try await withTemporaryFolder { folder in
      let missing = try await Program.run(["keys", "list", "--keys", folder.path("none")])
      #expect(missing.code == 69)
      let file = try folder.file("file", "")
      let below = try await Program.run(["keys", "add", "a", "--keys", file + "/keys.json"])
      #expect(below.code == 73)
      #expect(below.errors.contains("cannot be written"))
    }
  }

  @Test("keys that several commands add at the same time are all there")
  func concurrentAdds() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.path("keys.json")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<8 {
          group.addTask { _ = try await keys("add", "key-\(number)", "--keys", file) }
        }
        try await group.waitForAll()
      }
      let list = try await keys("list", "--keys", file)
      #expect(list.split(separator: "\n").count == 9)
    }
  }
}
