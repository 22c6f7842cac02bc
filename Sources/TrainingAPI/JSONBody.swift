internal import ContentCoding
internal import HTTPCore
internal import Interchange
internal import NeuralNetwork
internal import Synchronization
internal import TrainingJobs

/// A body that was read.
struct JSONBody: Sendable {
  let document: JSONValue
  /// The SHA-256 of the body without its coding.
  let sha256: String
  /// To be kept as long as the document or what was made of it.
  let claim: DocumentClaim
}

extension HTTPRequest {
  /// Reads a JSON body as it arrives, off Swift's cooperative threads.
  ///
  /// - Parameters:
  ///   - bytesMax: The most bytes of it without its coding.
  ///   - budget: What documents may take together.
  ///   - isTensor: Tells the places whose arrays are tensors.
  /// - Returns: The document.
  /// - Throws: A ``Problem`` for another content type or an exhausted budget, a `ContentCodingError`, a
  ///   `JSONError` for what is no JSON, an `HTTPBodyBrokenOff`.
  func jsonBody(
    bytesMax: Int, _ budget: DocumentBudget,
    tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool
  ) async throws -> JSONBody {
    try checkJSONType()
    let coding = try BodyCoding.named(by: headers.listElements("Content-Encoding"))
    let reading = JSONBodyReading(
      coding.map { ContentDecoder($0, bytesMax: bytesMax) }, budget, tensorsAt: isTensor)
    guard let rest else {
      return try await offPool { [body] in
        try reading.consume(body)
        return try reading.finish()
      }
    }
    try await offPool { [body] in try reading.consume(body) }
    while let piece = try await rest.next() {
      try await offPool { try reading.consume(piece) }
    }
    return try await offPool { try reading.finish() }
  }

  private func checkJSONType() throws(Problem) {
    guard let type = headers.first("Content-Type") else { return }
    let essence = type.beforeSemicolon.lowercased()
    guard essence == "application/json" || essence.hasSuffix("+json") else {
      throw Problem(
        status: 415, code: "unsupported_media_type",
        detail: "The body must be application/json, but Content-Type is \(essence.prefix(64)); "
          + "with curl use --json or -H 'Content-Type: application/json'")
    }
  }
}

/// A body on its way through its coding into a document.
///
/// An object, so that the document grows in place whichever thread reads the next piece.
private final class JSONBodyReading: Sendable {
  private struct State: Sendable {
    var reader: JSONPieceReader
    var hash = SHA256Hash()
  }

  private let state: Mutex<State>
  private let decoder: ContentDecoder?
  private let claim: DocumentClaim

  init(
    _ decoder: ContentDecoder?, _ budget: DocumentBudget,
    tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool
  ) {
    self.decoder = decoder
    claim = DocumentClaim(budget)
    state = Mutex(State(reader: JSONPieceReader(tensorsAt: isTensor)))
  }

  func consume(_ piece: [UInt8]) throws {
    try state.withLock { state in
      // In parts, so that little is read, or decoded, beyond what the budget has room for.
      let partBytes = decoder == nil ? 64 * 1024 : 4096
      for start in stride(from: 0, to: piece.count, by: partBytes) {
        let part = piece[start..<min(start + partBytes, piece.count)]
        var decoded: [UInt8] = []
        if let decoder {
          try decoder.consume(part, into: &decoded)
        } else {
          decoded = Array(part)
        }
        state.hash.update(decoded)
        try state.reader.consume(decoded)
        try claim.grow(to: state.reader.bytesHeld)
      }
    }
  }

  func finish() throws -> JSONBody {
    try decoder?.finish()
    return try state.withLock { state in
      let document = try state.reader.finish()
      return JSONBody(document: document, sha256: state.hash.digits, claim: claim)
    }
  }
}

/// Bytes that documents take which requests have brought and whose handlers are at work.
///
/// The server counts what it receives; a document may be twenty times as large, and of an encoded body
/// thousands of times.
final class DocumentBudget: Sendable {
  private let bytesMax: Int
  private let claimed = Mutex(0)

  /// A budget of so many bytes.
  init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  /// Takes some of it.
  ///
  /// - Throws: A ``Problem`` if less is left.
  fileprivate func claim(_ bytes: Int) throws(Problem) {
    let isFree = claimed.withLock { claimed in
      guard bytes <= bytesMax - claimed else { return false }
      claimed += bytes
      return true
    }
    guard isFree else { throw Problem(.requestMemoryExhausted(bytesMax: bytesMax)) }
  }

  fileprivate func release(_ bytes: Int) { claimed.withLock { $0 -= bytes } }
}

/// What one document takes of the budget, given back when nobody refers to it any more.
final class DocumentClaim: Sendable {
  private let budget: DocumentBudget
  private let bytes = Mutex(0)

  init(_ budget: DocumentBudget) {
    self.budget = budget
  }

  deinit {
    budget.release(bytes.withLock { $0 })
  }

  /// Claims what the document has grown by.
  ///
  /// - Throws: A ``Problem`` if there is not so much left.
  func grow(to size: Int) throws(Problem) {
    try bytes.withLock { bytes throws(Problem) in
      guard size > bytes else { return }
      try budget.claim(size - bytes)
      bytes = size
    }
  }
}
