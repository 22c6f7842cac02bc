import Interchange
import NeuralNetwork
import Testing

@Suite("JSONReader: grammar")
struct JSONReaderGrammarTests {
  @Test("reads what RFC 8259 allows", arguments: accepted)
  func reads(text: String, value: JSONValue) throws {
    #expect(try JSONReader.read(Array(text.utf8)) == value)
  }

  @Test(
    "refuses what RFC 8259 does not allow, saying what it expected and where", arguments: broken)
  func refuses(text: String, offset: Int, pointer: String, message: String) {
    let error = #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8)) }
    #expect(error?.message == message)
    #expect(error?.offset == offset)
    #expect(error?.pointer == pointer)
    #expect(error?.code == "invalid_json")
    #expect(error?.isBroken == true)
  }

  @Test("the tables above meet every expectation that the grammar has")
  func coversEveryExpectation() {
    for expectation in JSONError.Expectation.allCases {
      let start = "expected \(expectation.rawValue) but found"
      #expect(Self.broken.contains { $0.3.hasPrefix(start) }, "\(expectation)")
    }
  }

  @Test("refuses every document that ends too early, and reads the whole one")
  func refusesEveryPrefix() throws {
    let text = #"{"a":[[1.5e3,-2],[0,4]],"é":[true,null,"\ud83d\ude00\n"],"c":{}}"#
    let bytes = Array(text.utf8)
    for count in 0..<bytes.count {
      let error = #expect(throws: JSONError.self) {
        try JSONReader.read(Array(bytes[..<count])) { $0 == ["a"] }
      }
      #expect(error?.isBroken == true, "of the first \(count) bytes")
      // Half a surrogate pair is told at its own place.
      let offset = [47, 48].contains(count) ? 41 : count
      #expect(error?.offset == offset, "of the first \(count) bytes")
    }
    #expect(throws: Never.self) { try JSONReader.read(bytes) { $0 == ["a"] } }
  }

  @Test("never traps, whatever one byte is changed to")
  func survivesEveryChangedByte() throws {
    let bytes = Array(#"{"a":[[1.5e3,-2],[0,4]],"é":["\ud83d\ude00\n",1e999]}"#.utf8)
    for position in bytes.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = bytes
        changed[position] = byte
        _ = try? JSONReader.read(changed) { $0 == ["a"] }
      }
    }
  }

  @Test("a byte order mark is refused")
  func refusesByteOrderMark() {
    let error = #expect(throws: JSONError.self) { try JSONReader.read([0xef, 0xbb, 0xbf, 0x31]) }
    #expect(error?.message == "expected a value but found byte 0xEF")
  }

  static let accepted: [(String, JSONValue)] = [
    ("null", .null), ("true", .bool(true)), ("false", .bool(false)),
    ("0", .integer(0)), ("-0", .integer(0)), ("-12", .integer(-12)),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)),
    ("-9223372036854775809", .number(-9_223_372_036_854_775_808)),
    ("100000000000000000000000", .number(1e23)),
    ("1.0", .number(1)), ("-0.0", .number(-0.0)), ("1e2", .number(100)), ("1E+2", .number(100)),
    ("125e-3", .number(0.125)), ("0e0", .number(0)), ("0.1", .number(0.1)),
    ("4.9406564584124654e-324", .number(.leastNonzeroMagnitude)), ("1e-999", .number(0)),
    ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
    ("0.1234567890123456789012345678901234567890", .number(0.12345678901234568)),
    (#""""#, .string("")), (#""a b""#, .string("a b")), (#""/\/""#, .string("//")),
    (#""\"\\\b\f\n\r\t""#, .string("\"\\\u{8}\u{c}\n\r\t")),
    (#""\u00e9\u20AC\u0000x""#, .string("é€\0x")), (#""\ud83d\ude00""#, .string("😀")),
    (#""é€😀\#u{7f}""#, .string("é€😀\u{7f}")),
    ("[]", .array([])), ("[[],[ ]]", .array([.array([]), .array([])])),
    ("{}", .object([])), (" \t\r\n[ 1 , 2 ] \n", .array([.integer(1), .integer(2)])),
    (
      #"{ "b" : 1 , "a" : {"":null} }"#,
      .object([.init("b", .integer(1)), .init("a", .object([.init("", .null)]))])
    ),
  ]

  static let broken: [(String, Int, String, String)] = [
    ("", 0, "#", "expected a value but found the end of the document"),
    (" ", 1, "#", "expected a value but found the end of the document"),
    ("nul", 3, "#", "expected the word null but found the end of the document"),
    ("nulll", 4, "#", "expected nothing after the document but found 'l'"),
    ("True", 0, "#", "expected a value but found 'T'"),
    ("tru_", 3, "#", "expected the word true but found '_'"),
    ("falsy", 4, "#", "expected the word false but found 'y'"),
    ("NaN", 0, "#", "expected a value but found 'N'"),
    ("nan", 1, "#", "expected the word null but found 'a'"),
    ("Infinity", 0, "#", "expected a value but found 'I'"),
    ("-Infinity", 1, "#", "expected a digit but found 'I'"),
    ("+1", 0, "#", "expected a value but found '+'"),
    (".5", 0, "#", "expected a value but found '.'"),
    ("-", 1, "#", "expected a digit but found the end of the document"),
    ("01", 1, "#", "expected no digit after a leading zero but found '1'"),
    ("-00", 2, "#", "expected no digit after a leading zero but found '0'"),
    ("1.", 2, "#", "expected a digit after '.' but found the end of the document"),
    ("1.e1", 2, "#", "expected a digit after '.' but found 'e'"),
    ("1e", 2, "#", "expected a digit in the exponent but found the end of the document"),
    ("1e+-1", 3, "#", "expected a digit in the exponent but found '-'"),
    ("0x1", 1, "#", "expected nothing after the document but found 'x'"),
    ("1 2", 2, "#", "expected nothing after the document but found '2'"),
    ("1\0", 1, "#", "expected nothing after the document but found byte 0x00"),
    ("[] []", 3, "#", "expected nothing after the document but found '['"),
    ("[1,]", 3, "#/1", "expected a value but found ']'"),
    ("[,1]", 1, "#/0", "expected a value but found ','"),
    ("[1 2]", 3, "#", "expected ',' or ']' after the entry but found '2'"),
    ("[1}", 2, "#", "expected ',' or ']' after the entry but found '}'"),
    ("[1", 2, "#", "expected ',' or ']' after the entry but found the end of the document"),
    ("[1//x\n]", 2, "#", "expected ',' or ']' after the entry but found '/'"),
    ("{1:2}", 1, "#", "expected a member name in quotes or '}' but found '1'"),
    ("{'a':1}", 1, "#", "expected a member name in quotes or '}' but found '''"),
    (#"{"a":1,}"#, 7, "#", "expected a member name in quotes but found '}'"),
    (#"{"a" 1}"#, 5, "#/a", "expected ':' after the member name but found '1'"),
    (#"{"a":}"#, 5, "#/a", "expected a value but found '}'"),
    (#"{"a":1"b":2}"#, 6, "#", "expected ',' or '}' after the member but found '\"'"),
    (#"{"a":[0,{"b/~":x}]}"#, 15, "#/a/1/b~1~0", "expected a value but found 'x'"),
    (#""a"#, 2, "#", "expected the string's closing quote but found the end of the document"),
    (
      "\"a\nb\"", 2, "#", "expected control characters in strings to be escaped but found byte 0x0A"
    ),
    ("\"\0\"", 1, "#", "expected control characters in strings to be escaped but found byte 0x00"),
    (#""\x41""#, 2, "#", #"expected one of "\/bfnrtu after '\' but found 'x'"#),
    (#""\u12g4""#, 5, "#", #"expected four hexadecimal digits after '\u' but found 'g'"#),
    (#""\U0041""#, 2, "#", #"expected one of "\/bfnrtu after '\' but found 'U'"#),
  ]
}
