import Access
import Foundation
import HTTPCore
import HTTPServer
import Logging

/// The keys that a server asks for, and how it follows changes of their file.
///
/// What requests need is chosen by where the server listens and by what is there. On a loopback
/// address everyone on the machine is admitted until there is a file; on any other the first start
/// makes a key.
struct ServerKeys: Sendable {
  /// The name of the key that a first start makes.
  private static let firstName = "default"

  let keys: KeyGuard
  private let logger: Logger

  /// Reads the keys.
  ///
  /// - Parameters:
  ///   - path: The key file that was asked for, which must be there; nil for that of the data folder.
  ///   - folder: The data folder.
  ///   - isLoopback: Whether only this machine can reach the server.
  ///   - logger: Told what requests need, and why a file cannot be used.
  /// - Throws: An exit code, once the fault is told.
  init(_ path: String?, folder: String, isLoopback: Bool, _ logger: Logger) throws {
    let file = KeyFile(path: path ?? Self.defaultPath(in: folder))
    let withoutFile = isLoopback ? KeyGuard.WithoutFile.admitsEveryone : .admitsNobody
    do {
      keys = try KeyGuard(
        file, withoutFile: path == nil ? withoutFile : nil, at: Self.now
      ) { logger.warning("\($0)") }
    } catch {
      throw failure(ExitStatus.unavailable, error.description)
    }
    self.logger = logger
  }

  /// The key file of a data folder.
  static func defaultPath(in folder: String) -> String { "\(folder)/keys.json" }

  private static var now: Int64 { ServerClock.system.now().instant.nanoseconds }

  /// Looks at the file at once, whatever that takes.
  func reload() { keys.reload(at: Self.now) }

  /// Looks at the file whenever something in its folder changes, as long as the value is kept.
  func follow() -> FolderWatch? {
    let folder = URL(fileURLWithPath: keys.file.path).deletingLastPathComponent().path
    let watch = FolderWatch(folder) { reload() }
    if watch == nil {
      logger.warning("changes of \(keys.file.path) are noticed after SIGHUP only: no inotify")
    }
    return watch
  }

  /// Makes and prints the first key if the server would admit nobody for want of a file, and logs
  /// what requests need; to be called once the server listens, so that a start that fails makes none.
  ///
  /// - Throws: An exit code, once the fault is told.
  func complete(at address: ServerAddress) throws {
    // Someone may have made keys since the start.
    reload()
    if keys.isOpen {
      logger.info(
        "requests from this machine need no key until there is one",
        metadata: ["file": "\(keys.file.path)"])
      return
    }
    if !keys.file.exists { try makeFirst(at: address) }
    logger.info(
      "requests need a key", metadata: ["file": "\(keys.file.path)", "keys": "\(keys.count)"])
  }

  private func makeFirst(at address: ServerAddress) throws {
    do {
      tell(try keys.file.add(name: Self.firstName), at: address)
    } catch .nameTaken {
      // Made by another program a moment ago, which has told it.
    } catch {
      throw failure(ExitStatus.unavailable, error.description)
    }
    reload()
  }

  private func tell(_ secret: String, at address: ServerAddress) {
    let isWildcard = ["0.0.0.0", "::"].contains(address.host)
    let shown = ServerAddress(host: isWildcard ? "localhost" : address.host, port: address.port)
    say(
      """

      Other machines can reach this server, so every request needs a key. This one, named
      \(Self.firstName), was made now and is shown only this once:

          \(secret)

          curl -H "Authorization: Bearer \(secret)" http://\(shown)/jobs

      Its hash is kept in \(keys.file.path).
      descent keys adds, lists and revokes keys; serve --insecure does without any.

      """)
  }
}
