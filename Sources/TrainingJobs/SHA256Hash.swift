internal import Crypto

/// The SHA-256 of bytes in lower-case hexadecimal digits.
package func sha256(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef")
  return SHA256.hash(data: bytes).reduce(into: "") { text, byte in
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
}
