import Testing

/// One row of the case table: bytes of one request, and what must come of them.
struct WireCase: Sendable, CustomTestStringConvertible {
  let name: String
  let request: String
  let status: Int
  /// Whether the connection must end after the answer.
  let closes: Bool

  var testDescription: String { name }

  /// A row that is answered and lets the connection live.
  static func serves(_ name: String, _ request: String, _ status: Int = 200) -> WireCase {
    WireCase(name: name, request: request, status: status, closes: false)
  }

  /// A row that is answered, whereupon the connection closes.
  static func ends(_ name: String, _ status: Int, _ request: String) -> WireCase {
    WireCase(name: name, request: request, status: status, closes: true)
  }

  /// A row of a request line that is refused.
  static func line(_ name: String, _ status: Int, _ line: String) -> WireCase {
    ends(name, status, line + "\r\nHost: a\r\n\r\n")
  }

  /// A row of one header line beside a valid Host.
  static func header(_ name: String, _ status: Int, _ line: String) -> WireCase {
    ends(name, status, "GET /ok HTTP/1.1\r\nHost: a\r\n" + line + "\r\n\r\n")
  }

  /// A row of a POST with header lines and what follows the head.
  static func post(
    _ name: String, _ status: Int, _ lines: String, _ body: String, closes: Bool = true
  ) -> WireCase {
    WireCase(
      name: name, request: "POST /echo HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n\(body)",
      status: status, closes: closes)
  }

  /// A row of a chunked POST.
  static func chunks(
    _ name: String, _ status: Int, _ body: String, closes: Bool = true
  ) -> WireCase {
    post(name, status, "Transfer-Encoding: chunked", body, closes: closes)
  }
}

private let long = String(repeating: "a", count: 9000)

let requestLineCases: [WireCase] = [
  .serves("one empty line first", "\r\nGET /ok HTTP/1.1\r\nHost: a\r\n\r\n"),
  .serves("two empty lines first", "\r\n\r\nGET /ok HTTP/1.1\r\nHost: a\r\n\r\n"),
  .ends("three empty lines first", 400, "\r\n\r\n\r\nGET /ok HTTP/1.1\r\nHost: a\r\n\r\n"),
  .line("leading space", 400, " GET /ok HTTP/1.1"),
  .line("lower-case method", 400, "get /ok HTTP/1.1"),
  .ends("binary", 400, "\u{16}\u{3}\u{1}\u{2}\u{0}"),
  .line("garbage", 400, "hello"),
  .line("unknown method", 501, "BREW /ok HTTP/1.1"),
  .serves("TRACE", "TRACE /ok HTTP/1.1\r\nHost: a\r\n\r\n", 405),
  .serves("QUERY", "QUERY /ok HTTP/1.1\r\nHost: a\r\n\r\n", 405),
  .line("CONNECT", 501, "CONNECT a:443 HTTP/1.1"),
  .ends("bare LF after the request line", 400, "GET /ok HTTP/1.1\nHost: a\r\n\r\n"),
  .ends("bare LF after a header", 400, "GET /ok HTTP/1.1\r\nHost: a\n\r\n"),
  .ends("bare CR in the request line", 400, "GET /ok\rHTTP/1.1\r\nHost: a\r\n\r\n"),
  .ends("bare CR in a header", 400, "GET /ok HTTP/1.1\r\nHost: a\rb\r\n\r\n"),
  .line("two spaces", 400, "GET  /ok HTTP/1.1"),
  .line("tab", 400, "GET\t/ok HTTP/1.1"),
  .line("trailing space", 400, "GET /ok HTTP/1.1 "),
  .line("no target", 400, "GET HTTP/1.1"),
  .line("no version", 400, "GET /ok"),
  .line("HTTP/1", 400, "GET /ok HTTP/1"),
  .line("HTTP/01.01", 400, "GET /ok HTTP/01.01"),
  .line("HTTP/ 1.1", 400, "GET /ok HTTP/ 1.1"),
  .line("http/1.1", 400, "GET /ok http/1.1"),
  .line("HTTP/1.1x", 400, "GET /ok HTTP/1.1x"),
  .line("HTTP/2.0", 505, "GET /ok HTTP/2.0"),
  .line("HTTP/9.9", 505, "GET /ok HTTP/9.9"),
  .ends("the preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  .serves("HTTP/1.2", "GET /ok HTTP/1.2\r\nHost: a\r\n\r\n"),
  .line("method of 33 bytes", 501, String(repeating: "M", count: 33) + " /ok HTTP/1.1"),
  .line("method without end", 400, String(repeating: "M", count: 9000)),
  .serves("line of 8000 bytes", "GET /ok?\(long.prefix(7983)) HTTP/1.1\r\nHost: a\r\n\r\n"),
  .line("target too long", 414, "GET /\(long) HTTP/1.1"),
  .line("relative target", 400, "GET foo/bar HTTP/1.1"),
  .line("fragment", 400, "GET /ok#a HTTP/1.1"),
  .line("backslash", 400, "GET /o\\k HTTP/1.1"),
  .line("control byte in target", 400, "GET /o\u{1}k HTTP/1.1"),
  .line("NUL in target", 400, "GET /o\u{0}k HTTP/1.1"),
  .line("raw overlong UTF-8", 400, "GET /\u{C0}\u{AF} HTTP/1.1"),
  .serves("absolute form", "GET http://a/ok HTTP/1.1\r\nHost: a\r\n\r\n"),
  .ends("absolute form against Host", 400, "GET http://b/ok HTTP/1.1\r\nHost: a\r\n\r\n"),
  .line("asterisk with GET", 400, "GET * HTTP/1.1"),
  .serves("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204),
  .line("authority form", 400, "GET a:80 HTTP/1.1"),
  .line("%zz", 400, "GET /%zz HTTP/1.1"),
  .line("truncated %a", 400, "GET /%a HTTP/1.1"),
  .line("%00", 400, "GET /%00 HTTP/1.1"),
  .line("%0d%0a", 400, "GET /%0d%0a HTTP/1.1"),
  .serves("%2F stays in its segment", "GET /items/a%2Fb HTTP/1.1\r\nHost: a\r\n\r\n"),
  .line("..", 400, "GET /ok/.. HTTP/1.1"),
  .line("%2e%2e", 400, "GET /%2e%2e/ok HTTP/1.1"),
  .serves("// is no /", "GET //ok HTTP/1.1\r\nHost: a\r\n\r\n", 404),
  .line("overlong UTF-8", 400, "GET /%c0%af HTTP/1.1"),
]

let headerCases: [WireCase] = [
  .header("space before colon", 400, "A : b"),
  .header("tab before colon", 400, "A\t: b"),
  .header("obs-fold", 400, "A: b\r\n c"),
  .header("line of blanks", 400, "  "),
  .ends("blank before the first header", 400, "GET /ok HTTP/1.1\r\n Host: a\r\n\r\n"),
  .header("empty name", 400, ": b"),
  .header("no colon", 400, "Ab"),
  .header("[ in name", 400, "A[: b"),
  .header("quote in name", 400, "A\": b"),
  .header("non-ASCII name", 400, "\u{C4}: b"),
  .header("NUL in name", 400, "A\u{0}: b"),
  .header("NUL in value", 400, "A: b\u{0}"),
  .header("control in value", 400, "A: b\u{1}"),
  .header("DEL in value", 400, "A: b\u{7F}"),
  .serves("obs-text in value", "GET /ok HTTP/1.1\r\nHost: a\r\nA: \u{80}\u{FF}\r\n\r\n"),
  .serves("empty value", "GET /ok HTTP/1.1\r\nHost: a\r\nA:\r\n\r\n"),
  .serves("blanks around value", "GET /ok HTTP/1.1\r\nHost:a\t \r\nA:\tb \r\n\r\n"),
  .header("line too long", 431, "A: \(long)"),
  .header("too many lines", 431, Array(repeating: "A: b", count: 100).joined(separator: "\r\n")),
  .header(
    "block too long", 431,
    Array(repeating: "A: \(long.prefix(7000))", count: 5).joined(separator: "\r\n")),
  .serves(
    "underscores are not hyphens",
    "GET /ok HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\nTransfer_Encoding: chunked\r\n\r\n"),
  .ends("no Host", 400, "GET /ok HTTP/1.1\r\n\r\n"),
  .header("two Hosts", 400, "Host: a"),
  .ends("list of Hosts", 400, "GET /ok HTTP/1.1\r\nHost: a, b\r\n\r\n"),
  .ends("Host with userinfo", 400, "GET /ok HTTP/1.1\r\nHost: u@a\r\n\r\n"),
  .ends("Host with path", 400, "GET /ok HTTP/1.1\r\nHost: a/b\r\n\r\n"),
  .ends("Host with bad port", 400, "GET /ok HTTP/1.1\r\nHost: a:b\r\n\r\n"),
  .ends("Host with port 65536", 400, "GET /ok HTTP/1.1\r\nHost: a:65536\r\n\r\n"),
  .ends("empty Host", 400, "GET /ok HTTP/1.1\r\nHost:\r\n\r\n"),
  .serves("IPv6 Host", "GET /ok HTTP/1.1\r\nHost: [::1]:65535\r\n\r\n"),
  .ends("1.0 without Host", 200, "GET /ok HTTP/1.0\r\n\r\n"),
  .header("two Content-Types", 400, "Content-Type: a\r\nContent-Type: a"),
  .header("two Authorizations", 400, "Authorization: a\r\nAuthorization: b"),
  .header("two Content-Encodings", 400, "Content-Encoding: a\r\nContent-Encoding: b"),
]

let lengthCases: [WireCase] =
  ["+5", "-0", "-1", "0x5", "0o5", "1_0", "1 0", "5x", "", "9223372036854775808", "005", "00"]
  .map { .post("Content-Length \($0)", 400, "Content-Length: \($0)", "hello") } + [
    .post("Content-Length 5", 200, "Content-Length: 5", "hello", closes: false),
    .post("Content-Length 0", 200, "Content-Length: 0", "", closes: false),
    .post("largest Content-Length", 413, "Content-Length: 9223372036854775807", ""),
    .post("two lengths", 400, "Content-Length: 5\r\nContent-Length: 6", "hello"),
    .post("same length twice", 400, "Content-Length: 5\r\nContent-Length: 5", "hello"),
    .post("list of lengths", 400, "Content-Length: 5, 10", "hello"),
    .post("list of equal lengths", 400, "Content-Length: 5, 5", "hello"),
    .post(
      "coding and length", 400, "Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
    .post(
      "length and coding", 400, "Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    .ends(
      "coding with 1.0", 400,
      "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    .post("neither length nor coding", 200, "A: b", "", closes: false),
    .serves(
      "GET with a body", "GET /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
    .serves(
      "GET with chunks",
      "GET /ok HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    .post("length beyond the limit", 413, "Content-Length: 1001", "hello"),
  ]

let codingCases: [WireCase] = [
  .post("gzip", 501, "Transfer-Encoding: gzip", ""),
  .post("xchunked", 501, "Transfer-Encoding: xchunked", ""),
  .post("identity", 501, "Transfer-Encoding: identity", ""),
  .post("gzip, chunked", 501, "Transfer-Encoding: gzip, chunked", "0\r\n\r\n"),
  .post("chunked, gzip", 400, "Transfer-Encoding: chunked, gzip", "0\r\n\r\n"),
  .post("two lines", 400, "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", ""),
  .post("chunked twice", 400, "Transfer-Encoding: chunked, chunked", "0\r\n\r\n"),
  .post("chunked with parameter", 400, "Transfer-Encoding: chunked;a=b", "0\r\n\r\n"),
  .post("leading comma", 400, "Transfer-Encoding: , chunked", "0\r\n\r\n"),
  .post("trailing comma", 400, "Transfer-Encoding: chunked,", "0\r\n\r\n"),
  .post("empty coding", 400, "Transfer-Encoding:", "0\r\n\r\n"),
  .post("VT in coding", 400, "Transfer-Encoding: \u{B}chunked", "0\r\n\r\n"),
  .post("FF in coding", 400, "Transfer-Encoding: \u{C}chunked", "0\r\n\r\n"),
  .post("NUL in coding", 400, "Transfer-Encoding: chunked\u{0}", "0\r\n\r\n"),
  .post("mixed case", 200, "Transfer-Encoding: ChunKed", "0\r\n\r\n", closes: false),
]

let chunkCases: [WireCase] =
  ["0x5", "+5", "-1", "5 ", " 5", "1_0", "", "00000000000000005", "ffffffffffffffff"]
  .map { .chunks("chunk size '\($0)'", 400, "\($0)\r\nhello\r\n0\r\n\r\n") }
  + [";", ";bad[", ";a=", ";a=\u{0}", ";a\rb", ";a=\"x", ";a=\"x\"y", "; a"]
  .map { .chunks("chunk extension '\($0)'", 400, "5\($0)\r\nhello\r\n0\r\n\r\n") }
  + [";a", ";a=b", ";a=\"x;y\"", ";a=\"\\\"\";c"]
  .map { .chunks("extension '\($0)'", 200, "5\($0)\r\nhello\r\n0\r\n\r\n", closes: false) }
  + [
    .chunks("hello", 200, "5\r\nhello\r\n0\r\n\r\n", closes: false),
    .chunks("extension with LF", 400, "5;a\nhello\r\n0\r\n\r\n"),
    .chunks("bare LF after the size", 400, "5\nhello\r\n0\r\n\r\n"),
    .chunks("extensions too long", 400, "1;a=\(long)\r\na\r\n1;a=\(long)\r\na\r\n0\r\n\r\n"),
    .chunks("data without CRLF", 400, "5\r\nhello0\r\n\r\n"),
    .chunks("data spilled", 400, "5\r\nhello!\r\n0\r\n\r\n"),
    .chunks("LF only after data", 400, "5\r\nhello\n0\r\n\r\n"),
    .chunks("CR only after data", 400, "5\r\nhello\r0\r\n\r\n"),
    .chunks("CR and another byte after data", 400, "5\r\nhello\r.0\r\n\r\n"),
    .chunks("valid trailers", 200, "5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n", closes: false),
    .chunks("malformed trailer", 400, "0\r\nA b\r\n\r\n"),
    .chunks("folded trailer", 400, "0\r\nA: b\r\n c\r\n\r\n"),
    .chunks("trailers too long", 400, "0\r\nA: \(long)\r\n\r\n"),
    .chunks(
      "too many trailers", 400, "0\r\n" + String(repeating: "A: b\r\n", count: 33) + "\r\n"),
    .chunks("chunks beyond the limit", 413, "3e9\r\n"),
  ]
  + ["Content-Length: 5", "Transfer-Encoding: chunked", "Host: a", "Authorization: a"]
  .map { .chunks("trailer \($0)", 400, "0\r\n\($0)\r\n\r\n") }

let semanticsCases: [WireCase] = [
  .post(
    "100-continue", 200, "Expect: 100-continue\r\nContent-Length: 5", "hello", closes: false),
  .post(
    "100-continue refused", 413, "Expect: 100-continue\r\nContent-Length: 1001", ""),
  .post("other expectation", 417, "Expect: 200-ok\r\nContent-Length: 5", "hello"),
  .serves("HEAD", "HEAD /ok HTTP/1.1\r\nHost: a\r\n\r\n"),
  .serves("405", "DELETE /ok HTTP/1.1\r\nHost: a\r\n\r\n", 405),
  .serves("404", "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404),
  .ends("404 with a body", 404, "POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
  .serves("OPTIONS", "OPTIONS /ok HTTP/1.1\r\nHost: a\r\n\r\n", 204),
  .header("Connection: close", 200, "Connection: close"),
  .header("Connection as a list", 200, "Connection: Upgrade , CLOSE"),
  .serves(
    "1.0 with keep-alive", "GET /ok HTTP/1.0\r\nConnection: Keep-Alive, Upgrade\r\n\r\n"),
  .serves(
    "Upgrade is ignored",
    "GET /ok HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
]

let caseTable =
  requestLineCases + headerCases + lengthCases + codingCases + chunkCases + semanticsCases
