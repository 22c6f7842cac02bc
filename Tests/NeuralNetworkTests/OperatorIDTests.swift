import NeuralNetwork
import Testing

@Suite("Operator ids")
struct OperatorIDTests {
  @Test("sort numbers by value before words by characters, leading zeros after none")
  func order() {
    let sorted = [
      "0", "00", "1", "01", "001", "2", "9", "10", "99999999999999999999", "100000000000000000000",
      "-1", "1a", "A", "B", "_", "a", "a.b", "a1", "ab",
    ]
    let ids = sorted.compactMap { OperatorID($0) }
    for (left, smaller) in ids.enumerated() {
      for (right, greater) in ids.enumerated() {
        #expect((smaller < greater) == (left < right), "\(smaller) < \(greater)")
      }
    }
    #expect(ids.map(\.description) == sorted)
  }

  @Test(
    "accept 1 to 64 letters, digits, _, - and .",
    arguments: [
      "1", "Az09_-.", String(repeating: "x", count: 63), String(repeating: "x", count: 64),
    ]
  )
  func accepted(text: String) {
    #expect(OperatorID(text)?.description == text)
  }

  @Test(
    "refuse everything else",
    arguments: ["", String(repeating: "x", count: 65), "a b", "a/b", "\u{e9}", "a\n", "1,2", "a:b"])
  func refused(text: String) {
    #expect(OperatorID(text) == nil)
  }
}
