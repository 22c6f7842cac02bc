/// One fault of what a client wrote: where it stands, a code for programs, a sentence for people.
package struct ConfigurationIssue: Error, Hashable, Sendable {
  /// An RFC 6901 JSON pointer in its fragment form, `#/network/operators/4/in_features`.
  package let pointer: String

  /// A stable identifier for programs; published in `openapi.yaml`.
  package let code: String

  /// One sentence: the thing at fault, what it needs, what it was given, the way out.
  package let detail: String

  package init(pointer: String, code: String, detail: String) {
    self.pointer = pointer
    self.code = code
    self.detail = detail
  }
}
