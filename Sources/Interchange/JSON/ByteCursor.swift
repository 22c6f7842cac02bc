/// A place in a piece of a document that moves forward only.
///
/// This is the only type that reads the memory of a document, and ``current``, ``word`` and
/// ``bytes(from:)`` are the only ways to do so: all check the end, so that no input makes a read
/// outside. ``read(_:offset:isLast:by:)`` is the only way to get one, so that none outlives its bytes.
struct ByteCursor {
  private let buffer: UnsafeBufferPointer<UInt8>

  /// The number of the document's bytes before this piece.
  private let base: Int

  /// True if the document ends with this piece.
  private let isLast: Bool

  /// The number of bytes of the piece before the current one, at most the number of all.
  private(set) var position = 0

  private init(_ buffer: UnsafeBufferPointer<UInt8>, offset: Int, isLast: Bool) {
    self.buffer = buffer
    self.base = offset
    self.isLast = isLast
  }

  /// Lends a piece's bytes to a cursor.
  ///
  /// - Parameters:
  ///   - bytes: The piece.
  ///   - offset: The number of the document's bytes before it.
  ///   - isLast: Whether the document ends with it.
  ///   - body: Reads the bytes.
  /// - Throws: What `body` throws.
  static func read(
    _ bytes: Span<UInt8>, offset: Int, isLast: Bool,
    by body: (inout ByteCursor) throws(JSONError) -> Void
  ) throws(JSONError) {
    try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
      var cursor = ByteCursor(buffer, offset: offset, isLast: isLast)
      try body(&cursor)
    }
  }

  /// The number of the document's bytes before the current one.
  var offset: Int { base + position }

  /// The byte here, or 0 at the end; JSON allows a 0 nowhere, so it ends every loop.
  @inline(__always)
  var current: UInt8 { position < buffer.count ? buffer[position] : 0 }

  /// The byte here, or nil at the end.
  var found: UInt8? { position < buffer.count ? buffer[position] : nil }

  /// The eight bytes from here on, the first one lowest; 0 for each one beyond the end.
  @inline(__always)
  var word: UInt64 {
    guard buffer.count - position >= 8, let start = buffer.baseAddress else { return lastWord }
    let bytes = UnsafeRawPointer(start + position)
    return UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
  }

  @inline(never)
  private var lastWord: UInt64 {
    buffer[position...].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  @inline(__always)
  var isAtEnd: Bool { position == buffer.count }

  /// True if what follows here is still to come.
  @inline(__always)
  var isWaiting: Bool { isAtEnd && !isLast }

  /// The bytes of the piece from here on.
  var rest: Slice<UnsafeBufferPointer<UInt8>> { buffer[position...] }

  /// The bytes from an earlier position up to here.
  func bytes(from start: Int) -> Slice<UnsafeBufferPointer<UInt8>> {
    buffer[max(0, min(start, position))..<position]
  }

  /// The text from an earlier position up to here.
  func text(from start: Int) -> String {
    String(decoding: bytes(from: start), as: UTF8.self)
  }

  /// Steps to the next byte that is not a plain ASCII character of a string, over `limit` bytes at
  /// most, and returns what it stepped over.
  mutating func takePlainText(atMost limit: Int) -> Slice<UnsafeBufferPointer<UInt8>> {
    let start = position
    while current >= 0x20, current < 0x80, current != UInt8(ascii: "\""),
      current != UInt8(ascii: "\\"), position - start < limit
    {
      advance()
    }
    return bytes(from: start)
  }

  @inline(__always)
  mutating func advance() {
    if position < buffer.count { position += 1 }
  }

  @inline(__always)
  mutating func advance(by count: Int) {
    position = min(position + count, buffer.count)
  }

  /// Steps over the byte if it is the given one, and says whether it was.
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    advance()
    return true
  }

  /// Steps over spaces, tabs and line ends.
  @inline(__always)
  mutating func skipWhitespace() {
    while current <= 0x20, current == 0x20 || current == 0x0a || current == 0x0d || current == 0x09
    {
      advance()
    }
  }
}
