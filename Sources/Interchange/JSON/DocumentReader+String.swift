extension DocumentReader {
  /// Reads a string with its quotes, and undoes its escapes.
  mutating func readString() throws(JSONError) -> String {
    let start = cursor.position
    cursor.advance()
    try skipPlainText()
    var text = cursor.text(from: start + 1)
    while cursor.current == UInt8(ascii: "\\") {
      try readEscape(into: &text)
      let plain = cursor.position
      try skipPlainText()
      text += cursor.text(from: plain)
    }
    cursor.advance()
    guard text.utf8.count <= limits.stringBytesMax else {
      throw error(.stringTooLong(limit: limits.stringBytesMax), at: start)
    }
    return text
  }

  /// Steps to the next quote or backslash, over valid UTF-8 only.
  private mutating func skipPlainText() throws(JSONError) {
    while true {
      switch cursor.current {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): return
      case 0x00..<0x20:
        throw unexpected(cursor.isAtEnd ? .closingQuote : .escapedControl)
      case 0x80...: try skipMultibyteCharacter()
      default: cursor.advance()
      }
    }
  }

  /// Steps over a character of two to four bytes, by the table of RFC 3629 4.
  private mutating func skipMultibyteCharacter() throws(JSONError) {
    let second: ClosedRange<UInt8>
    let count: Int
    switch cursor.current {
    case 0xc2...0xdf: (second, count) = (0x80...0xbf, 2)
    case 0xe0: (second, count) = (0xa0...0xbf, 3)
    case 0xe1...0xec, 0xee...0xef: (second, count) = (0x80...0xbf, 3)
    case 0xed: (second, count) = (0x80...0x9f, 3)
    case 0xf0: (second, count) = (0x90...0xbf, 4)
    case 0xf1...0xf3: (second, count) = (0x80...0xbf, 4)
    case 0xf4: (second, count) = (0x80...0x8f, 4)
    default: throw error(.invalidUTF8(found: cursor.current))
    }
    cursor.advance()
    try skipContinuation(second)
    for _ in 2..<count { try skipContinuation(0x80...0xbf) }
  }

  private mutating func skipContinuation(_ allowed: ClosedRange<UInt8>) throws(JSONError) {
    guard let found = cursor.found else { throw unexpected(.closingQuote) }
    guard allowed.contains(found) else { throw error(.invalidUTF8(found: found)) }
    cursor.advance()
  }
}

extension DocumentReader {
  /// Reads the escape that begins at the backslash here.
  private mutating func readEscape(into text: inout String) throws(JSONError) {
    let start = cursor.position
    cursor.advance()
    switch cursor.current {
    case UInt8(ascii: "\""): text.unicodeScalars.append("\"")
    case UInt8(ascii: "\\"): text.unicodeScalars.append("\\")
    case UInt8(ascii: "/"): text.unicodeScalars.append("/")
    case UInt8(ascii: "b"): text.unicodeScalars.append("\u{8}")
    case UInt8(ascii: "f"): text.unicodeScalars.append("\u{c}")
    case UInt8(ascii: "n"): text.unicodeScalars.append("\n")
    case UInt8(ascii: "r"): text.unicodeScalars.append("\r")
    case UInt8(ascii: "t"): text.unicodeScalars.append("\t")
    case UInt8(ascii: "u"): return try readUnicodeEscape(from: start, into: &text)
    default: throw unexpected(.escape)
    }
    cursor.advance()
  }

  /// Reads `uXXXX` here, and the `\uXXXX` after it if it takes two to make a character.
  private mutating func readUnicodeEscape(
    from start: Int, into text: inout String
  ) throws(JSONError) {
    let first = try readHexUnit()
    if let scalar = Unicode.Scalar(first) { return text.unicodeScalars.append(scalar) }
    let lone = error(.loneSurrogate(first), at: start)
    guard UTF16.isLeadSurrogate(first), cursor.take(UInt8(ascii: "\\")) else { throw lone }
    guard cursor.current == UInt8(ascii: "u") else { throw lone }
    let second = try readHexUnit()
    guard UTF16.isTrailSurrogate(second) else { throw lone }
    let value = 0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)
    guard let scalar = Unicode.Scalar(value) else { throw lone }
    text.unicodeScalars.append(scalar)
  }

  private mutating func readHexUnit() throws(JSONError) -> UInt16 {
    cursor.advance()
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = cursor.current.hexDigit else { throw unexpected(.hexDigit) }
      unit = unit << 4 | UInt16(digit)
      cursor.advance()
    }
    return unit
  }
}

extension UInt8 {
  /// The digit's value if the byte is a hexadecimal digit of either case.
  fileprivate var hexDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
