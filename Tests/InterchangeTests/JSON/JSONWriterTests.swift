import Interchange
import NeuralNetwork
import Testing

@Suite("JSONWriter")
struct JSONWriterTests {
  @Test("writes each kind of value without a space", arguments: compact)
  func writesCompact(value: JSONValue, text: String) {
    #expect(String(decoding: JSONWriter.write(value), as: UTF8.self) == text)
  }

  @Test("writes for people: two spaces a level, a row of numbers on a line")
  func writesPretty() {
    let value = JSONValue.object([
      .init("name", .string("disc")), .init("none", .object([])), .init("empty", .array([])),
      .init("ids", .array([.integer(1), .number(2.5)])),
      .init("list", .array([.string("a"), .integer(1)])),
      .init("rows", .tensor(Tensor(shape: [2, 2], elements: [1, 2, 3, 4]))),
      .init("row", .tensor(Tensor(shape: [2], elements: [0.1, .nan]))),
    ])
    let text = """
      {
        "name": "disc",
        "none": {},
        "empty": [],
        "ids": [1, 2.5],
        "list": [
          "a",
          1
        ],
        "rows": [
          [1.0, 2.0],
          [3.0, 4.0]
        ],
        "row": [0.1, null]
      }
      """
    #expect(String(decoding: JSONWriter.write(value, layout: .pretty), as: UTF8.self) == text)
  }

  @Test("what it writes reads back the same", arguments: [JSONWriter.Layout.compact, .pretty])
  func roundTrip(layout: JSONWriter.Layout) throws {
    let text =
      #"{"b":[[1.5,-2e-7],[3.4028235e38,1e-45]],"a":[true,null,1e300,"\u0001\"é😀"],"n":-7}"#
    let value = try JSONReader.read(Array(text.utf8)) { $0 == ["b"] }
    let again = try JSONReader.read(JSONWriter.write(value, layout: layout)) { $0 == ["b"] }
    #expect(again == value)
  }

  @Test("every float of a sample reads back bit-equal")
  func floatsRoundTrip() throws {
    let bits = stride(from: UInt32(0), to: 0x7f80_0000, by: 99_991)
    let elements = bits.flatMap { [Float(bitPattern: $0), -Float(bitPattern: $0)] }
    let tensor = Tensor(shape: [elements.count], elements: elements)
    let value = try JSONReader.read(JSONWriter.write(.tensor(tensor))) { _ in true }
    guard case .tensor(let read) = value else {
      Issue.record("no tensor")
      return
    }
    #expect(read.elements.map(\.bitPattern) == elements.map(\.bitPattern))
  }

  static let compact: [(JSONValue, String)] = [
    (.null, "null"), (.bool(true), "true"), (.bool(false), "false"),
    (.integer(.min), "-9223372036854775808"), (.integer(.max), "9223372036854775807"),
    (.number(0.1), "0.1"), (.number(1), "1.0"), (.number(-0.0), "-0.0"), (.number(1e300), "1e+300"),
    (.number(.nan), "null"), (.number(.infinity), "null"), (.number(-.infinity), "null"),
    (
      .string("a/b\"\\\u{8}\u{c}\n\r\t\0\u{1f}\u{7f}é😀"),
      #""a/b\"\\\b\f\n\r\t\u0000\u001f"# + "\u{7f}é😀\""
    ),
    (.array([]), "[]"), (.array([.integer(1), .array([.null])]), "[1,[null]]"), (.object([]), "{}"),
    (.object([.init("b\n", .integer(1)), .init("a", .object([]))]), #"{"b\n":1,"a":{}}"#),
    (.tensor(Tensor(shape: [], elements: [0.1])), "0.1"),
    (.tensor(Tensor(shape: [3], elements: [0.1, .infinity, -2])), "[0.1,null,-2.0]"),
    (.tensor(Tensor(shape: [2, 1, 2], elements: [1, 2, 3, 4])), "[[[1.0,2.0]],[[3.0,4.0]]]"),
    (.tensor(Tensor(shape: [0], elements: [])), "[]"),
    (.tensor(Tensor(shape: [2, 0], elements: [])), "[[],[]]"),
    (.tensor(Tensor(shape: [0, 3], elements: [])), "[]"),
    (.malformedTensor(.init(path: [], code: "ragged_rows", detail: "")), "null"),
  ]
}
