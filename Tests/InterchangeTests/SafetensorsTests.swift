import Interchange
import NeuralNetwork
import TestSupport
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
  /// A file by hand: the header's length, the header, the numbers.
  private static func file(_ header: String, _ numbers: [UInt8] = []) -> [UInt8] {
    let length = UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
      + numbers
  }

  @Test("writes length, header padded to eight bytes, and little-endian numbers")
  func bytes() {
    let header =
      #"{"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#
    #expect(header.utf8.count == 110)
    // 1 is 0x3F800000, -2 is 0xC0000000, 0.5 is 0x3F000000.
    let numbers: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F]
    #expect(
      Safetensors.write([
        Safetensors.Entry("a", Tensor(shape: [1, 2], elements: [1, -2])),
        Safetensors.Entry("b", Tensor(shape: [1], elements: [0.5])),
      ]) == Self.file(header + "  ", numbers))
  }

  @Test("what was written is read back, to the bit, in its order", arguments: 1...20)
  func roundTrip(seed: Int) throws {
    var random = SeededRandom(seed: seed)
    let entries = (0..<random.int(0...4)).map { index in
      let shape = (0..<random.int(0...3)).map { _ in random.int(0...4) }
      let count = shape.reduce(1, *)
      return Safetensors.Entry(
        "train/inputs/\"\(index)\u{E4}",
        Tensor(shape: shape, elements: random.awkwardFloats(count)))
    }
    let bytes = Safetensors.write(entries)
    #expect((bytes.count - entries.reduce(0) { $0 + 4 * $1.tensor.elements.count }) % 8 == 0)
    let read = try Safetensors.read(bytes)
    #expect(read.map(\.name) == entries.map(\.name))
    #expect(read.map(\.tensor.shape) == entries.map(\.tensor.shape))
    for (left, right) in zip(read, entries) {
      #expect(
        left.tensor.elements.map(\.bitPattern) == right.tensor.elements.map(\.bitPattern))
    }
  }

  @Test("reads a file with metadata, blanks, and tensors in another order than their numbers")
  func foreignFile() throws {
    let header = """
      {"__metadata__": {"format": "pt"},
       "late": {"dtype": "F32", "shape": [], "data_offsets": [4, 8]},
       "early": {"data_offsets": [0, 4], "shape": [1], "dtype": "F32"}}
      """
    let read = try Safetensors.read(Self.file(header, [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]))
    #expect(
      read == [
        Safetensors.Entry("late", Tensor(shape: [], elements: [2])),
        Safetensors.Entry("early", Tensor(shape: [1], elements: [1])),
      ])
  }

  private func error(_ bytes: [UInt8]) -> SafetensorsError? {
    #expect(throws: SafetensorsError.self) { try Safetensors.read(bytes) }
  }

  @Test("every beginning of a file is refused, none ends the program")
  func truncated() throws {
    let whole = Safetensors.write([
      Safetensors.Entry("a", Tensor(shape: [2, 2], elements: [1, 2, 3, 4])),
      Safetensors.Entry("b", Tensor(shape: [1], elements: [5])),
    ])
    for count in whole.indices {
      #expect(throws: SafetensorsError.self, "\(count) bytes") {
        try Safetensors.read(Array(whole[..<count]))
      }
    }
  }

  @Test("a header that is longer than the file is refused", arguments: [0, 7, 8])
  func tooShort(count: Int) {
    let bytes = [UInt8](repeating: 0xFF, count: count)
    #expect(error(bytes) == .tooShort(bytes: count))
    #expect(
      SafetensorsError.tooShort(bytes: count).description
        == "the file has \(count) bytes, fewer than its header needs")
  }

  @Test("a header that is no object of tensors is refused")
  func header() {
    #expect(error(Self.file("[1]")) == .header("it is no object"))
    #expect(
      error(Self.file("{"))?.description.hasPrefix("the header cannot be read: expected ") == true)
    for value in [
      #"{"dtype": "F32", "shape": [1]}"#, #"{"dtype": "F32", "data_offsets": [0, 4]}"#,
      #"{"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}"#,
      #"{"dtype": "F32", "shape": [1.5], "data_offsets": [0, 4]}"#,
      #"{"dtype": "F32", "shape": [1], "data_offsets": [0]}"#,
      #"{"dtype": "F32", "shape": [1], "data_offsets": "0"}"#,
    ] {
      #expect(
        error(Self.file("{\"t\": \(value)}", [0, 0, 0, 0]))
          == .header("t has no shape or no data_offsets"), "\(value)")
    }
  }

  @Test("numbers of another type are refused", arguments: ["F16", "F64", "I32", "f32"])
  func otherType(type: String) {
    let header = #"{"t": {"dtype": "\#(type)", "shape": [1], "data_offsets": [0, 4]}}"#
    #expect(error(Self.file(header, [0, 0, 0, 0])) == .notFloat32(name: "t"))
    #expect(
      SafetensorsError.notFloat32(name: "t").description == "tensor t must be of dtype F32")
  }

  @Test("offsets that do not hold the shape's numbers, or lie beyond the file, are refused")
  func wrongLength() {
    for (shape, offsets) in [
      ("[2]", "[0, 4]"), ("[1]", "[0, 8]"), ("[1]", "[4, 0]"), ("[1]", "[-4, 0]"),
      ("[1]", "[8, 12]"), ("[3]", "[0, 12]"), ("[0]", "[0, 4]"),
      ("[9223372036854775807, 2]", "[0, 4]"), ("[4611686018427387904]", "[0, 0]"),
      ("[1]", "[9223372036854775803, 9223372036854775807]"),
    ] {
      let header = #"{"t": {"dtype": "F32", "shape": \#(shape), "data_offsets": \#(offsets)}}"#
      #expect(
        error(Self.file(header, [UInt8](repeating: 0, count: 8))) == .wrongLength(name: "t"),
        "\(shape) at \(offsets)")
    }
    #expect(
      SafetensorsError.wrongLength(name: "t").description
        == "tensor t must have four bytes within the file for each number of its shape")
  }
}
