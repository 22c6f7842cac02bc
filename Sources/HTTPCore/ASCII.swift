/// The bytes that HTTP's grammar names, and its classes of bytes as closed tests.
package enum ASCII {
  package static let tab: UInt8 = 0x09
  package static let lineFeed: UInt8 = 0x0A
  package static let carriageReturn: UInt8 = 0x0D
  package static let space: UInt8 = 0x20
  package static let percent: UInt8 = 0x25
  package static let plus: UInt8 = 0x2B
  package static let comma: UInt8 = 0x2C
  package static let slash: UInt8 = 0x2F
  package static let colon: UInt8 = 0x3A
  package static let semicolon: UInt8 = 0x3B
}

extension UInt8 {
  /// Whether the byte may stand in a token: a method or a field name (RFC 9110 5.6.2).
  package var isToken: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
    default: false
    }
  }

  /// Whether the byte may stand in a field value: text, blank, tab or obs-text (RFC 9110 5.5).
  package var isFieldValue: Bool { self >= 0x20 ? self != 0x7F : self == ASCII.tab }

  /// Whether the byte may stand in a path or a query as sent (RFC 3986 3.3, 3.4), `%` included.
  package var isPathOrQuery: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true  // digits and letters
    case 0x2D, 0x2E, 0x5F, 0x7E: true  // - . _ ~
    case 0x21, 0x24...0x2C, 0x3A, 0x3B, 0x3D, 0x40: true  // ! $ & ' ( ) * + , : ; = @
    case ASCII.slash, 0x3F, ASCII.percent: true
    default: false
    }
  }

  /// Whether the byte is a decimal digit.
  package var isDigit: Bool { (0x30...0x39).contains(self) }

  /// Whether the byte is a lower-case letter of ASCII.
  package var isLowercase: Bool { (0x61...0x7A).contains(self) }

  /// The byte with an upper-case ASCII letter made lower-case; every other byte as it is.
  package var lowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }

  /// The value of the byte as a hexadecimal digit, or nil.
  package var hexadecimalValue: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x41...0x46: self - 0x41 + 10
    case 0x61...0x66: self - 0x61 + 10
    default: nil
    }
  }
}

/// Whether two texts are equal when the case of ASCII letters is ignored.
package func equalsIgnoringCase(_ left: String, _ right: String) -> Bool {
  guard left.utf8.count == right.utf8.count else { return false }
  return zip(left.utf8, right.utf8).allSatisfy { $0.lowercased == $1.lowercased }
}

/// The text with control characters written as `\xNN`, cut to 200 bytes, safe for logs and messages.
package func escapedForMessages(_ text: String) -> String {
  let hexadecimal: [Character] = Array("0123456789abcdef")
  var result = ""
  for scalar in text.unicodeScalars {
    guard result.utf8.count < 200 else { return result + "..." }
    if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
      result += "\\x"
      result.append(hexadecimal[Int(scalar.value >> 4)])
      result.append(hexadecimal[Int(scalar.value & 15)])
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}
