import ContentCoding
import HTTPCore
import NeuralNetwork
import Synchronization
import Testing
import TrainingJobs

@testable import TrainingAPI

/// Bodies in JSON: as a whole or in pieces, as they are or encoded.
@Suite("Reading JSON bodies")
struct JSONBodyTests {
  /// Gives the rest of a body in pieces, and then ends as the case demands.
  private final class Pieces: HTTPBodyReader {
    private let pieces: Mutex<[[UInt8]]>
    private let breaksOff: Bool

    init(_ pieces: [[UInt8]], breaksOff: Bool = false) {
      self.pieces = Mutex(pieces)
      self.breaksOff = breaksOff
    }

    func next() async throws(HTTPBodyBrokenOff) -> [UInt8]? {
      let piece = pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      if piece == nil, breaksOff { throw HTTPBodyBrokenOff() }
      return piece
    }
  }

  private static let text = Array(#"{"data": [[1, 2.5], [3, 4]], "name": "body"}"#.utf8)

  /// A request whose body comes in pieces of so many bytes.
  private func request(
    _ body: [UInt8], coding: BodyCoding? = nil, piecesOf count: Int, breaksOff: Bool = false
  ) throws -> HTTPRequest {
    let bytes = try #require(coding.map { $0.encode(body) } ?? body)
    var pieces = stride(from: 0, to: bytes.count, by: count).map {
      Array(bytes[$0..<min($0 + count, bytes.count)])
    }
    let headers: HTTPHeaders = coding.map { ["Content-Encoding": $0.rawValue] } ?? [:]
    var request = try HTTPRequest(
      method: "POST", target: "/", headers: headers, body: pieces.removeFirst())
    if !pieces.isEmpty || breaksOff { request.rest = Pieces(pieces, breaksOff: breaksOff) }
    return request
  }

  private func read(
    _ request: HTTPRequest, bytesMax: Int = 1 << 20,
    _ budget: DocumentBudget = DocumentBudget(bytesMax: 1 << 20)
  ) async throws -> JSONBody {
    try await request.jsonBody(bytesMax: bytesMax, budget) { $0.elements == [.member("data")] }
  }

  @Test(
    "the document and its hash are the same in whatever pieces and coding",
    arguments: [nil, .gzip, .deflate] as [BodyCoding?], [1, 7, 1_000])
  func pieces(coding: BodyCoding?, count: Int) async throws {
    let body = try await read(request(Self.text, coding: coding, piecesOf: count))
    #expect(body.sha256 == sha256(Self.text))
    #expect(
      body.document
        == .object([
          JSONValue.Member("data", .tensor(Tensor(shape: [2, 2], elements: [1, 2.5, 3, 4]))),
          JSONValue.Member("name", .string("body")),
        ]))
  }

  @Test("a decoded body is bounded as one that is not encoded", arguments: [-1, 0, 1])
  func decodedSize(beyond: Int) async throws {
    let request = try request(Self.text, coding: .gzip, piecesOf: 10)
    let bytesMax = Self.text.count + beyond
    if beyond < 0 {
      await #expect(throws: ContentCodingError.tooLarge(bytesMax: bytesMax)) {
        try await read(request, bytesMax: bytesMax)
      }
    } else {
      #expect(try await read(request, bytesMax: bytesMax).sha256 == sha256(Self.text))
    }
  }

  @Test(
    "documents share a budget, hold it as long as they are there, and give it back",
    arguments: [nil, .gzip] as [BodyCoding?])
  func budget(coding: BodyCoding?) async throws {
    // Three values of 64 bytes, the tensor among them, four entries of 4, and "data", "name", "body".
    let size = 3 * 64 + 4 * 4 + 3 * 4
    let budget = DocumentBudget(bytesMax: 2 * size - 1)
    for _ in 0..<2 {
      let body = try await read(request(Self.text, coding: coding, piecesOf: 10), budget)
      let second = try request(Self.text, coding: coding, piecesOf: 10)
      let problem = await #expect(throws: Problem.self) { try await read(second, budget) }
      #expect(problem?.code == "request_memory_exhausted")
      #expect(problem?.status == 503)
      withExtendedLifetime(body.claim) {}
    }
  }

  @Test("the text of a document counts, however small its coding makes it")
  func textBudget() async throws {
    let words = (0..<20_000).map(String.init).joined()
    let text = Array("[\"\(words)\"]".utf8)
    // Two values and the text.
    let size = 2 * 64 + words.utf8.count
    let body = try await read(
      request(text, coding: .gzip, piecesOf: 10), DocumentBudget(bytesMax: size))
    withExtendedLifetime(body.claim) {}
    let problem = await #expect(throws: Problem.self) {
      try await read(
        request(text, coding: .gzip, piecesOf: 10), DocumentBudget(bytesMax: size - 1))
    }
    #expect(problem?.code == "request_memory_exhausted")
  }

  @Test("a body that breaks off is no document, though what has come is one")
  func breaksOff() async throws {
    let request = try request(Self.text, piecesOf: 1_000, breaksOff: true)
    await #expect(throws: HTTPBodyBrokenOff()) { try await read(request) }
  }
}
