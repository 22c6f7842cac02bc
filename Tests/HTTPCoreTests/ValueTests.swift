import HTTPCore
import Testing

@Suite("Requests, headers, dates and failures")
struct ValueTests {
  @Test("decodes each segment after splitting, and the query with + as space")
  func target() throws {
    let request = try HTTPRequest(
      method: "GET", target: "/a%20b/c%2Fd/%C3%A4?x=1+2&y=%26%3D&z&x=3&=v")
    #expect(request.path == "/a%20b/c%2Fd/%C3%A4")
    #expect(request.head.target.segments == ["a b", "c/d", "\u{E4}"])
    #expect(request.query.map(\.name) == ["x", "y", "z", "x", ""])
    #expect(request.query.map(\.value) == ["1 2", "&=", "", "3", "v"])
    #expect(request.queryValue("x") == "1 2")
    #expect(request.queryValue("no") == nil)
  }

  @Test(
    "refuses names and values that would split a message",
    arguments: [
      ("A", "b\r\nC: d"), ("A", "b\n"), ("A", "b\0"), ("A", "b\u{7F}"), ("A\r\nB", "c"), ("", "c"),
      ("A B", "c"), ("A:", "c"),
    ])
  func unsafeHeaders(name: String, value: String) {
    var headers = HTTPHeaders()
    headers.append(name, value)
    #expect(headers.count == 0)
    #expect(headers.refusedName != nil)
    headers.set(name, value)
    #expect(headers.count == 0)
  }

  @Test("looks headers up without regard to case, and keeps their order")
  func headers() {
    var headers: HTTPHeaders = ["Accept": "a", "X": "1", "accept": "b"]
    #expect(headers.first("ACCEPT") == "a")
    #expect(headers.all("Accept") == ["a", "b"])
    headers.set("aCCept", "c")
    #expect(headers.fields.map(\.value) == ["1", "c"])
  }

  // The first is the example of RFC 9110 5.6.7; the others were made with GNU date.
  @Test(
    "writes dates as IMF-fixdate",
    arguments: [
      (Int64(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT"),
      (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
      (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"),
      (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
      (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
      (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
      (.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
      (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
    ])
  func dates(time: Int64, text: String) {
    var bytes: [UInt8] = []
    HTTPDate.appendIMFFixdate(unixTime: time, to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == text)
  }

  private static let failures: [(HTTPFailure, Int, String)] = [
    (
      .bodyTooLarge(bytesMax: 10, declared: 11), 413,
      "the body has 11 bytes, but the limit is 10 bytes"
    ),
    (
      .bodyTooLarge(bytesMax: 10, declared: nil), 413,
      "the body has more than the limit of 10 bytes"
    ),
    (.requestLineTooLong(bytesMax: 8192), 414, "the request line is longer than 8192 bytes"),
    (.headersTooLarge(.count, max: 100), 431, "the header section has more than 100 lines"),
    (.badHost(.missing), 400, "the Host is missing"),
    (.malformedTarget(.dotSegment), 400, "the request target holds a . or .. segment"),
    (.chunkLimit(.sizeDigits, max: 16), 400, "the limit is 16 digits in a chunk size"),
    (
      .unsupportedVersion(major: 2, minor: 0), 505,
      "the server speaks HTTP/1.1 and HTTP/1.0, not HTTP/2.0"
    ),
    (
      .methodNotAllowed(method: "PUT", path: "/x", allow: ["GET", "HEAD"]), 405,
      "the method PUT is not one of GET, HEAD"
    ),
    (.notFound(path: "/a\u{1B}[0m"), 404, #"there is nothing at /a\x1b[0m"#),
    (
      .handlerTimeout(.seconds(60)), 503, "the request could not be answered within 60.0 seconds"
    ),
    (.tooManyHandlers(max: 256), 503, "more than 256 requests are in work"),
  ]

  @Test("says of each failure what was needed and what was given", arguments: failures)
  func descriptions(failure: HTTPFailure, status: Int, text: String) {
    #expect(failure.status == status)
    #expect(failure.description == text)
    #expect(failure.code.allSatisfy { $0.isLowercase || $0 == "_" })
  }

  @Test("adds durations to instants without overflow")
  func instants() {
    let instant = Instant(nanoseconds: 5)
    #expect(instant.advanced(by: .nanoseconds(7)).nanoseconds == 12)
    #expect(instant.advanced(by: .seconds(Int64.max)).nanoseconds == .max)
  }
}
