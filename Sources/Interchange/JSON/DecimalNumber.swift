/// A decimal number as a document writes it, `significand * 10^exponent`.
struct DecimalNumber {
  var isNegative = false

  /// The first 19 significant digits; what follows them is left out if ``isTruncated``.
  var significand: UInt64 = 0

  var exponent = 0

  /// True if the number has more than 19 significant digits, so that the significand is a little
  /// too small: by less than 1 in 10^18.
  var isTruncated = false

  /// True if the number is written without fraction and exponent.
  var isWhole = true
}

extension DecimalNumber {
  /// Why no number could be read.
  enum Fault: Error {
    case noDigit
    case leadingZero
    case noFractionDigit
    case noExponentDigit
    case tooLong
    /// The piece of the document ends, and perhaps the number does not.
    case incomplete
  }
}

extension DecimalNumber {
  /// The value if it is a whole number that was written as one and fits in 64 bits.
  var integer: Int? {
    guard isWhole, !isTruncated, exponent == 0 else { return nil }
    guard isNegative else { return Int(exactly: significand) }
    // -2^63 has no positive counterpart, so the negative number is made without one.
    guard significand <= Int.min.magnitude else { return nil }
    return Int(truncatingIfNeeded: 0 &- significand)
  }

  /// The nearest 64-bit float if one operation on exact numbers gives it, else nil.
  ///
  /// Whole numbers up to 2^53 and powers of ten up to 10^22 are exact, and a single product or
  /// quotient of exact numbers is rounded once.
  var exactDouble: Double? {
    guard !isTruncated, significand <= 1 << 53, (-22...22).contains(exponent) else { return nil }
    let whole = isNegative ? -Double(significand) : Double(significand)
    return exponent < 0 ? whole / Self.power(-exponent) : whole * Self.power(exponent)
  }

  /// The nearest 32-bit float, ties to even, if that can be shown; else nil.
  ///
  /// The product below is off by at most a factor of 1 + 3.1 * 2^-53 (the significand, the power of
  /// ten and their product are each rounded once, and left-out digits add less than 2^-59), less
  /// than 4 units in its last place. Rounding it again to 24 bits goes astray only if a point
  /// halfway between two 32-bit floats lies within that distance. These points are the 64-bit
  /// floats whose low 29 bits are 2^28, so that it is enough to stay more than 8 away from it.
  @inline(__always)
  var provenFloat: Float? {
    // Up to 2^53 the number of 64 bits is exact, and the only rounding is the one to 32 bits.
    if exponent == 0, significand <= 1 << 53 { return signed(Float(Double(significand))) }
    guard exponent >= -64, exponent <= 64 else { return significand == 0 ? signed(0) : nil }
    let value = Double(significand) * Self.power(exponent)
    // Below the normal numbers the halfway points lie elsewhere.
    guard value >= Double(Float.leastNormalMagnitude),
      value < Double(Float.greatestFiniteMagnitude)
    else { return significand == 0 ? signed(0) : nil }
    let distance = Int(value.bitPattern & 0x1fff_ffff) - 0x1000_0000
    guard distance.magnitude > 8 else { return nil }
    return signed(Float(value))
  }

  @inline(__always)
  private func signed(_ magnitude: Float) -> Float {
    Float(bitPattern: magnitude.bitPattern | (isNegative ? 1 << 31 : 0))
  }

  /// 10 to a power from -64 to 64.
  @inline(__always)
  private static func power(_ exponent: Int) -> Double { powersOfTen[exponent + 64] }

  /// 10^-64 to 10^64, each the nearest 64-bit float; exact from 10^0 to 10^22.
  private static let powersOfTen: [129 of Double] = [
    1e-64, 1e-63, 1e-62, 1e-61, 1e-60, 1e-59, 1e-58, 1e-57, 1e-56, 1e-55, 1e-54, 1e-53, 1e-52,
    1e-51, 1e-50, 1e-49, 1e-48, 1e-47, 1e-46, 1e-45, 1e-44, 1e-43, 1e-42, 1e-41, 1e-40, 1e-39,
    1e-38, 1e-37, 1e-36, 1e-35, 1e-34, 1e-33, 1e-32, 1e-31, 1e-30, 1e-29, 1e-28, 1e-27, 1e-26,
    1e-25, 1e-24, 1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13,
    1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3,
    1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35, 1e36,
    1e37, 1e38, 1e39, 1e40, 1e41, 1e42, 1e43, 1e44, 1e45, 1e46, 1e47, 1e48, 1e49, 1e50, 1e51, 1e52,
    1e53, 1e54, 1e55, 1e56, 1e57, 1e58, 1e59, 1e60, 1e61, 1e62, 1e63, 1e64,
  ]
}
