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
  var rest = input.prefix(outcome.count)
  let content = takeChunks(from: &rest)
  try require(content == outcome.body, "the chunks hold \(content ?? []), not \(outcome.body)")
  try require(rest.isEmpty, "\(rest) is read after the end")
  let written = ResponseEncoder.chunk(outcome.body) + ResponseEncoder.lastChunk
  let again = ChunkOutcome(reading: [written[...]])
  try require(again.isFinished && again.body == outcome.body, "our own chunks are read otherwise")
}
