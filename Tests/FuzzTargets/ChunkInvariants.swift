import HTTPCore

/// What became of the bytes of a chunked body.
private struct ChunkOutcome: Hashable {
  var body: [UInt8] = []
  var isFinished = false
  var failure: HTTPFailure?
  /// Bytes taken up to the end of the body; of no meaning after a failure.
  var count = 0

  init(reading pieces: [ArraySlice<UInt8>]) {
    let limits = HTTPLimits.forFuzzing
    var decoder = ChunkDecoder(limits: limits, bodyBytesMax: limits.bodyBytesMax)
    for piece in pieces {
      var rest = piece
      do throws(HTTPFailure) {
        try decoder.consume(&rest, into: &body)
        count += piece.count - rest.count
        isFinished = decoder.isFinished
        if isFinished { return }
      } catch {
        count = 0
        failure = error
        return
      }
    }
  }
}

/// Every way of cutting gives one outcome, within the limit, and a whole body is what its chunks
/// say.
func checkChunks(_ input: [UInt8]) throws(BrokenInvariant) {
  let outcomes = Cuts.all(of: input).map(ChunkOutcome.init)
  try require(Set(outcomes).count == 1, "cuts give \(outcomes)")
  let outcome = outcomes[0]
  let bytesMax = HTTPLimits.forFuzzing.bodyBytesMax
  try require(outcome.body.count <= bytesMax, "the body has \(outcome.body.count) bytes")
  if let failure = outcome.failure { return try checkFailure(failure) }
  guard outcome.isFinished else {
    return try require(outcome.count == input.count, "bytes are left without an end")
  }
  let content = contentOfChunks(input.prefix(outcome.count))
  try require(content == outcome.body, "the chunks hold \(content ?? []), not \(outcome.body)")
  let written = ResponseEncoder.chunk(outcome.body) + ResponseEncoder.lastChunk
  let again = ChunkOutcome(reading: [written[...]])
  try require(again.isFinished && again.body == outcome.body, "our own chunks are read otherwise")
}

/// The content of chunks that are known to be whole, by a reader that only follows sizes; nil if it
/// cannot.
private func contentOfChunks(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
  var rest = bytes
  var content: [UInt8] = []
  while let end = rest.firstIndex(of: ASCII.carriageReturn) {
    let digits = rest[..<end].prefix { $0 != ASCII.semicolon }
    guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
    rest = rest[end...].dropFirst(2)
    if size == 0 { return rest.suffix(2).elementsEqual("\r\n".utf8) ? content : nil }
    content += rest.prefix(size)
    guard rest.dropFirst(size).starts(with: "\r\n".utf8) else { return nil }
    rest = rest.dropFirst(size + 2)
  }
  return nil
}
