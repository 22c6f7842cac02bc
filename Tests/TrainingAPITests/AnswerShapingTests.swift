import ContentCoding
import HTTPCore
import Jobs
import NeuralNetwork
import Testing

@testable import TrainingAPI

@Suite("Encoded bodies, encoded answers, parts of answers")
struct AnswerShapingTests {
  private static let network = """
    {"network": {"operators": {"1": {"type": "linear", "in_features": 2, "out_features": 1}},
                 "connectivity": {"1": []}}}
    """

  private func validate(_ body: [UInt8], _ coding: String) async throws -> HTTPResponse {
    try await Desk().send(
      "POST", "/networks/validate", headers: ["Content-Encoding": coding], bytes: body)
  }

  private func bytes(_ response: HTTPResponse) -> [UInt8] {
    if case .bytes(let bytes) = response.body { bytes } else { [] }
  }

  @Test("a body in gzip or deflate is read as one that is not encoded")
  func readsEncoded() async throws {
    let plain = try await validate(Array(Self.network.utf8), "identity")
    #expect(plain.status == 200)
    for (name, coding) in [("gzip", BodyCoding.gzip), ("x-gzip", .gzip), ("deflate", .deflate)] {
      let body = try #require(coding.encode(Array(Self.network.utf8)))
      let response = try await validate(body, name)
      #expect(response.status == 200 && bytes(response) == bytes(plain), "\(name)")
    }
  }

  @Test("each fault of a coding has its status and code")
  func codingFaults() async throws {
    let body = try #require(BodyCoding.gzip.encode(Array(Self.network.utf8)))
    let blanks = try #require(
      BodyCoding.gzip.encode([UInt8](repeating: 0x20, count: 1 << 20)))
    let rows: [(body: [UInt8], coding: String, status: Int, code: String)] = [
      (body, "br", 415, "unsupported_content_coding"),
      (body, "gzip, gzip", 415, "unsupported_content_coding"),
      (Array(body.dropLast()), "gzip", 400, "malformed_content_coding"),
      (body + [0, 0], "gzip", 400, "malformed_content_coding"),
      (blanks, "gzip", 413, "compression_ratio_exceeded"),
    ]
    for row in rows {
      let response = try await validate(row.body, row.coding)
      #expect(response.status == row.status, "\(row.code)")
      #expect(try document(of: response)["code"] == .string(row.code))
      #expect(
        response.headers.first("Accept-Encoding")
          == (row.status == 415 ? "gzip, deflate" : nil))
    }
  }

  @Test("the same body in another coding has the same idempotency fingerprint")
  func idempotency() async throws {
    let desk = Desk()
    let text = """
      {"network": {"operators": {"1": {"type": "linear", "out_features": 1}},
                   "connectivity": {"1": []}},
       "dataset": {"generator": "disc", "train": 10, "seed": 1}}
      """
    let encoded = try #require(BodyCoding.deflate.encode(Array(text.utf8)))
    let plain = try await desk.send(
      "POST", "/jobs", headers: ["Idempotency-Key": "k"], body: text)
    let again = try await desk.send(
      "POST", "/jobs", headers: ["Idempotency-Key": "k", "Content-Encoding": "deflate"],
      bytes: encoded)
    #expect(plain.status == 202 && again.status == 202)
    #expect(try document(of: plain)["id"] == document(of: again)["id"])
  }

  @Test(
    "long text is encoded for those who take it, and says that it depends on that",
    arguments: ["/openapi.yaml", "/openapi.json"])
  func encodes(path: String) async throws {
    let desk = Desk()
    let plain = try await desk.send("GET", path)
    let encoded = try await desk.send("GET", path, headers: ["Accept-Encoding": "gzip"])
    let refused = try await desk.send("GET", path, headers: ["Accept-Encoding": "gzip;q=0"])
    #expect(
      [plain, encoded, refused].map { $0.headers.all("Vary") }
        == Array(repeating: ["Accept-Encoding"], count: 3))
    #expect(plain.headers.first("Content-Encoding") == nil && bytes(refused) == bytes(plain))
    #expect(encoded.headers.first("Content-Encoding") == "gzip")
    #expect(
      try ContentDecoder.decode(bytes(encoded), .gzip, bytesMax: 1 << 20) == bytes(plain))
    let tag = try #require(plain.headers.first("ETag"))
    #expect(encoded.headers.first("ETag") == tag.dropLast() + "-gzip\"")
  }

  @Test("only text from 1 KiB on is encoded", arguments: [1023, 1024, 1025])
  func encodedSizes(count: Int) async {
    let body = HTTPResponse.Body.bytes([UInt8](repeating: 0x61, count: count))
    func answer(_ type: String) async -> HTTPHeaders {
      await HTTPResponse(status: 200, headers: ["Content-Type": type], body: body)
        .encoded(ifAccepted: true).headers
    }
    for type in [
      "application/json", "application/problem+json", "image/svg+xml", "application/yaml",
      "text/plain; charset=utf-8",
    ] {
      let headers = await answer(type)
      #expect((headers.first("Content-Encoding") == "gzip") == (count >= 1024), "\(type)")
      #expect((headers.first("Vary") != nil) == (count >= 1024), "\(type)")
    }
    for type in ["application/octet-stream", "image/png"] {
      #expect(await answer(type).first("Content-Encoding") == nil)
    }
  }

  @Test("a stream is never encoded")
  func streams() async {
    let response = await HTTPResponse(
      status: 200, headers: ["Content-Type": "text/event-stream"], body: .stream { _ in }
    ).encoded(ifAccepted: true)
    #expect(response.headers.first("Content-Encoding") == nil)
    #expect(response.headers.first("Vary") == nil)
  }

  @Test("what a client has is not sent again, and a part is cut out of the plain bytes")
  func selects() async throws {
    let desk = Desk()
    let plain = try await desk.send("GET", "/openapi.yaml")
    let whole = bytes(plain)
    let tag = try #require(plain.headers.first("ETag"))
    #expect(plain.headers.first("Accept-Ranges") == "bytes")

    let known = try await desk.send("GET", "/openapi.yaml", headers: ["If-None-Match": tag])
    #expect(known.status == 304 && bytes(known).isEmpty)
    #expect(known.headers.first("ETag") == tag && known.headers.first("Vary") != nil)
    #expect(known.headers.first("Content-Type") == nil)

    let gzip: HTTPHeaders = ["Accept-Encoding": "gzip"]
    let encoded = try await desk.send("GET", "/openapi.yaml", headers: gzip)
    let encodedTag = try #require(encoded.headers.first("ETag"))
    #expect(encodedTag == tag.dropLast() + "-gzip\"")
    var conditional = gzip
    conditional.set("If-None-Match", encodedTag)
    let knownEncoded = try await desk.send("GET", "/openapi.yaml", headers: conditional)
    #expect(knownEncoded.status == 304 && knownEncoded.headers.first("ETag") == encodedTag)
    conditional.set("If-None-Match", tag)
    #expect(try await desk.send("GET", "/openapi.yaml", headers: conditional).status == 200)

    let part = try await desk.send(
      "GET", "/openapi.yaml", headers: ["Range": "bytes=10-19", "Accept-Encoding": "gzip"])
    #expect(part.status == 206 && bytes(part) == Array(whole[10..<20]))
    #expect(part.headers.first("Content-Range") == "bytes 10-19/\(whole.count)")
    #expect(part.headers.first("Content-Encoding") == nil)
    #expect(part.headers.first("ETag") == tag)

    let none = try await desk.send(
      "GET", "/openapi.yaml", headers: ["Range": "bytes=\(whole.count)-"])
    #expect(none.status == 416)
    #expect(none.headers.first("Content-Range") == "bytes */\(whole.count)")
    #expect(try document(of: none)["code"] == .string("range_not_satisfiable"))
  }

  @Test("/metrics tells the jobs, and what it is given of server and process")
  func metrics() async throws {
    let desk = Desk()
    _ = try await desk.manager.submit(try smallSubmission())
    let response = try await desk.send("GET", "/metrics?name=x")
    #expect(
      response.headers.first("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
    let lines = bodyText(response).split(separator: "\n")
    #expect(lines.contains("descent_jobs{status=\"queued\"} 1"))
    #expect(lines.contains("descent_jobs{status=\"failed\"} 0"))
    #expect(lines.contains("given 7"))
  }
}
