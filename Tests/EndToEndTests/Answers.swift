import Foundation
import Interchange
import NeuralNetwork
import Testing

/// Requests and answers as values, for tests that care what they say.
extension HTTPClientResponse {
  /// The body as JSON.
  func json() throws -> JSONValue { try JSONReader.read(body) }

  /// Expects problem details with a status and a code.
  ///
  /// - Returns: The document.
  @discardableResult
  func expectProblem(
    _ status: Int, _ code: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> JSONValue {
    #expect(self.status == status, "\(text)", sourceLocation: sourceLocation)
    #expect(self["Content-Type"] == "application/problem+json", sourceLocation: sourceLocation)
    let problem = try json()
    #expect(problem["type"]?.text == "about:blank", sourceLocation: sourceLocation)
    #expect(problem["title"]?.text?.isEmpty == false, sourceLocation: sourceLocation)
    #expect(problem["status"]?.integer == status, sourceLocation: sourceLocation)
    #expect(problem["detail"]?.text?.isEmpty == false, sourceLocation: sourceLocation)
    #expect(problem["code"]?.text == code, "\(text)", sourceLocation: sourceLocation)
    #expect(problem["errors"] != nil, sourceLocation: sourceLocation)
    return problem
  }
}

extension HTTPClient {
  func post(
    _ path: String, _ json: String = "", headers: [HTTPHeader] = []
  ) async throws -> HTTPClientResponse {
    try await request(
      "POST", path, headers: [HTTPHeader("Content-Type", "application/json")] + headers,
      body: Array(json.utf8), timeout: .seconds(120))
  }

  func get(_ path: String, headers: [HTTPHeader] = []) async throws -> HTTPClientResponse {
    try await request("GET", path, headers: headers, timeout: .seconds(120))
  }

  /// Posts a job that is accepted, and gives its id.
  func submit(
    _ json: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let response = try await post("/jobs", json)
    #expect(response.status == 202, "\(response.text)", sourceLocation: sourceLocation)
    return try #require(try response.json()["id"]?.text, sourceLocation: sourceLocation)
  }

  /// Waits for the end of a job, however long it takes.
  func ended(_ id: String) async throws -> JSONValue {
    while true {
      let response = try await get("/jobs/\(id)", headers: [HTTPHeader("Prefer", "wait=60")])
      try #require(response.status == 200)
      let job = try response.json()
      if ["succeeded", "failed", "cancelled"].contains(job["status"]?.text) { return job }
    }
  }

  /// Waits until a job is as the condition demands; that it ends before is an error.
  func reached(_ id: String, _ condition: (JSONValue) -> Bool) async throws {
    while true {
      let job = try await get("/jobs/\(id)").json()
      if condition(job) { return }
      try #require(job["finished_at"] == .null, "the job has ended: \(job.written)")
    }
  }

  /// Posts a job, waits for its end, and expects it to succeed.
  func train(
    _ json: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> JSONValue {
    let job = try await ended(try await submit(json))
    #expect(job["status"]?.text == "succeeded", sourceLocation: sourceLocation)
    return job
  }

  /// Waits until a job has finished an epoch.
  func trained(_ id: String) async throws {
    try await reached(id) { ($0["progress"]?["epoch"]?.integer ?? 0) > 0 }
  }
}

extension JSONValue {
  var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The entries of an array; none for anything else.
  var entries: [JSONValue] {
    guard case .array(let entries) = self else { return [] }
    return entries
  }

  var integer: Int? {
    guard case .integer(let integer) = self else { return nil }
    return integer
  }

  var double: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }

  var members: [Member] {
    guard case .object(let members) = self else { return [] }
    return members
  }

  /// The value as JSON.
  var written: String { String(decoding: JSONWriter.write(self), as: UTF8.self) }
}

/// A server-sent event as it came over the wire.
struct StreamedEvent: Sendable {
  var id: Int?
  var type = ""
  var data = ""

  var json: JSONValue { get throws { try JSONReader.read(Array(data.utf8)) } }
}

extension HTTPClientStream {
  /// Reads events up to the first that fulfils the condition, or to the end of the stream.
  ///
  /// - Returns: The events, and all lines that belong to none: comments and `retry`.
  func events(
    until isLast: (StreamedEvent) -> Bool
  ) async throws -> (events: [StreamedEvent], others: [String]) {
    var events: [StreamedEvent] = []
    var others: [String] = []
    var event = StreamedEvent()
    for try await line in lines {
      if line.isEmpty {
        if !event.data.isEmpty { events.append(event) }
        if !event.data.isEmpty, isLast(event) { break }
        event = StreamedEvent()
      } else if line.hasPrefix("id: ") {
        event.id = Int(line.dropFirst(4))
      } else if line.hasPrefix("event: ") {
        event.type = String(line.dropFirst(7))
      } else if line.hasPrefix("data: ") {
        event.data += line.dropFirst(6)
      } else {
        others.append(line)
      }
    }
    return (events, others)
  }
}
