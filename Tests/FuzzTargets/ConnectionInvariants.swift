import HTTPCore

/// Plays a connection as the input says, with its pieces whole and byte by byte.
///
/// Bytes below 0x80 are the peer's, in pieces that end where another byte stands. The others are
/// events: the upper four bits say which (``ConnectionEvent``), the lower four how large or of what
/// kind. So a request can be read in the input as it is.
func checkConnection(_ input: [UInt8]) throws(BrokenInvariant) {
  var whole = ConnectionOwner(piecesOf: 4096)
  try whole.play(input)
  var bytewise = ConnectionOwner(piecesOf: 1)
  try bytewise.play(input)
  guard !whole.dependsOnPieces, !bytewise.dependsOnPieces else { return }
  try require(
    whole.history == bytewise.history,
    "in pieces \(whole.history), but byte by byte \(bytewise.history)")
}

/// What may happen to a connection besides bytes that come.
enum ConnectionEvent: UInt8 {
  case take = 8
  case wait
  case answer
  case write
  case stream
  case end
  case filler
  case deadline
}

extension ConnectionOwner {
  /// Performs the events of the input in their order.
  fileprivate mutating func play(_ input: [UInt8]) throws(BrokenInvariant) {
    var rest = input[...]
    while let byte = rest.first {
      if byte < 0x80 {
        let piece = rest.prefix { $0 < 0x80 }
        rest = rest.dropFirst(piece.count)
        try receive(piece)
      } else {
        rest = rest.dropFirst()
        if let event = ConnectionEvent(rawValue: byte >> 4) {
          try perform(event, Int(byte & 15))
        }
      }
    }
  }

  private mutating func perform(_ event: ConnectionEvent, _ kind: Int) throws(BrokenInvariant) {
    switch event {
    case .take: try take(untaken >> kind)
    case .wait: try wait(.milliseconds(10 << kind))
    case .answer: try answer(kind)
    case .write: try write(unsent >> kind)
    case .stream: try stream(kind)
    case .end: try end(kind)
    case .filler: try receive(ArraySlice(repeating: UInt8(ascii: "a"), count: 1 << min(kind, 10)))
    case .deadline: try wait(nil)
    }
  }
}
