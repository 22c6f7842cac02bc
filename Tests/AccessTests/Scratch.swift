import Foundation

/// A folder that goes with the last reference to it.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("descent-keys-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    // What stays lies among the temporary files.
    try? FileManager.default.removeItem(atPath: path)
  }
}
