internal import Crypto

/// The key itself, as its holder sends it.
package enum KeySecret {
  private static let prefix = "descent_"
  private static let bits = 256

  /// Bytes of a hash.
  static let hashBytes = 32

  /// Returns a new key: 256 bits of the system's secure generator, in hexadecimal digits.
  package static func make() -> String {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<(bits / 8)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return prefix + bytes.hexadecimal
  }

  /// The SHA-256 of a key.
  static func hash(of secret: String) -> [UInt8] {
    Array(SHA256.hash(data: Array(secret.utf8)))
  }
}

/// Whether two hashes are equal, found out in a time that does not depend on where they differ.
func isEqualInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  guard left.count == right.count else { return false }
  return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}

extension [UInt8] {
  /// The bytes in lower-case hexadecimal digits.
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The bytes that lower-case hexadecimal digits write, or nil if they are none.
  init?(hexadecimal text: String) {
    let digits = Array("0123456789abcdef".utf8)
    let values = text.utf8.compactMap { digits.firstIndex(of: $0) }
    guard values.count == text.utf8.count, values.count.isMultiple(of: 2) else { return nil }
    self = stride(from: 0, to: values.count, by: 2).map {
      UInt8(values[$0] << 4 | values[$0 + 1])
    }
  }
}
