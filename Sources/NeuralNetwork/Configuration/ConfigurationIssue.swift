/// One fault of what a client wrote: where it stands, a code for programs, a sentence for people.
package struct ConfigurationIssue: Error, Hashable, Sendable {
  /// An RFC 6901 JSON pointer in its fragment form, `#/network/operators/4/in_features`.
  package let pointer: String

  /// A stable identifier for programs; published in `openapi.yaml`.
  package let code: String

  /// One sentence: the thing at fault, what it needs, what it was given, the way out.
  package let detail: String

  /// The most faults that are told at once.
  package static let toldMax = 100

  package init(pointer: String, code: String, detail: String) {
    self.pointer = pointer
    self.code = code
    self.detail = detail
  }
}

extension [ConfigurationIssue] {
  /// Adds a fault, unless ``ConfigurationIssue/toldMax`` are told already.
  ///
  /// The first that is too many stands as `too_many_faults` at the end; nothing comes behind it.
  package mutating func tell(_ issue: @autoclosure () -> ConfigurationIssue) {
    guard !isComplete else { return }
    guard count < ConfigurationIssue.toldMax else {
      append(
        ConfigurationIssue(
          pointer: JSONPath.root.description, code: "too_many_faults",
          detail: "more than \(ConfigurationIssue.toldMax) faults; mend these first"))
      return
    }
    append(issue())
  }

  /// Adds faults as long as there are not too many.
  package mutating func tell(contentsOf issues: some Sequence<ConfigurationIssue>) {
    for issue in issues {
      guard !isComplete else { return }
      tell(issue)
    }
  }

  /// Whether it ends with the notice that there are too many.
  private var isComplete: Bool { last?.code == "too_many_faults" }
}

extension [String] {
  /// The names for a message: at most ten of them, and how many more there are.
  package func listed(by separator: String = ", ") -> String {
    let namesMax = 10
    let list = prefix(namesMax).joined(separator: separator)
    return count > namesMax ? "\(list), …, and \(count - namesMax) more" : list
  }
}
