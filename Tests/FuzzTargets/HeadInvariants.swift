import HTTPCore

/// What became of the bytes of a head.
private struct HeadOutcome: Equatable {
  var result: Result<RequestHead?, HTTPFailure>
  /// Bytes taken up to the end of the head; of no meaning after a failure.
  var count = 0

  init(reading pieces: [ArraySlice<UInt8>]) {
    result = .success(nil)
    var parser = RequestHeadParser(limits: .forFuzzing)
    for piece in pieces {
      var rest = piece
      do throws(HTTPFailure) {
        let head = try parser.consume(&rest)
        count += piece.count - rest.count
        result = .success(head)
        if head != nil { return }
      } catch {
        count = 0
        result = .failure(error)
        return
      }
    }
  }
}

extension HTTPLimits {
  /// Limits that inputs of a few hundred bytes reach.
  static var forFuzzing: HTTPLimits {
    var limits = HTTPLimits()
    limits.requestLineBytesMax = 120
    limits.methodBytesMax = 12
    limits.headerBlockBytesMax = 300
    limits.headerLineBytesMax = 80
    limits.headerCountMax = 8
    limits.bodyBytesMax = 200
    limits.chunkExtensionBytesMax = 40
    limits.trailerBytesMax = 120
    limits.trailerCountMax = 4
    limits.tinyChunkBytesMin = 150
    return limits
  }
}

/// Every way of cutting gives one outcome, and an accepted head is what handlers rely on.
func checkHead(_ input: [UInt8]) throws(BrokenInvariant) {
  let outcomes = Cuts.all(of: input).map(HeadOutcome.init)
  try require(outcomes.allSatisfy { $0 == outcomes[0] }, "cuts give \(outcomes)")
  switch outcomes[0].result {
  case .success(nil):
    let limits = HTTPLimits.forFuzzing
    let heldMax =
      limits.emptyLinesMax * 2 + limits.requestLineBytesMax + 2 + limits.headerBlockBytesMax
    try require(input.count <= heldMax, "\(input.count) bytes were taken without an end")
  case .success(let head?): try checkAccepted(head, bytes: input.prefix(outcomes[0].count))
  case .failure(let failure): try checkFailure(failure)
  }
}

/// A failure is an answer to the client, in one line that no byte of the client can break.
func checkFailure(_ failure: HTTPFailure) throws(BrokenInvariant) {
  try require((400...599).contains(failure.status), "\(failure) has status \(failure.status)")
  try require(
    failure.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F },
    "\(failure) says a control character")
}

private func checkAccepted(
  _ head: RequestHead, bytes: ArraySlice<UInt8>
) throws(BrokenInvariant) {
  try require(bytes.suffix(4).elementsEqual("\r\n\r\n".utf8), "the head has no empty line")
  try require(RequestHead.supportedMethods.contains(head.method), "\(head.method) is no method")
  let hosts = head.headers.all("Host")
  try require(hosts.count <= 1, "\(hosts.count) hosts")
  try require(head.version == .http10 || hosts.count == 1, "no host with 1.1")
  try require(
    head.headers.count <= HTTPLimits.forFuzzing.headerCountMax, "\(head.headers.count) fields")
  for field in head.headers.fields {
    try require(!field.name.isEmpty && field.name.utf8.allSatisfy(\.isToken), "name \(field.name)")
    try require(field.value.utf8.allSatisfy(\.isFieldValue), "value of \(field.name)")
  }
  try checkDecoded(head.target)
  try checkFraming(of: head)
}

/// The body of an accepted head has one meaning for all readers (RFC 9112 6.3).
private func checkFraming(of head: RequestHead) throws(BrokenInvariant) {
  let lengths = head.headers.all("Content-Length")
  let codings = head.headers.all("Transfer-Encoding")
  let isPlain: Bool
  do throws(HTTPFailure) {
    switch try BodyFraming(of: head) {
    case .length(let length):
      isPlain = codings.isEmpty && (lengths.isEmpty ? length == 0 : lengths == [String(length)])
    case .chunked:
      isPlain = lengths.isEmpty && codings.count == 1 && head.version == .http11
    }
  } catch {
    return try checkFailure(error)
  }
  try require(isPlain, "the framing can be read in two ways: \(head.headers.fields)")
}
