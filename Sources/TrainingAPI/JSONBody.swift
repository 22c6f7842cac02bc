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
}

extension HTTPRequest {
  /// Reads a JSON body as it arrives, off Swift's cooperative threads.
  ///
  /// - Parameters:
  ///   - bytesMax: The most bytes of it without its coding.
  ///   - budget: What bodies that are decoded may take together.
  ///   - isTensor: Tells the places whose arrays are tensors.
  /// - Returns: The document.
  /// - Throws: A ``Problem`` for another content type or an exhausted budget, a `ContentCodingError`, a
  ///   `JSONError` for what is no JSON, an `HTTPBodyBrokenOff`.
  func jsonBody(
    bytesMax: Int, _ budget: DecodingBudget,
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
    var claimed = 0
  }

  private let state: Mutex<State>
  private let decoder: ContentDecoder?
  private let budget: DecodingBudget

  init(
    _ decoder: ContentDecoder?, _ budget: DecodingBudget,
    tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool
  ) {
    self.decoder = decoder
    self.budget = budget
    state = Mutex(State(reader: JSONPieceReader(tensorsAt: isTensor)))
  }

  deinit {
    budget.release(state.withLock(\.claimed))
  }

  func consume(_ piece: [UInt8]) throws {
    try state.withLock { state in
      guard let decoder else { return try read(piece, in: &state) }
      // What one piece decodes to is bounded by the ratio; it is read in parts, so it is held once.
      for start in stride(from: 0, to: piece.count, by: 4096) {
        var decoded: [UInt8] = []
        try decoder.consume(piece[start..<min(start + 4096, piece.count)], into: &decoded)
        try budget.claim(decoded.count)
        state.claimed += decoded.count
        try read(decoded, in: &state)
      }
    }
  }

  private func read(_ bytes: [UInt8], in state: inout State) throws(JSONError) {
    state.hash.update(bytes)
    try state.reader.consume(bytes)
  }

  func finish() throws -> JSONBody {
    try decoder?.finish()
    return try state.withLock { state in
      JSONBody(document: try state.reader.finish(), sha256: state.hash.digits)
    }
  }
}

/// Bytes that encoded bodies have been decoded to and that are still held, all requests together.
///
/// The server counts what it receives; of an encoded body that may be a two hundredth of what it
/// becomes.
package final class DecodingBudget: Sendable {
  private let bytesMax: Int
  private let claimed = Mutex(0)

  /// A budget of so many bytes.
  package init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  /// Takes some of it.
  ///
  /// - Throws: A ``Problem`` if less is left.
  func claim(_ bytes: Int) throws(Problem) {
    let isFree = claimed.withLock { claimed in
      guard bytes <= bytesMax - claimed else { return false }
      claimed += bytes
      return true
    }
    guard isFree else { throw Problem(.requestMemoryExhausted(bytesMax: bytesMax)) }
  }

  func release(_ bytes: Int) { claimed.withLock { $0 -= bytes } }
}
