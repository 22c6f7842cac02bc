/// A place in bytes that moves forward only.
///
/// This is the only type that reads the memory of a document, and ``current`` and ``bytes(from:)``
/// are the only ways to do so: both check the end, so that no input makes a read outside.
/// It must not outlive the bytes it was made of.
struct ByteCursor {
  private let buffer: UnsafeBufferPointer<UInt8>

  /// The number of bytes before the current one, at most the number of all bytes.
  private(set) var position = 0

  init(_ buffer: UnsafeBufferPointer<UInt8>) {
    self.buffer = buffer
  }

  /// The byte here, or 0 at the end; JSON allows a 0 nowhere, so it ends every loop.
  @inline(__always)
  var current: UInt8 { position < buffer.count ? buffer[position] : 0 }

  /// The byte here, or nil at the end.
  var found: UInt8? { position < buffer.count ? buffer[position] : nil }

  var isAtEnd: Bool { position == buffer.count }

  /// The bytes from an earlier position up to here.
  func bytes(from start: Int) -> Slice<UnsafeBufferPointer<UInt8>> {
    buffer[max(0, min(start, position))..<position]
  }

  /// The text from an earlier position up to here.
  func text(from start: Int) -> String {
    String(decoding: bytes(from: start), as: UTF8.self)
  }

  @inline(__always)
  mutating func advance() {
    if position < buffer.count { position += 1 }
  }

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
