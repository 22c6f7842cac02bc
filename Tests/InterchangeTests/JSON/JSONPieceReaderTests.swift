import Interchange
import NeuralNetwork
import TestSupport
import Testing

@Suite("JSONPieceReader")
struct JSONPieceReaderTests {
  @Test("reads the same however a document is cut", arguments: JSONReaderGrammarTests.accepted)
  func readsPieces(text: String, value: JSONValue) {
    #expect(readInEveryWay(Array(text.utf8)) == .success(value))
  }

  @Test("finds the same fault however a document is cut", arguments: JSONReaderGrammarTests.broken)
  func refusesPieces(text: String, offset: Int, pointer: String, message: String) throws {
    let error = #expect(throws: JSONError.self) { try readInEveryWay(Array(text.utf8)).get() }
    #expect(error?.offset == offset)
    #expect(error?.pointer == pointer)
    #expect(error?.message == message)
  }

  @Test(
    "reads tensors, malformed ones and what surrounds them the same however they are cut",
    arguments: [
      "[[1.5,-2e-7],[0.25,1234567890123456789012345]]", "[ [ 1 , 2 ] , [ 3 , 4 ] ]", "[[[]],[[]]]",
      "[[1,2],[3]]", "[[1,2],3,[4]]", "[[],[1]]", #"[1,{"a":["b",{}],"c":null},2]"#, "[1,1e39,2]",
      "[[1],[null,[]],[]]", "[[[[[[[[[1]]]]]]]]]", "[0.1,0.2,true]", "[1,]", "[[1,2],[3,04]]",
      "[[1,2],[3 4]]", "[[1],[2]", "[1,2}", #"[[1],["\ud800"]]"#, "[1.,2]", "[-]", "[1e]", "[,1]",
      "[[1,2],[3,1e39],[5x]]", "[]", "[12345678", "[1,2,[", "[1,2,", "[1234567.",
    ])
  func readsTensorPieces(text: String) {
    let document = Array(#"{"x":\#(text),"y":[[12345678,9],[1.25,2]]}"#.utf8)
    switch readInEveryWay(document, tensorsAt: { $0 == ["x"] || $0 == ["y"] }) {
    case .success(let value):
      let rest = Tensor(shape: [2, 2], elements: [12_345_678, 9, 1.25, 2])
      #expect(value["y"] == .tensor(rest))
    case .failure(let error):
      #expect(error.isBroken)
      #expect(error.pointer.hasPrefix("#/x"))
    }
  }

  @Test("keeps to every limit however a document is cut, and however it goes on", arguments: 0...3)
  func keepsLimits(length: Int) {
    let limits = JSONLimits(
      depthMax: 2, membersMax: 2, stringBytesMax: 2, numberBytesMax: 2, valuesMax: 4)
    for isTensor in [false, true] {
      for text in Self.texts(length: length) {
        let outcome = readInEveryWay(Array(text.utf8), limits: limits) { _ in isTensor }
        if case .success = outcome { #expect(length <= 2, "\(text)") }
      }
    }
  }

  /// Documents with `length` of something.
  private static func texts(length: Int) -> [String] {
    let digits = String(repeating: "1", count: length)
    let members = (0..<length).map { "\"\($0)\":0" }.joined(separator: ",")
    return [
      String(repeating: "[", count: length) + "1" + String(repeating: "]", count: length),
      String(repeating: "[", count: length) + "{" + String(repeating: "]", count: length),
      "{\(members)}", "[\(digits)]", "[\(digits)", digits, "[-\(digits.dropFirst())]",
      "[\(digits)x", "\"\(digits)\"", "\"\(digits)", "\"\(digits)\\q", "\"\(digits)\u{1}",
      "{\"\(digits)\":1}", "\"" + String(repeating: "\\n", count: length) + "\"",
    ]
  }

  @Test(
    "mutilated documents have one outcome however they are cut", arguments: [1, 2, 3] as [Int])
  func mutilated(seed: Int) {
    var generator = SeededRandom(seed: seed)
    let text = #"{"a":[[1.5e3,-2],[0,4]],"é":[true,{"b":"\ud83d\ude00\n"}],"x":[[1],[2]]}"#
    let inserted = Array(#"[]{},:"\0123456789.-eE truefalsn"#.utf8) + [0xc3, 0xa9, 0xf0, 0x00]
    for _ in 0..<300 {
      var bytes = Array(text.utf8)
      for _ in 0..<generator.int(1...3) {
        let place = generator.int(0...bytes.count - 1)
        switch generator.int(0...2) {
        case 0: bytes[place] = generator.pick(inserted)
        case 1: bytes.insert(generator.pick(inserted), at: place)
        default: bytes.remove(at: place)
        }
      }
      _ = readInEveryWay(bytes) { $0 == ["a"] || $0 == ["x"] }
    }
  }

  @Test("a string in many pieces is read once")
  func readsLongStrings() {
    let text = String(repeating: "é\\n\\ud83d\\ude00x", count: 5_000)
    let bytes = Array("\"\(text)\"".utf8)
    let value = String(repeating: "é\n😀x", count: 5_000)
    #expect(read(bytes, cutAt: Array(bytes.indices)) == .success(.string(value)))
  }

  @Test("an error is told again by whatever follows")
  func staysFailed() throws {
    var reader = JSONPieceReader()
    let first = #expect(throws: JSONError.self) { try reader.consume(Array("[1,}".utf8)) }
    let second = #expect(throws: JSONError.self) { try reader.consume(Array("2]".utf8)) }
    let third = #expect(throws: JSONError.self) { try reader.finish() }
    #expect(first == JSONError(.unexpected(found: 0x7d, expected: .value), offset: 3, path: [1]))
    #expect(second == first)
    #expect(third == first)
  }

  @Test("can be moved to another thread between pieces")
  func moves() async throws {
    var reader = JSONPieceReader { _ in true }
    try reader.consume(Array("[1,2".utf8))
    let moved = reader
    let value = try await Task.detached {
      var reader = moved
      try reader.consume(Array("3]".utf8))
      return try reader.finish()
    }.value
    #expect(value == .tensor(Tensor(shape: [2], elements: [1, 23])))
  }
}
