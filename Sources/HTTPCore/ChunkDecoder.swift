/// Takes the chunked coding off a body, however its bytes are cut (RFC 9112 7.1).
///
/// Extensions and trailers are checked and dropped. As with the head, each byte is judged in its
/// order, so that every way of cutting gives the same outcome.
package struct ChunkDecoder: Sendable {
  private enum State {
    case size(digits: Int, value: Int)
    case sizeExtension(ChunkExtension, value: Int)
    case sizeLineFeed(value: Int)
    case data(remaining: Int)
    case dataCarriageReturn
    case dataLineFeed
    case trailer
    case finished
  }

  private let limits: HTTPLimits
  private let bodyBytesMax: Int
  private var state = State.size(digits: 0, value: 0)
  private var extensionBytes = 0
  private var wireBytes = 0
  private var bodyBytes = 0
  private var chunks = 0
  private var trailer = TrailerReader()

  package init(limits: HTTPLimits, bodyBytesMax: Int) {
    self.limits = limits
    self.bodyBytesMax = bodyBytesMax
  }

  /// Whether the last chunk and the trailers have been read.
  package var isFinished: Bool {
    if case .finished = state { true } else { false }
  }

  /// Takes coded bytes from the front of `bytes` and appends their content to `body`.
  package mutating func consume(
    _ bytes: inout ArraySlice<UInt8>, into body: inout [UInt8]
  ) throws(HTTPFailure) {
    while !isFinished, let byte = bytes.first {
      if case .data(let remaining) = state {
        let piece = bytes.prefix(remaining)
        body.append(contentsOf: piece)
        bytes = bytes.dropFirst(piece.count)
        wireBytes &+= piece.count
        let rest = remaining - piece.count
        state = rest == 0 ? .dataCarriageReturn : .data(remaining: rest)
      } else {
        bytes = bytes.dropFirst()
        wireBytes &+= 1
        state = try next(byte)
      }
    }
  }

  private mutating func next(_ byte: UInt8) throws(HTTPFailure) -> State {
    switch state {
    case .size(let digits, let value): return try size(byte, digits: digits, value: value)
    case .sizeExtension(let chunkExtension, let value):
      return try sizeExtension(byte, chunkExtension, value: value)
    case .sizeLineFeed(let value):
      guard byte == ASCII.lineFeed else { throw .malformedChunk(.lineEnd) }
      return try beginChunk(of: value)
    case .dataCarriageReturn:
      guard byte == ASCII.carriageReturn else { throw .malformedChunk(.dataEnd) }
      return .dataLineFeed
    case .dataLineFeed:
      guard byte == ASCII.lineFeed else { throw .malformedChunk(.dataEnd) }
      return .size(digits: 0, value: 0)
    case .trailer: return try trailer.read(byte, limits: limits) ? .finished : .trailer
    case .data, .finished: return state
    }
  }

  private mutating func size(
    _ byte: UInt8, digits: Int, value: Int
  ) throws(HTTPFailure) -> State {
    if let digit = byte.hexadecimalValue {
      guard digits < limits.chunkSizeDigitsMax else {
        throw .chunkLimit(.sizeDigits, max: limits.chunkSizeDigitsMax)
      }
      guard value <= Int.max >> 4 else { throw .malformedChunk(.sizeOverflow) }
      return .size(digits: digits + 1, value: value << 4 | Int(digit))
    }
    guard digits > 0 else { throw .malformedChunk(.size) }
    switch byte {
    case ASCII.carriageReturn: return .sizeLineFeed(value: value)
    case ASCII.semicolon:
      try countExtensionByte()
      return .sizeExtension(.name(isEmpty: true), value: value)
    case ASCII.lineFeed: throw .malformedChunk(.lineEnd)
    default: throw .malformedChunk(.size)
    }
  }

  private mutating func sizeExtension(
    _ byte: UInt8, _ chunkExtension: ChunkExtension, value: Int
  ) throws(HTTPFailure) -> State {
    if byte == ASCII.carriageReturn {
      guard chunkExtension.mayEnd else { throw .malformedChunk(.sizeExtension) }
      return .sizeLineFeed(value: value)
    }
    try countExtensionByte()
    guard let next = chunkExtension.next(byte) else { throw .malformedChunk(.sizeExtension) }
    return .sizeExtension(next, value: value)
  }

  /// RFC 9112 7.1.1: the bytes of extensions ought to be limited over the whole body.
  private mutating func countExtensionByte() throws(HTTPFailure) {
    extensionBytes += 1
    guard extensionBytes <= limits.chunkExtensionBytesMax else {
      throw .chunkLimit(.extensionBytes, max: limits.chunkExtensionBytesMax)
    }
  }

  private mutating func beginChunk(of size: Int) throws(HTTPFailure) -> State {
    guard size > 0 else { return .trailer }
    guard size <= bodyBytesMax - bodyBytes else {
      throw .bodyTooLarge(bytesMax: bodyBytesMax, declared: nil)
    }
    bodyBytes += size
    chunks += 1
    // Six bytes of framing for one of content: a long body of tiny chunks is an attack on time.
    let isTiny = bodyBytes / chunks < limits.chunkBytesMeanMin
    guard wireBytes < limits.tinyChunkBytesMin || !isTiny else {
      throw .chunkLimit(.meanChunkBytes, max: limits.chunkBytesMeanMin)
    }
    return .data(remaining: size)
  }
}

/// The place inside chunk extensions: `;name`, `;name=token`, `;name="text"`, repeated.
enum ChunkExtension: Sendable {
  case name(isEmpty: Bool)
  case value(isEmpty: Bool)
  case quoted
  case escaped
  case afterQuoted

  /// Whether the size line may end here.
  var mayEnd: Bool {
    switch self {
    case .name(let isEmpty), .value(let isEmpty): !isEmpty
    case .quoted, .escaped: false
    case .afterQuoted: true
    }
  }

  /// The place after the byte; nil if the byte must not stand here.
  func next(_ byte: UInt8) -> ChunkExtension? {
    switch self {
    case .name(let isEmpty):
      if byte.isToken { return .name(isEmpty: false) }
      guard !isEmpty else { return nil }
      return byte == 0x3D ? .value(isEmpty: true) : Self.separator(byte)
    case .value(let isEmpty):
      if byte.isToken { return .value(isEmpty: false) }
      guard isEmpty else { return Self.separator(byte) }
      return byte == 0x22 ? .quoted : nil
    case .quoted:
      guard byte.isFieldValue else { return nil }
      return byte == 0x22 ? .afterQuoted : byte == 0x5C ? .escaped : .quoted
    case .escaped: return byte.isFieldValue ? .quoted : nil
    case .afterQuoted: return Self.separator(byte)
    }
  }

  private static func separator(_ byte: UInt8) -> ChunkExtension? {
    byte == ASCII.semicolon ? .name(isEmpty: true) : nil
  }
}
