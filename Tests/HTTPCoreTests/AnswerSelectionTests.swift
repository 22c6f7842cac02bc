import HTTPCore
import Testing

@Suite("Conditions, ranges and codings of answers")
struct AnswerSelectionTests {
  private static let tag = EntityTag(strong: "abc")

  private func select(
    _ headers: HTTPHeaders, method: String = "GET", length: Int = 100
  ) throws -> AnswerSelection {
    AnswerSelection(
      of: try HTTPRequest(method: method, target: "/", headers: headers), tag: Self.tag,
      length: length)
  }

  @Test(
    "a single range of bytes is cut out; what is none, or several, is ignored",
    arguments: [
      ("bytes=0-0", .part(0..<1)), ("bytes=0-99", .part(0..<100)), ("bytes=0-100", .part(0..<100)),
      ("bytes=99-", .part(99..<100)), ("bytes=100-", .unsatisfiable),
      ("bytes=10-19", .part(10..<20)),
      ("bytes=100-200", .unsatisfiable), ("bytes=-1", .part(99..<100)),
      ("bytes=-100", .part(0..<100)),
      ("bytes=-101", .part(0..<100)), ("bytes=-0", .unsatisfiable), ("BYTES=1-2", .part(1..<3)),
      ("bytes= 1-2 ", .part(1..<3)), ("bytes=9-3", .whole), ("bytes=-", .whole), ("bytes=", .whole),
      ("bytes=1-2,4-5", .whole), ("bytes=1-2,", .whole), ("bytes=a-b", .whole),
      ("bytes=+1-2", .whole),
      ("bytes=1--2", .whole), ("bytes=--2", .whole), ("bytes 1-2", .whole), ("items=1-2", .whole),
      ("bytes=1", .whole), ("", .whole), ("bytes=1 -2", .whole),
      ("bytes=9223372036854775807-", .unsatisfiable),
      ("bytes=9223372036854775808-", .unsatisfiable),
      ("bytes=0-9223372036854775807", .part(0..<100)),
      ("bytes=0-99999999999999999999999", .part(0..<100)),
      ("bytes=-99999999999999999999999", .part(0..<100)),
      ("bytes=99999999999999999999999-0", .whole),
    ] as [(String, ByteRange)])
  func ranges(field: String, range: ByteRange) {
    #expect(ByteRange(field: field, length: 100) == range)
  }

  @Test("of nothing there is no part")
  func emptyRanges() {
    for field in ["bytes=0-0", "bytes=0-", "bytes=-1"] {
      #expect(ByteRange(field: field, length: 0) == .unsatisfiable)
    }
  }

  @Test("ranges have a meaning with GET alone, and only one is taken")
  func rangeMethods() throws {
    #expect(try select(["Range": "bytes=1-2"]) == .part(1..<3))
    #expect(try select(["Range": "bytes=1-2"], method: "HEAD") == .whole)
    #expect(try select(["Range": "bytes=1-2"], method: "POST") == .whole)
    #expect(try select(["Range": "bytes=1-2", "range": "bytes=1-2"]) == .whole)
    #expect(try select(["Range": "bytes=100-"]) == .unsatisfiable)
  }

  @Test(
    "If-Range lets a range through for the very bytes only",
    arguments: [
      ("\"abc\"", true), ("W/\"abc\"", false), ("\"abd\"", false), ("\"abc-gzip\"", false),
      ("Sun, 06 Nov 1994 08:49:37 GMT", false), ("abc", false), ("", false),
    ])
  func ifRange(field: String, isCut: Bool) throws {
    let selection = try select(["Range": "bytes=1-2", "If-Range": field])
    #expect(selection == (isCut ? .part(1..<3) : .whole))
  }

  @Test(
    "If-None-Match compares weakly, in lists, with the tag that the answer would have",
    arguments: [
      ("\"abc\"", true), ("W/\"abc\"", true), ("\"abc-gzip\"", false), ("*", true), (" * ", true),
      ("\"x\", \"abc\"", true), ("\"x,y\",W/\"abc\"", true), (",, \"abc\" ,", true),
      ("\"x, \"abc\"", false), ("abc", false), ("\"abc", false), ("\"abd\"", false), ("", false),
      ("w/\"abc\"", false), ("\"abc\"x", false), ("\"*\"", false),
    ])
  func ifNoneMatch(field: String, isKnown: Bool) throws {
    for method in ["GET", "HEAD"] {
      #expect(
        try select(["If-None-Match": field], method: method) == (isKnown ? .notModified : .whole))
    }
    #expect(try select(["If-None-Match": field], method: "POST") == .whole)
  }

  @Test("If-None-Match goes before If-Modified-Since and before a range")
  func order() throws {
    let date = "Sun, 06 Nov 2094 08:49:37 GMT"
    #expect(try select(["If-None-Match": "\"x\"", "If-Modified-Since": date]) == .whole)
    #expect(try select(["If-None-Match": "\"abc\"", "If-Modified-Since": "?"]) == .notModified)
    #expect(try select(["If-Modified-Since": date]) == .whole)
    #expect(try select(["If-None-Match": "\"abc\"", "Range": "bytes=1-2"]) == .notModified)
    #expect(try select(["If-None-Match": "\"x\"", "Range": "bytes=1-2"]) == .part(1..<3))
  }

  @Test(
    "gzip is sent to those who say that they take it",
    arguments: [
      ("gzip", true), ("GZIP", true), ("x-gzip", true), ("deflate, gzip;q=0.5", true), ("*", true),
      ("gzip;q=0", false), ("gzip; q=0.000", false), ("gzip;q=0.001", true), ("gzip;q=1.000", true),
      ("*;q=0", false), ("gzip;q=0, *", false), ("*;q=0, gzip", true), ("br", false), ("", false),
      ("identity", false), ("gzip;q=2", false), ("gzip;q=x", false), ("gzip;q=", false),
      ("gzip;q=0.0001", false), ("gzip;q=1.001", false), (";", false),
    ])
  func acceptsGzip(field: String, accepts: Bool) throws {
    let request = try HTTPRequest(method: "GET", target: "/", headers: ["Accept-Encoding": field])
    #expect(request.acceptsGzip == accepts)
  }

  @Test("who says nothing takes no gzip")
  func saysNothing() throws {
    #expect(try !HTTPRequest(method: "GET", target: "/").acceptsGzip)
  }
}
