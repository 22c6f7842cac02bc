import Foundation
import FuzzTargets
import Testing

/// Inputs that a fuzzer found worth keeping: each reached code that no other did.
@Suite("Corpus of the fuzzer")
struct CorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/fuzz")

  @Test("every input keeps every promise of its reader", arguments: FuzzTarget.allCases)
  func replays(target: FuzzTarget) throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: Self.folder.appendingPathComponent(target.rawValue), includingPropertiesForKeys: nil)
    #expect(files.count > 10)
    for file in files {
      let input = [UInt8](try Data(contentsOf: file))
      #expect(throws: Never.self, "\(target.rawValue)/\(file.lastPathComponent)") {
        try target.check(input)
      }
    }
  }
}
