import Testing

@Suite("Codes")
struct CodeTests {
  /// Codes that no client of the HTTP interface is told: the program ends before it serves.
  private static let unpublished: Set = ["data_folder_locked", "data_folder_unusable"]

  /// The names that are put together: `missing_\(kind)` where a kind is an input or an output.
  private static let composed: Set = [
    "missing_input", "missing_output", "unknown_input", "unknown_output",
  ]

  private let published: Set<String>
  private let sources: String

  init() throws {
    let contract = try Contract()
    let lists = ["ProblemCode", "FaultCode", "JobErrorCode"].map(contract.constants(of:))
    published = Set(lists.joined())
    sources = try Repository.swiftFiles(below: "Sources").map(\.text).joined(separator: "\n")
    for list in lists {
      #expect(Set(list).count == list.count && list.count > 5)
    }
  }

  @Test("every code that the sources give is published")
  func sourcesArePublished() throws {
    let word = #""([a-z]+(?:_[a-z0-9]+)*)""#
    let labelled = try sources.matches(of: #"\bcode: "# + word)
    let reported = try sources.matches(of: #"\breport\(\s*"# + word)
    let chosen =
      try sources.matches(of: #"(?:tooFew|isRagged) \? "# + word)
      + sources.matches(of: #"(?:tooFew|isRagged) \? "\w+" : "# + word)
    let listed = try sources.matches(of: #"(var code: String \{(?:[^}]|\}(?=[^\n]*"))*\n? *\})"#)
      .flatMap { try $0.matches(of: word) }
    #expect(labelled.count > 15 && reported.count > 20 && chosen.count > 3 && listed.count > 50)
    let given = Set(labelled + reported + chosen + listed).union(Self.composed)
    #expect(given.subtracting(Self.unpublished).subtracting(published) == [])
  }

  @Test("every published code stands in the sources")
  func publishedIsInSources() throws {
    let words = Set(try sources.matches(of: #""([a-z_0-9]+)""#))
    #expect(published.subtracting(words).subtracting(Self.composed) == [])
    for prefix in ["missing", "unknown"] {
      #expect(sources.contains("\"\(prefix)_\\(kind)\""))
    }
  }
}
