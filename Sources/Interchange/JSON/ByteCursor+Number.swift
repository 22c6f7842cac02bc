extension ByteCursor {
  /// Reads a number of RFC 8259 6 and steps over it; what may follow it is for the caller to check.
  ///
  /// - Throws: Where the grammar is broken; the cursor then stands at the byte at fault.
  /// - Complexity: O(its bytes), without allocation.
  @inline(__always)
  mutating func readDecimal() throws(DecimalNumber.Fault) -> DecimalNumber {
    var number = DecimalNumber()
    number.isNegative = take(UInt8(ascii: "-"))
    let firstDigit = position
    if take(UInt8(ascii: "0")) {
      if current.isDigit { throw .leadingZero }
    } else {
      readDigits(into: &number.significand)
      if position == firstDigit { throw .noDigit }
    }
    var digits = position - firstDigit
    if take(UInt8(ascii: ".")) {
      let firstFractionDigit = position
      readDigits(into: &number.significand)
      let fractionDigits = position - firstFractionDigit
      if fractionDigits == 0 { throw .noFractionDigit }
      digits += fractionDigits
      number.exponent = -fractionDigits
      number.isWhole = false
    }
    // 19 digits are at most 10^19 - 1 and fit in 64 bits; of more, some may have been lost.
    if digits > 19 { keepLeadingDigits(of: &number, from: firstDigit) }
    if current | 0x20 == UInt8(ascii: "e") { try readExponent(of: &number) }
    return number
  }

  @inline(__always)
  private mutating func readDigits(into significand: inout UInt64) {
    while current.isDigit {
      significand = significand &* 10 &+ UInt64(current.digit)
      advance()
    }
  }

  private mutating func readExponent(
    of number: inout DecimalNumber
  ) throws(DecimalNumber.Fault) {
    advance()
    let isNegative = take(UInt8(ascii: "-"))
    if !isNegative { _ = take(UInt8(ascii: "+")) }
    guard current.isDigit else { throw .noExponentDigit }
    var exponent = 0
    while current.isDigit {
      // Beyond a million nothing changes any more: the number is 0 or too large.
      if exponent < 1_000_000 { exponent = exponent * 10 + Int(current.digit) }
      advance()
    }
    number.exponent += isNegative ? -exponent : exponent
    number.isWhole = false
  }

  /// Reads the digits before the cursor again, and keeps only the first 19 significant ones.
  private func keepLeadingDigits(of number: inout DecimalNumber, from firstDigit: Int) {
    number.significand = 0
    number.exponent = 0
    var kept = 0
    var isFraction = false
    for byte in bytes(from: firstDigit) {
      if byte == UInt8(ascii: ".") {
        isFraction = true
      } else if kept < 19 {
        number.significand = number.significand * 10 + UInt64(byte.digit)
        if number.significand > 0 { kept += 1 }
        if isFraction { number.exponent -= 1 }
      } else {
        if byte != UInt8(ascii: "0") { number.isTruncated = true }
        if !isFraction { number.exponent += 1 }
      }
    }
  }
}

extension UInt8 {
  @inline(__always)
  var isDigit: Bool { digit < 10 }

  /// The digit's value if the byte is one, else 10 or more.
  @inline(__always)
  var digit: UInt8 { self &- UInt8(ascii: "0") }
}
