import Foundation

/// The files of the repository that these tests are part of.
enum Repository {
  /// The folder that holds `Package.swift`.
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The text of a file.
  ///
  /// - Parameter path: Relative to the root.
  /// - Returns: The whole file.
  /// - Throws: An error of the file system.
  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Whether there is a file or a folder.
  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
  }

  /// Paths of all files below a folder, relative to the root, in ascending order.
  ///
  /// The folder may be a link; links below it are not followed, so that no file counts twice.
  static func files(below folder: String, suffix: String) -> [String] {
    let path = root.appendingPathComponent(folder).resolvingSymlinksInPath().path
    let all = FileManager.default.enumerator(atPath: path)
    return (all?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }.sorted()
  }

  /// The Swift files below a folder.
  static func swiftFiles(below folder: String) throws -> [SwiftFile] {
    try files(below: folder, suffix: ".swift").map { SwiftFile(path: $0, text: try text($0)) }
  }
}

extension String {
  /// All that the first group of a regular expression matches.
  func matches(of pattern: String) throws -> [String] {
    let expression = try NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
    let whole = NSRange(startIndex..., in: self)
    return expression.matches(in: self, range: whole).compactMap { match in
      Range(match.range(at: 1), in: self).map { String(self[$0]) }
    }
  }
}
