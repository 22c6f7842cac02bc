import Access
import Foundation
import HTTPCore
import HTTPServer
import Logging

/// Which keys a server asks for.
enum ServerKeys {
  /// The name of the key that a first start makes.
  private static let firstName = "default"

  /// Chooses by where the server listens and by what is there.
  ///
  /// - Parameters:
  ///   - path: The key file that was asked for; nil for that of the data folder, if it is there.
  ///   - folder: The data folder.
  ///   - configuration: Where the server listens.
  ///   - logger: Told what requests need, and why a changed file cannot be used.
  /// - Returns: Nil if no request needs a key, as on a loopback address where there is no file.
  /// - Throws: An exit code, once the fault is told.
  static func choose(
    _ path: String?, folder: String, _ configuration: ServerConfiguration, _ logger: Logger
  ) throws -> KeyGuard? {
    let file = KeyFile(path: path ?? defaultPath(in: folder))
    do {
      if path == nil, !file.exists {
        if configuration.isLoopback { return nil }
        tell(try file.add(name: firstName), file, configuration)
      }
      let keys = try KeyGuard(file, at: ServerClock.system.now().instant.nanoseconds) { text in
        logger.warning("\(text)")
      }
      logger.info(
        "requests need a key", metadata: ["file": "\(file.path)", "keys": "\(keys.count)"])
      return keys
    } catch {
      throw failure(ExitStatus.unavailable, error.description)
    }
  }

  /// The key file of a data folder.
  static func defaultPath(in folder: String) -> String { "\(folder)/keys.json" }

  private static func tell(
    _ secret: String, _ file: KeyFile, _ configuration: ServerConfiguration
  ) {
    let isWildcard = ["0.0.0.0", "::"].contains(configuration.host)
    let address = ServerAddress(
      host: isWildcard ? "localhost" : configuration.host, port: configuration.port)
    say(
      """

      Other machines can reach this server, so every request needs a key. This one, named
      \(firstName), was made now and is shown only this once:

          \(secret)

          curl -H "Authorization: Bearer \(secret)" http://\(address)/jobs

      Its hash is kept in \(file.path).
      descent keys adds, lists and revokes keys; serve --insecure does without any.

      """)
  }
}
