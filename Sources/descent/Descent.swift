import ArgumentParser

/// The program: a server, and the same training without one.
@main
struct Descent: AsyncParsableCommand {
  /// The version of the program.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "descent",
    abstract: "Trains neural networks that clients describe in JSON.",
    discussion: """
      EXIT CODES
        0   success
        1   the training failed or was stopped, or the server is not healthy,
            or a key's name is taken or unknown, or a check found a fault
        64  the command line is wrong
        65  the job file is no valid request
        66  the job file cannot be read
        69  the address, the data folder, the key file or the processor cannot be used
        73  a result, a backup or the key file cannot be written
      """,
    version: version,
    subcommands: [
      Serve.self, Train.self, Validate.self, Health.self, Keys.self, Backup.self, Check.self,
    ])
}
