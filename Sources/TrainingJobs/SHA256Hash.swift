internal import Crypto

/// The SHA-256 of bytes that come in pieces.
package struct SHA256Hash: Sendable {
  private var hash = SHA256()

  /// The hash of nothing.
  package init() {}

  /// Adds the next bytes.
  package mutating func update(_ bytes: [UInt8]) {
    hash.update(data: bytes)
  }

  /// The hash of what has come, in lower-case hexadecimal digits.
  package var digits: String {
    let digits = Array("0123456789abcdef")
    return hash.finalize().reduce(into: "") { text, byte in
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
  }
}

/// The SHA-256 of bytes in lower-case hexadecimal digits.
package func sha256(_ bytes: [UInt8]) -> String {
  var hash = SHA256Hash()
  hash.update(bytes)
  return hash.digits
}
