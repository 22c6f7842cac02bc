import Interchange
import NeuralNetwork
import Testing

@Suite("JSONLimits")
struct JSONLimitsTests {
  @Test("the defaults are those that are documented")
  func defaults() {
    let limits = JSONLimits()
    #expect(limits.depthMax == 64)
    #expect(limits.membersMax == 10_000)
    #expect(limits.stringBytesMax == 1_048_576)
    #expect(limits.numberBytesMax == 1_024)
    #expect(limits.valuesMax == 1_000_000)
    #expect(limits.tensorDepthMax == 8)
  }

  @Test("arrays within each other", arguments: -1...1)
  func depth(beyond: Int) throws {
    let count = JSONLimits().depthMax + beyond
    let text = String(repeating: "[", count: count) + String(repeating: "]", count: count)
    try check(
      text, beyond, .tooDeep(limit: 64), "too_deep",
      "expected at most 64 arrays and objects within each other but found more")
  }

  @Test("objects within each other", arguments: -1...1)
  func objectDepth(beyond: Int) throws {
    let count = JSONLimits().depthMax + beyond
    let text =
      String(repeating: #"{"a":"#, count: count) + "1" + String(repeating: "}", count: count)
    try check(
      text, beyond, .tooDeep(limit: 64), "too_deep",
      "expected at most 64 arrays and objects within each other but found more")
  }

  @Test("members of an object", arguments: -1...1)
  func members(beyond: Int) throws {
    let count = JSONLimits().membersMax + beyond
    let text = "{" + (0..<count).map { #""\#($0)":0"# }.joined(separator: ",") + "}"
    try check(
      text, beyond, .tooManyMembers(limit: 10_000), "too_many_members",
      "expected at most 10000 members in an object but found more")
  }

  @Test("bytes of a string, escapes undone", arguments: -1...1)
  func stringBytes(beyond: Int) throws {
    let count = JSONLimits().stringBytesMax + beyond
    let text =
      #""\u0041"# + String(repeating: "é", count: (count - 1) / 2)
      + String(repeating: "x", count: (count - 1) % 2) + "\""
    try check(
      text, beyond, .stringTooLong(limit: 1_048_576), "string_too_long",
      "expected strings of at most 1048576 bytes but found a longer one")
  }

  @Test("bytes of a number, within a tensor too", arguments: -1...1, [true, false])
  func numberBytes(beyond: Int, isTensor: Bool) throws {
    let count = JSONLimits().numberBytesMax + beyond
    let text = "[0." + String(repeating: "1", count: count - 2) + "]"
    try check(
      text, beyond, .numberTooLong(limit: 1_024), "number_too_long",
      "expected numbers of at most 1024 bytes but found a longer one", isTensor: isTensor)
  }

  @Test("values in a document", arguments: -1...1)
  func values(beyond: Int) throws {
    let count = JSONLimits().valuesMax + beyond
    let text = "[" + String(repeating: "0,", count: count - 2) + "0]"
    try check(
      text, beyond, .tooManyValues(limit: 1_000_000), "too_many_values",
      "expected at most 1000000 values in a document but found more")
  }

  @Test(
    "entries of tensors, good or malformed, are not counted as values", arguments: ["0", "null"])
  func entriesOfTensorsAreNoValues(last: String) throws {
    let text = "[" + String(repeating: "0,", count: 20) + last + "]"
    let value = try JSONReader.read(Array(text.utf8), limits: JSONLimits(valuesMax: 1)) { _ in true
    }
    if case .array = value { Issue.record("read as an array") }
  }

  @Test("dimensions of a tensor", arguments: -1...1)
  func tensorDepth(beyond: Int) throws {
    let count = JSONLimits().tensorDepthMax + beyond
    let text = String(repeating: "[", count: count) + "1" + String(repeating: "]", count: count)
    let value = try JSONReader.read(Array(text.utf8)) { _ in true }
    if beyond <= 0 {
      let shape = [Int](repeating: 1, count: count)
      #expect(value == .tensor(Tensor(shape: shape, elements: [1])))
    } else {
      let fault = JSONValue.TensorFault(
        path: [0, 0, 0, 0, 0, 0, 0, 0], code: "too_deep",
        detail: "entry [0][0][0][0][0][0][0][0] is an array within 8 others,"
          + " but a tensor has at most 8 dimensions")
      #expect(value == .malformedTensor(fault))
    }
  }

  @Test(
    "a number beyond the range of 64-bit floats", arguments: ["1e309", "-1e309", "1e99999999999"])
  func numberTooLarge(text: String) {
    let error = #expect(throws: JSONError.self) { try JSONReader.read(Array("[\(text)]".utf8)) }
    #expect(error == JSONError(.numberTooLarge, offset: 1, path: [0]))
    #expect(error?.code == "number_too_large")
    #expect(error?.isBroken == false)
    #expect(
      error?.message
        == "expected a number within the range of a 64-bit float but found a larger one")
  }

  private func check(
    _ text: String, _ beyond: Int, _ problem: JSONError.Problem, _ code: String, _ message: String,
    isTensor: Bool = false
  ) throws {
    let bytes = Array(text.utf8)
    guard beyond > 0 else {
      #expect(throws: Never.self) { try JSONReader.read(bytes) { _ in isTensor } }
      return
    }
    let error = #expect(throws: JSONError.self) { try JSONReader.read(bytes) { _ in isTensor } }
    #expect(error?.problem == problem)
    #expect(error?.code == code)
    #expect(error?.message == message)
    #expect(error?.isBroken == false)
  }
}
