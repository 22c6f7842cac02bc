import NeuralNetwork

extension DocumentReader {
  /// A string that is being read, as far as its escapes have been undone.
  struct Text {
    /// The offset of its opening quote.
    fileprivate(set) var start = 0

    fileprivate var bytes: [UInt8] = []

    /// Bytes of all strings and names that have ended.
    fileprivate var bytesEnded = 0

    /// Bytes of all strings and names so far.
    var bytesHeld: Int { bytesEnded + bytes.count }

    fileprivate var place = Place.character

    /// The offset of the backslash of the escape that is being read.
    fileprivate var escapeStart = 0

    /// The half of a surrogate pair that was read, and is waiting for the other.
    fileprivate var lead: UInt16?

    fileprivate enum Place {
      /// A character, or the closing quote.
      case character
      /// Another byte of a character, and `more` after it.
      case continuation(ClosedRange<UInt8>, more: Int)
      /// What stands after a backslash.
      case escape
      case hexDigit(unit: UInt16, digits: Int)
      /// The backslash of the second half of a surrogate pair.
      case trailBackslash
      case trailLetter
    }
  }

  mutating func beginText(_ cursor: inout ByteCursor, isName: Bool) {
    text.start = cursor.offset
    text.place = .character
    place = .text(isName: isName)
    cursor.advance()
  }

  /// Reads a string from where the last piece ended to its closing quote, or to the piece's end.
  mutating func readText(_ cursor: inout ByteCursor, isName: Bool) throws(JSONError) {
    while !cursor.isWaiting {
      switch text.place {
      case .character:
        text.bytes.append(contentsOf: cursor.takePlainText(atMost: textBytesLeft))
        if cursor.current == UInt8(ascii: "\"") { return try endText(&cursor, isName: isName) }
        try beginCharacter(&cursor)
      case .continuation(let allowed, let more): try readContinuation(&cursor, allowed, more: more)
      case .escape: try readEscape(&cursor)
      case .hexDigit(let unit, let digits): try readHexDigit(&cursor, unit: unit, digits: digits)
      case .trailBackslash:
        guard cursor.take(UInt8(ascii: "\\")) else { throw loneSurrogate() }
        text.place = .trailLetter
      case .trailLetter:
        guard cursor.take(UInt8(ascii: "u")) else { throw loneSurrogate() }
        text.place = .hexDigit(unit: 0, digits: 0)
      }
    }
  }

  private var textBytesLeft: Int { limits.stringBytesMax - text.bytes.count }

  private func textTooLong() -> JSONError {
    error(.stringTooLong(limit: limits.stringBytesMax), at: text.start)
  }

  private mutating func endText(_ cursor: inout ByteCursor, isName: Bool) throws(JSONError) {
    guard textBytesLeft >= 0 else { throw textTooLong() }
    cursor.advance()
    let string = String(decoding: text.bytes, as: UTF8.self)
    text.bytesEnded += text.bytes.count
    text.bytes.removeAll(keepingCapacity: true)
    if isName { try endName(string) } else { end(.string(string)) }
  }

  /// Reads the first byte of what is no plain character.
  private mutating func beginCharacter(_ cursor: inout ByteCursor) throws(JSONError) {
    if cursor.isWaiting { return }
    guard let byte = cursor.found else { throw unexpected(.closingQuote, at: cursor) }
    guard textBytesLeft > 0 else { throw textTooLong() }
    if byte == UInt8(ascii: "\\") {
      text.escapeStart = cursor.offset
      text.place = .escape
    } else if byte < 0x20 {
      throw unexpected(.escapedControl, at: cursor)
    } else {
      text.place = try continuation(of: byte, &cursor)
      text.bytes.append(byte)
    }
    cursor.advance()
  }

  /// What follows the first byte of a character of two to four, by the table of RFC 3629 4.
  private func continuation(
    of byte: UInt8, _ cursor: inout ByteCursor
  ) throws(JSONError) -> Text.Place {
    switch byte {
    case 0xc2...0xdf: .continuation(0x80...0xbf, more: 0)
    case 0xe0: .continuation(0xa0...0xbf, more: 1)
    case 0xe1...0xec, 0xee...0xef: .continuation(0x80...0xbf, more: 1)
    case 0xed: .continuation(0x80...0x9f, more: 1)
    case 0xf0: .continuation(0x90...0xbf, more: 2)
    case 0xf1...0xf3: .continuation(0x80...0xbf, more: 2)
    case 0xf4: .continuation(0x80...0x8f, more: 2)
    default: throw error(.invalidUTF8(found: byte), at: cursor.offset)
    }
  }

  private mutating func readContinuation(
    _ cursor: inout ByteCursor, _ allowed: ClosedRange<UInt8>, more: Int
  ) throws(JSONError) {
    guard let found = cursor.found else { throw unexpected(.closingQuote, at: cursor) }
    guard allowed.contains(found) else {
      throw error(.invalidUTF8(found: found), at: cursor.offset)
    }
    text.bytes.append(found)
    cursor.advance()
    text.place = more == 0 ? .character : .continuation(0x80...0xbf, more: more - 1)
  }
}

extension DocumentReader {
  private mutating func readEscape(_ cursor: inout ByteCursor) throws(JSONError) {
    text.place = .character
    switch cursor.current {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      text.bytes.append(cursor.current)
    case UInt8(ascii: "b"): text.bytes.append(0x08)
    case UInt8(ascii: "f"): text.bytes.append(0x0c)
    case UInt8(ascii: "n"): text.bytes.append(0x0a)
    case UInt8(ascii: "r"): text.bytes.append(0x0d)
    case UInt8(ascii: "t"): text.bytes.append(0x09)
    case UInt8(ascii: "u"): text.place = .hexDigit(unit: 0, digits: 0)
    default: throw unexpected(.escape, at: cursor)
    }
    cursor.advance()
  }

  private mutating func readHexDigit(
    _ cursor: inout ByteCursor, unit: UInt16, digits: Int
  ) throws(JSONError) {
    guard let digit = cursor.current.hexDigit else { throw unexpected(.hexDigit, at: cursor) }
    cursor.advance()
    let unit = unit << 4 | UInt16(digit)
    if digits == 3 {
      try endEscape(unit)
    } else {
      text.place = .hexDigit(unit: unit, digits: digits + 1)
    }
  }

  /// Takes what `\uXXXX` writes: a character, or half of one.
  private mutating func endEscape(_ unit: UInt16) throws(JSONError) {
    text.place = .character
    if let lead = text.lead {
      guard UTF16.isTrailSurrogate(unit) else { throw loneSurrogate() }
      let value = 0x10000 + (UInt32(lead) - 0xd800) << 10 + (UInt32(unit) - 0xdc00)
      guard let scalar = Unicode.Scalar(value) else { throw loneSurrogate() }
      text.lead = nil
      text.bytes.append(contentsOf: scalar.utf8)
    } else if let scalar = Unicode.Scalar(unit) {
      text.bytes.append(contentsOf: scalar.utf8)
    } else {
      text.lead = unit
      guard UTF16.isLeadSurrogate(unit) else { throw loneSurrogate() }
      text.place = .trailBackslash
    }
  }

  private func loneSurrogate() -> JSONError {
    error(.loneSurrogate(text.lead ?? 0), at: text.escapeStart)
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
