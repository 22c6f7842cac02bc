import ArgumentParser
import Foundation

/// Choices that the environment makes where the command line makes none.
enum Environment {
  /// A variable; an empty one counts as absent, as containers often set it.
  static func text(_ name: String) -> String? {
    let text = ProcessInfo.processInfo.environment[name] ?? ""
    return text.isEmpty ? nil : text
  }

  /// The folder in `DESCENT_DATA`, or the one that is used where nothing is said.
  static var dataFolder: String { text("DESCENT_DATA") ?? "./descent-data" }

  /// The port in `DESCENT_PORT`.
  ///
  /// - Throws: A `ValidationError` if it is none.
  static func port() throws -> UInt16? {
    guard let text = text("DESCENT_PORT") else { return nil }
    guard let port = UInt16(text) else {
      throw ValidationError("DESCENT_PORT must be from 0 to 65535, but is \"\(text)\"")
    }
    return port
  }
}
