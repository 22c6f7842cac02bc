import HTTPCore
import NeuralNetwork
import Testing

@testable import TrainingAPI

@Suite("Reading a request's head")
struct RequestDecodingTests {
  private func request(
    _ target: String = "/jobs", headers: HTTPHeaders = [:], body: String = ""
  ) throws -> HTTPRequest {
    try HTTPRequest(method: "POST", target: target, headers: headers, body: Array(body.utf8))
  }

  @Test(
    "Prefer: wait=N, at most 60; what cannot be understood is ignored",
    arguments: [
      ("wait=0", 0), ("wait=5", 5), ("wait=59", 59), ("wait=60", 60), ("wait=61", 60),
      ("wait=99999999999999999999999", 60), ("WAIT=5", 5), ("wait = 5", 5), ("wait=\"5\"", 5),
      ("wait=5; strict", 5), ("respond-async, wait=5", 5), ("wait=x, wait=7", 7),
      ("wait=-1", nil), ("wait=+5", nil), ("wait=1.5", nil), ("wait=", nil), ("wait", nil),
      ("wait=\"", nil), ("waiting=5", nil), (";", nil), ("=", nil), ("", nil),
    ] as [(String, Int?)])
  func wait(value: String, seconds: Int?) throws {
    #expect(try request(headers: ["Prefer": value]).waitSeconds == seconds)
  }

  @Test("without Prefer there is no wait")
  func noWait() throws {
    #expect(try request().waitSeconds == nil)
  }

  @Test(
    "Accept names the stream, alone or among others",
    arguments: [
      ("text/event-stream", true), ("Text/Event-Stream", true),
      ("text/event-stream;q=0.9", true), ("text/html, text/event-stream ; q=1", true),
      ("application/json", false), ("*/*", false), ("text/*", false), (";", false), (",;,", false),
      ("", false),
    ])
  func accept(value: String, isStream: Bool) throws {
    #expect(try request(headers: ["Accept": value]).acceptsEventStream == isStream)
  }

  @Test(
    "JSON by whatever name is read, anything else is 415 with the way out",
    arguments: [
      ("application/json", true), ("Application/JSON; charset=utf-8", true),
      ("application/vnd.api+json", true), ("text/csv", false), ("text/json", false),
      ("application/x-www-form-urlencoded", false), (";", false),
    ])
  func contentType(value: String, isRead: Bool) async throws {
    let request = try request(headers: ["Content-Type": value], body: "{}")
    if isRead {
      #expect(try await read(request) == .object([]))
    } else {
      let problem = await #expect(throws: Problem.self) { try await read(request) }
      #expect(problem?.status == 415)
      #expect(problem?.code == "unsupported_media_type")
      #expect(problem?.detail.contains("-H 'Content-Type: application/json'") == true)
    }
  }

  @Test("a body without Content-Type is read as JSON")
  func noContentType() async throws {
    #expect(try await read(request(body: "[1]")) == .array([.integer(1)]))
  }

  private func read(_ request: HTTPRequest) async throws -> JSONValue {
    try await request.jsonBody(
      bytesMax: 1_000, DocumentBudget(bytesMax: 1_000), tensorsAt: { _ in false }
    ).document
  }

  @Test("a query parameter that the route does not know is refused with those it takes")
  func unknownParameter() throws {
    let problem = #expect(throws: Problem.self) {
      try request("/jobs?limit=1&lmit=2").checkQuery("status", "limit")
    }
    #expect(problem?.status == 422)
    #expect(problem?.code == "unknown_query_parameter")
    #expect(
      problem?.detail == "/jobs has no query parameter \"lmit\"; it takes status, limit")
    #expect(problem?.errors.map(\.pointer) == ["?lmit"])
    let none = #expect(throws: Problem.self) { try request("/jobs?a").checkQuery() }
    #expect(none?.detail == "/jobs has no query parameter \"a\"; it takes none")
    #expect(throws: Never.self) { try request("/jobs?limit=1").checkQuery("limit") }
  }

  @Test("a query parameter given twice is refused, since either could be meant")
  func repeatedParameter() throws {
    let problem = #expect(throws: Problem.self) {
      try request("/jobs?limit=1&limit=2").checkQuery("limit")
    }
    #expect(problem?.code == "invalid_query")
    #expect(problem?.detail == "The query parameter limit is given more than once")
  }

  @Test(
    "whole numbers in the query are digits within the range",
    arguments: [
      ("1", 1), ("100", 100), ("007", 7), ("0", nil), ("101", nil), ("+5", nil), ("-5", nil),
      ("1.0", nil), ("", nil), ("ten", nil), ("99999999999999999999", nil),
    ] as [(String, Int?)])
  func integers(value: String, number: Int?) throws {
    let request = try request("/jobs?limit=\(value)")
    func read() throws -> Int { try request.queryInteger("limit", in: 1...100, default: 20) }
    if let number {
      #expect(try read() == number)
    } else {
      let problem = #expect(throws: Problem.self) { try read() }
      #expect(problem?.status == 422)
      #expect(problem?.code == "invalid_query")
      #expect(
        problem?.detail.hasPrefix(
          "The query parameter limit must be an integer from 1 to 100, but is \"") == true)
      #expect(problem?.errors.map(\.pointer) == ["?limit"])
    }
  }

  @Test("words in the query are those that there are, and both have defaults")
  func choicesAndDefaults() throws {
    #expect(try request("/jobs?order=asc").queryChoice("order", of: ["asc", "desc"]) == "asc")
    #expect(try request().queryChoice("order", of: ["asc", "desc"]) == nil)
    #expect(try request().queryInteger("limit", in: 1...100, default: 20) == 20)
    let problem = #expect(throws: Problem.self) {
      try request("/jobs?order=up").queryChoice("order", of: ["asc", "desc"])
    }
    #expect(
      problem?.detail
        == "The query parameter order must be one of asc, desc, but is \"up\"")
  }

  @Test("blanks around a text, and the value before its parameters")
  func texts() {
    #expect(" \ta b\t ".trimmingSpaces == "a b")
    #expect("".trimmingSpaces == "")
    #expect(" a ; b; c".beforeSemicolon == "a")
    #expect(";".beforeSemicolon == "")
    #expect("\"a\"".withoutQuotes == "a")
    #expect("\"".withoutQuotes == "\"")
    #expect("a".withoutQuotes == "a")
  }
}
