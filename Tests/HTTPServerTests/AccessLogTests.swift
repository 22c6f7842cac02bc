import Foundation
import Testing

@testable import HTTPCore
@testable import HTTPServer

@Suite("Access log")
struct AccessLogTests {
  private func record(
    path: String = "/jobs/7", headers: HTTPHeaders = [:], responseBytes: Int? = 12,
    caller: String? = nil
  ) throws -> ExchangeRecord {
    let head = RequestHead(
      method: "GET", target: try RequestTarget(bytes: ArraySlice(path.utf8), method: "GET"),
      version: .http11, headers: headers)
    return ExchangeRecord(
      method: "GET", template: "/jobs/{id}", status: 200, duration: .microseconds(1_234_567),
      requestBodyBytes: 3, responseBodyBytes: responseBytes, requestID: "r-1", peer: "192.0.2.7",
      caller: caller, head: head)
  }

  private func line(_ format: AccessLogFormat, _ record: ExchangeRecord) -> String {
    String(
      decoding: format.line(AccessLogEntry(record, unixMilliseconds: 784_111_777_042)),
      as: UTF8.self)
  }

  @Test("a line of JSON has every member, and no query")
  func json() throws {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    let record = try record(
      path: "/jobs/7?key=secret", headers: ["User-Agent": "curl/8", "traceparent": trace],
      caller: "ci")
    #expect(
      line(.json, record)
        == #"{"time":"1994-11-06T08:49:37.042Z","remote_address":"192.0.2.7","key":"ci","#
        + #""method":"GET","#
        + #""path":"/jobs/7","route":"/jobs/{id}","status":200,"request_bytes":3,"#
        + #""response_bytes":12,"duration_ms":1234.567,"request_id":"r-1","#
        + #""trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","user_agent":"curl/8"}"# + "\n")
  }

  @Test("a line of the combined format")
  func combined() throws {
    let headers: HTTPHeaders = ["User-Agent": "curl/8", "Referer": "http://a/?key=secret#b"]
    #expect(
      line(.combined, try record(path: "/jobs/7?key=secret", headers: headers, caller: "ci"))
        == #"192.0.2.7 - ci [06/Nov/1994:08:49:37 +0000] "GET /jobs/7 HTTP/1.1" 200 12 "#
        + #""http://a/" "curl/8""# + "\n")
    #expect(
      line(.combined, try record(responseBytes: nil))
        == #"192.0.2.7 - - [06/Nov/1994:08:49:37 +0000] "GET /jobs/7 HTTP/1.1" 200 - "-" "-""#
        + "\n")
  }

  @Test("a request whose head cannot be read is logged without it")
  func noHead() {
    let record = ExchangeRecord(
      method: nil, template: nil, status: 400, duration: .zero, requestBodyBytes: 0,
      responseBodyBytes: 5, requestID: "r-1", peer: nil, caller: nil, head: nil)
    #expect(line(.json, record).contains(#""method":null,"path":null,"route":null,"status":400"#))
    #expect(line(.combined, record).hasPrefix(#"- - - [06/Nov/1994:08:49:37 +0000] "-" 400 5"#))
  }

  @Test(
    "what a client sends can neither end a line nor a text", arguments: AccessLogFormat.allCases)
  func escapes(format: AccessLogFormat) throws {
    // A header's value has fewer of them, since the parser refuses most; the log relies on nothing.
    let agent = String(String.UnicodeScalarView((1...0x9F).compactMap { UnicodeScalar($0 as Int) }))
    let headers = HTTPHeaders(dictionaryLiteral: ("User-Agent", "a\"b\\c\td\u{85}\u{2028}\u{E9}"))
    let text = line(format, try record(headers: headers))
    let expected =
      switch format {
      case .json: #""a\"b\\c\u0009d\u0085\u2028é""#
      case .combined: #""a\"b\\c\x09d\x85\xe2\x80\xa8é""#
      }
    #expect(text.contains(expected), "\(text)")
    let idLine = format.line(
      AccessLogEntry(
        ExchangeRecord(
          method: agent, template: agent, status: 200, duration: .zero, requestBodyBytes: 0,
          responseBodyBytes: 0, requestID: agent, peer: nil, caller: nil, head: nil),
        unixMilliseconds: 0))
    #expect(idLine.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    #expect(idLine.last == 0x0A)
    if format == .json {
      let object = try JSONSerialization.jsonObject(with: Data(idLine)) as? [String: Any]
      #expect(object?["request_id"] as? String == agent)
    }
  }

  /// A folder of its own, removed by whoever made it.
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "access-log-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func lines(_ path: String) throws -> Int {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count
  }

  @Test("a log that was moved away goes on in a new file once it is told to")
  func reopens() throws {
    try withFolder { folder in
      let path = folder + "/access.log"
      let log = try AccessLog(path: path, format: .json)
      for _ in 0..<3 { log.append(try record()) }
      log.flush()
      try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
      log.append(try record())
      log.flush()
      log.append(try record())
      try log.reopen()
      log.append(try record())
      log.flush()
      #expect(try lines(path + ".1") == 5)
      #expect(try lines(path) == 1)
      #expect(log.droppedLines == 0)
    }
  }

  @Test("waiting lines keep a bounded piece of what a client sent")
  func boundedTexts() throws {
    let long = String(repeating: "é", count: 3_000)
    let record = try record(
      path: "/" + String(repeating: "a", count: 3_000),
      headers: HTTPHeaders(dictionaryLiteral: ("User-Agent", "a" + long), ("Referer", long)))
    let entry = AccessLogEntry(record, unixMilliseconds: 0)
    #expect(entry.path?.utf8.count == AccessLogEntry.textBytesMax)
    #expect(entry.referer?.utf8.count == AccessLogEntry.textBytesMax)
    // The byte before the cut begins a character, which becomes U+FFFD.
    #expect(entry.userAgent?.hasSuffix("é\u{FFFD}") == true)
  }

  @Test("a file that takes nothing keeps nobody waiting for it")
  func stuckFile() throws {
    try withFolder { folder in
      let path = folder + "/pipe"
      try #require(mkfifo(path, 0o600) == 0)
      let reader = open(path, O_RDWR | O_NONBLOCK)
      defer { close(reader) }
      let log = try AccessLog(path: path, format: .json)
      let long = try record(path: "/" + String(repeating: "a", count: 1_000))
      for _ in 0..<200 { log.append(long) }
      #expect(!log.flush(within: .milliseconds(1)))
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      while !log.flush(within: .milliseconds(1)) { _ = read(reader, &bytes, bytes.count) }
      #expect(log.droppedLines == 0)
    }
  }

  @Test("lines that cannot be written are counted")
  func counts() throws {
    let log = try AccessLog(path: "/dev/full", format: .json)
    log.append(try record())
    log.append(try record())
    log.flush()
    #expect(log.droppedLines == 2)
  }

  @Test("a file that cannot be opened is named with the reason")
  func unopenable() {
    let error = #expect(throws: AccessLogError.self) {
      try AccessLog(path: "/nowhere/access.log", format: .json)
    }
    #expect(
      error?.description
        == "cannot open the access log /nowhere/access.log: No such file or directory")
  }
}
