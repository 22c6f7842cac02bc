import Access
import ArgumentParser
import Foundation

/// The command `descent keys`.
struct Keys: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes, lists and revokes the keys that requests to a server need.",
    discussion: "A running server follows a change at once.",
    subcommands: [Add.self, List.self, Revoke.self])

  /// Where the keys are.
  struct Place: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The key file. (environment: DESCENT_KEYS; default: keys.json in the data folder)",
        valueName: "file"))
    var keys: String?

    @Option(
      help: "The data folder of the server. (environment: DESCENT_DATA; default: ./descent-data)")
    var data: String?

    func validate() throws {
      if keys != nil, data != nil {
        throw ValidationError("--keys and --data both say where the keys are; give one of them")
      }
    }

    /// The command line comes before the environment.
    var file: KeyFile {
      if let data { return KeyFile(path: ServerKeys.defaultPath(in: data)) }
      if let path = keys ?? Environment.text("DESCENT_KEYS") { return KeyFile(path: path) }
      return KeyFile(path: ServerKeys.defaultPath(in: Environment.dataFolder))
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Makes a key and prints it, this once.")

    @OptionGroup var place: Place

    @Argument(help: "Its name; jobs belong to the name, also when its key is replaced.")
    var name: String

    @Option(help: "The name whose jobs it sees and makes, as another key does. (default: its own)")
    var owner: String?

    @Flag(help: "It may look at its jobs and predict, but submit, cancel and delete nothing.")
    var readOnly = false

    @Option(help: "Requests a second, in the mean; two seconds' worth at once.")
    var rate = AccessKey.requestsPerSecondDefault

    @Option(help: "Its queued jobs, at most.")
    var queued = AccessKey.queuedJobsDefault

    func validate() throws {
      if !AccessKey.isName(name) {
        throw ValidationError("a name has \(AccessKey.nameRule), but is \"\(name)\"")
      }
      if let owner, !AccessKey.isName(owner) {
        throw ValidationError("--owner has \(AccessKey.nameRule), but is \"\(owner)\"")
      }
      if !AccessKey.requestsPerSecondRange.contains(rate) {
        throw ValidationError("--rate must be from 0.01 to 1000000, but is \(rate)")
      }
      if !AccessKey.queuedJobsRange.contains(queued) {
        throw ValidationError("--queued must be from 0 to 1000000, but is \(queued)")
      }
    }

    func run() throws {
      let secret = try telling {
        () throws(KeyFileError) in
        try place.file.add(
          name: name, owner: owner, scope: readOnly ? .read : .full, requestsPerSecond: rate,
          queuedJobsMax: queued)
      }
      try writeOutput(Array((secret + "\n").utf8), to: "-")
      say("added \(name) to \(place.file.path); servers with this key file follow at once")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists names, owners, scopes, limits and ages; never the keys themselves.")

    @OptionGroup var place: Place

    func run() throws {
      let keys = try telling { () throws(KeyFileError) in try place.file.read() }
      let rows = keys.map { key in
        [
          key.name, key.jobsOwner, key.scope.rawValue, String(format: "%g", key.requestsPerSecond),
          "\(key.queuedJobsMax)", key.createdAt.formatted(.iso8601),
        ]
      }
      let lines = table(
        [["name", "jobs of", "scope", "requests/s", "queued jobs", "created"]] + rows)
      try writeOutput(Array((lines.joined(separator: "\n") + "\n").utf8), to: "-")
    }

    /// Columns as wide as their widest cell, two spaces apart.
    private func table(_ rows: [[String]]) -> [String] {
      let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
      return rows.map { row in
        let cells = zip(row.dropLast(), widths).map { cell, width in
          cell + String(repeating: " ", count: width - cell.count)
        }
        return (cells + row.suffix(1)).joined(separator: "  ")
      }
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Removes a key; its jobs stay, and belong to the next key of that name.")

    @OptionGroup var place: Place

    @Argument(help: "The name of the key.")
    var name: String

    func run() throws {
      try telling { () throws(KeyFileError) in try place.file.revoke(name: name) }
    }
  }
}

/// Does what a key file is asked for, and tells why it could not.
private func telling<Value>(_ work: () throws(KeyFileError) -> Value) throws -> Value {
  do {
    return try work()
  } catch {
    let status =
      switch error {
      case .nameTaken, .nameUnknown: ExitStatus.failed
      case .missing, .unreadable, .malformed: ExitStatus.unavailable
      case .unwritable: ExitStatus.cannotWrite
      }
    throw failure(status, error.description)
  }
}
