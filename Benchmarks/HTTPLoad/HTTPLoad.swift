import ArgumentParser

/// Loads and abuses a server on the loopback address; `Scripts/bench-http` runs all of it.
///
/// Each subcommand prints a row of Markdown for each goal and fails if the server crashed or a request
/// of a well-behaved client failed. A goal that was missed is told, but is no failure: the machine may
/// be busy.
@main
struct HTTPLoad: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "http-load", abstract: "Loads and abuses a server on the loopback address.",
    subcommands: [
      Abuse.self, Idle.self, Churn.self, Resets.self, Bulk.self, Streams.self, Drain.self,
      TrainingMeanwhile.self,
    ])
}

/// A scenario could not be carried out, or the server did what it must not.
struct LoadError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
