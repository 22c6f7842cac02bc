import Interchange
import NeuralNetwork
import Testing

@Suite("JSONReader: text")
struct JSONReaderTextTests {
  @Test(
    "refuses bytes that are not UTF-8, at the first byte that no text has there",
    arguments: [
      ([0x80], 1, "80"), ([0xc0, 0x80], 1, "C0"), ([0xc1, 0xbf], 1, "C1"), ([0xff], 1, "FF"),
      ([0xe0, 0x9f, 0xbf], 2, "9F"), ([0xed, 0xa0, 0x80], 2, "A0"),
      ([0xf0, 0x8f, 0xbf, 0xbf], 2, "8F"), ([0xf4, 0x90, 0x80, 0x80], 2, "90"),
      ([0xf5, 0x80, 0x80, 0x80], 1, "F5"), ([0xc3, 0x28], 2, "28"), ([0xe2, 0x82, 0x28], 3, "28"),
      ([0xf0, 0x9f, 0x98, 0x28], 4, "28"),
    ] as [([UInt8], Int, String)])
  func refusesInvalidUTF8(bytes: [UInt8], offset: Int, found: String) {
    let quote = UInt8(ascii: "\"")
    let error = #expect(throws: JSONError.self) { try JSONReader.read([quote] + bytes + [quote]) }
    let name = found == "28" ? "'('" : "byte 0x\(found)"
    #expect(error?.message == "expected UTF-8 text but found \(name)")
    #expect(error?.offset == offset)
    #expect(error?.code == "invalid_utf8")
    #expect(error?.isBroken == true)
  }

  @Test("reads every scalar value as itself and by its escapes")
  func readsEveryScalar() throws {
    var scalars = String.UnicodeScalarView()
    var escapes = ""
    for value in stride(from: 0x20 as UInt32, through: 0x10_ffff, by: 1) {
      guard value % 97 == 0 || value > 0x10_fff0 || value < 0x900 || (0xd7f0...0xe010) ~= value,
        let scalar = Unicode.Scalar(value), scalar != "\"", scalar != "\\"
      else { continue }
      scalars.append(scalar)
      for unit in UTF16.encode(scalar)?.map({ $0 }) ?? [] {
        let digits = String(unit, radix: 16)
        escapes += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    let text = String(scalars)
    let limits = JSONLimits(stringBytesMax: 1 << 22)
    let plain = try JSONReader.read(Array("\"\(text)\"".utf8), limits: limits)
    let escaped = try JSONReader.read(Array("\"\(escapes)\"".utf8), limits: limits)
    #expect(plain == .string(text))
    #expect(escaped == .string(text))
  }

  @Test(
    "refuses half a surrogate pair, at its backslash",
    arguments: [
      (#""\ud83d""#, "d83d"), (#""\ude00\ud83d""#, "de00"), (#""\ud83d\n""#, "d83d"),
      (#""\ud83d\u0041""#, "d83d"), (#""\ud83dx""#, "d83d"), (#""\uD83D\uD83D""#, "d83d"),
    ])
  func refusesLoneSurrogate(text: String, unit: String) {
    let error = #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8)) }
    #expect(error?.message == "expected a pair of surrogates but found \\u\(unit) alone")
    #expect(error?.code == "lone_surrogate")
    #expect(error?.offset == 1)
    #expect(error?.isBroken == true)
  }

  @Test("refuses a member name that occurs twice, however it is written")
  func refusesDuplicateKey() {
    let text = #"{"a":{"x/y":1,"b":2,"x\u002fy":3}}"#
    let error = #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8)) }
    #expect(error == JSONError(.duplicateKey("x/y"), offset: 20, path: ["a", "x/y"]))
    #expect(error?.message == #"expected member names that differ but found "x/y" twice"#)
    #expect(error?.pointer == "#/a/x~1y")
    #expect(error?.code == "duplicate_key")
    #expect(error?.isBroken == false)
    #expect(
      error?.description
        == #"expected member names that differ but found "x/y" twice, at byte 20 in #/a/x~1y"#)
  }

  @Test("the same name in different objects is no duplicate")
  func allowsEqualNamesApart() {
    let text = #"[{"a":1},{"a":{"a":2}}]"#
    #expect(throws: Never.self) { try JSONReader.read(Array(text.utf8)) }
  }
}
