import NeuralNetwork
import TestSupport
import Testing

@Suite("Configuration reader")
struct ConfigurationReaderTests {
  /// Reads one member `m` and gives the one fault that this finds.
  private func fault(
    of value: JSONValue?, _ read: (inout ConfigurationReader) -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ConfigurationIssue {
    var reader = reader(value.map { [.init("m", $0)] } ?? [])
    read(&reader)
    let issues = reader.finish()
    #expect(issues.count == 1, sourceLocation: sourceLocation)
    return try #require(issues.first, sourceLocation: sourceLocation)
  }

  static let wrongIntegers: [(JSONValue, String)] = [
    (.integer(0), "0"), (.integer(11), "11"), (.number(1.5), "1.5"), (.number(3), "3.0"),
    (.string("3"), "\"3\""), (.bool(true), "true"), (.array([.integer(1)]), "an array"),
    (.object([]), "an object"),
    (.tensor(Tensor(shape: [2], elements: [1, 2])), "an array of numbers of shape [2]"),
    (.string(String(repeating: "y", count: 65)), "\"\(String(repeating: "y", count: 64))\""),
  ]

  @Test("says what an integer must be and what it is", arguments: wrongIntegers)
  func wrongInteger(value: JSONValue, written: String) throws {
    let fault = try fault(of: value) { #expect($0.integer("m", in: 1...10) == nil) }
    #expect(
      fault
        == ConfigurationIssue(
          pointer: "#/m", code: "invalid_value",
          detail: "m of test must be an integer from 1 to 10, but is \(written)"))
  }

  @Test("accepts integers to both ends of the range", arguments: [1, 2, 9, 10])
  func integersInRange(value: Int) {
    var reader = reader([.init("m", .integer(value))])
    #expect(reader.integer("m", in: 1...10) == value)
    #expect(reader.finish() == [])
  }

  static let wrongNumbers: [(JSONValue, String)] = [
    (.number(-0.1), "-0.1"), (.integer(2), "2"), (.number(.nan), "nan"), (.string("1"), "\"1\""),
  ]

  @Test("says what a number must be and what it is", arguments: wrongNumbers)
  func wrongNumber(value: JSONValue, written: String) throws {
    let fault = try fault(of: value) { #expect($0.number("m", in: 0...1.5) == nil) }
    #expect(
      fault
        == ConfigurationIssue(
          pointer: "#/m", code: "invalid_value",
          detail: "m of test must be a number from 0 to 1.5, but is \(written)"))
  }

  @Test("accepts numbers written with and without a fraction")
  func numbersInRange() {
    var reader = reader([.init("a", .integer(1)), .init("b", .number(1.5))])
    #expect(reader.number("a", in: 0...1.5) == 1)
    #expect(reader.number("b", in: 0...1.5) == 1.5)
    #expect(reader.finish() == [])
  }

  @Test("says what a truth value must be and what it is")
  func wrongBool() throws {
    let fault = try fault(of: .integer(1)) { #expect($0.bool("m") == nil) }
    #expect(
      fault
        == ConfigurationIssue(
          pointer: "#/m", code: "invalid_value",
          detail: "m of test must be true or false, but is 1"))
  }

  @Test(
    "counts a string's characters as Unicode scalars", arguments: ["", "abcd", "e\u{301}e\u{301}"])
  func wrongString(text: String) throws {
    let fault = try fault(of: .string(text)) { #expect($0.string("m", lengths: 1...3) == nil) }
    #expect(
      fault
        == ConfigurationIssue(
          pointer: "#/m", code: "invalid_value",
          detail: "m of test must be a string of 1 to 3 characters, but is \"\(text)\""))
  }

  @Test("says which choices there are")
  func wrongChoice() throws {
    let fault = try fault(of: .string("c")) { #expect($0.choice("m", of: ["a", "b"]) == nil) }
    #expect(
      fault
        == ConfigurationIssue(
          pointer: "#/m", code: "unknown_choice",
          detail: "m of test must be one of \"a\", \"b\", but is \"c\""))
  }

  @Test("says that a tensor must be one")
  func wrongTensor() throws {
    let fault = try fault(of: .integer(1)) { #expect($0.tensor("m") == nil) }
    #expect(
      fault
        == ConfigurationIssue(
          pointer: "#/m", code: "invalid_value",
          detail: "m of test must be an array of numbers, but is 1"))
  }

  @Test("points at the entry that keeps an array from being a tensor")
  func malformedTensor() throws {
    let cause = JSONValue.TensorFault(
      path: [2, 0], code: "ragged_rows", detail: "row 2 has 1 entry, row 0 has 3")
    let fault = try fault(of: .malformedTensor(cause)) { #expect($0.tensor("m") == nil) }
    #expect(
      fault
        == ConfigurationIssue(
          pointer: "#/m/2/0", code: "ragged_rows",
          detail: "m of test: row 2 has 1 entry, row 0 has 3"))
  }

  @Test("a tensor of one member is asked for once")
  func tensorIsKnownOnce() throws {
    let fault = try fault(of: .integer(1)) { _ = $0.tensor("weight") }
    #expect(fault.detail == "test has no member \"m\"; it takes weight")
  }

  @Test("tells a required member that is absent or null", arguments: [nil, JSONValue.null])
  func missingMember(value: JSONValue?) throws {
    let fault = try fault(of: value) { #expect($0.integer("m", in: 1...2, required: true) == nil) }
    #expect(
      fault
        == ConfigurationIssue(
          pointer: "#/m", code: "missing_member", detail: "test needs m, an integer from 1 to 2"))
  }

  @Test("an optional member may be absent or null", arguments: [nil, JSONValue.null])
  func absentMember(value: JSONValue?) {
    var reader = reader(value.map { [.init("m", $0)] } ?? [])
    #expect(reader.number("m", in: 0...1) == nil)
    #expect(reader.string("m", lengths: 0...1) == nil)
    #expect(reader.finish() == [])
  }

  @Test("tells every member that nobody asked for, in the document's order")
  func unknownMembers() {
    var reader = reader([
      .init("z", .integer(1)), .init("b", .integer(1)), .init("x/y~", .null),
      .init("a", .integer(1)),
    ])
    _ = reader.integer("b", in: 0...1)
    _ = reader.integer("a", in: 0...1)
    #expect(
      reader.finish() == [
        ConfigurationIssue(
          pointer: "#/z", code: "unknown_member",
          detail: "test has no member \"z\"; it takes a, b"),
        ConfigurationIssue(
          pointer: "#/x~1y~0", code: "unknown_member",
          detail: "test has no member \"x/y~\"; it takes a, b"),
      ])
  }

  @Test("reads objects of very many members at once", .timeLimit(.minutes(1)))
  func manyMembers() {
    let names = (0..<100_000).map { "m\($0)" }
    let members = names.map { JSONValue.Member($0, .integer(1)) }
    var named = reader(members)
    for name in names { _ = named.integer(name, in: 1...1) }
    #expect(named.finish() == [])
    var all = reader(members)
    #expect(all.allMembers().count == names.count)
    #expect(all.finish() == [])
  }

  @Test("tells at most 100 faults, however deep, and at the end that there are more")
  func manyFaults() {
    let names = (0..<200).map { "m\($0)" }
    var outer = reader(names.map { .init($0, .integer(1)) })
    for name in names.prefix(40) { outer.report("own", member: name, "text") }
    outer.append(reader(names.map { .init($0, .integer(1)) }).finish())
    let notice = ConfigurationIssue(
      pointer: "#", code: "too_many_faults", detail: "more than 100 faults; mend these first")
    let codes = Array(repeating: "own", count: 40) + Array(repeating: "unknown_member", count: 60)
    #expect(outer.issues.map(\.code) == codes + ["too_many_faults"])
    let issues = outer.finish()
    #expect(issues.count == 101)
    #expect(issues.last == notice)
  }

  @Test("the notice of too many faults stays the last")
  func noticeIsLast() {
    var faults: [ConfigurationIssue] = []
    faults.tell(ConfigurationIssue(pointer: "#", code: "too_many_faults", detail: "text"))
    faults.tell(ConfigurationIssue(pointer: "#", code: "own", detail: "text"))
    #expect(faults.map(\.code) == ["too_many_faults"])
  }

  @Test(
    "lists at most ten names and counts the others",
    arguments: [
      (0, ""), (1, "1"), (10, "1, 2, 3, 4, 5, 6, 7, 8, 9, 10"),
      (11, "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …, and 1 more"),
    ])
  func listedNames(count: Int, list: String) {
    #expect((0..<count).map { "\($0 + 1)" }.listed() == list)
  }

  @Test("an object that takes no members says so")
  func takesNone() {
    #expect(
      reader([.init("a", .null)]).finish() == [
        ConfigurationIssue(
          pointer: "#/a", code: "unknown_member",
          detail: "test has no member \"a\"; it takes none")
      ])
  }

  @Test("something else than an object is told once and reads as empty")
  func notAnObject() {
    var reader = ConfigurationReader(
      .integer(3), subject: "training", pointer: .root.member("training"))
    #expect(reader.integer("m", in: 0...1) == nil)
    #expect(!reader.has("m"))
    #expect(
      reader.finish() == [
        ConfigurationIssue(
          pointer: "#/training", code: "wrong_type",
          detail: "training must be an object, but is 3")
      ])
  }

  @Test("faults come in the order of asking, those of parts where they are appended")
  func order() {
    var reader = reader([.init("a", .integer(9)), .init("b", .integer(9))])
    _ = reader.integer("b", in: 0...1)
    reader.append([ConfigurationIssue(pointer: "#/p", code: "c", detail: "d")])
    reader.report("own", member: "a", "text")
    _ = reader.integer("a", in: 0...1)
    #expect(reader.issues.map(\.pointer) == ["#/b", "#/p", "#/a", "#/a"])
    #expect(reader.issues.map(\.code) == ["invalid_value", "c", "own", "invalid_value"])
  }
}
