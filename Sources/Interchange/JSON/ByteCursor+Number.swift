extension ByteCursor {
  /// Reads a number of RFC 8259 6 and steps over it; what may follow it is for the caller to check.
  ///
  /// - Throws: Where the grammar is broken, the number is longer than `bytesMax`, or the piece ends
  ///   before it is known whether the number does; the cursor then stands at the byte at fault.
  /// - Complexity: O(its bytes), without allocation.
  @inline(__always)
  mutating func readDecimal(bytesMax: Int) throws(DecimalNumber.Fault) -> DecimalNumber {
    let start = position
    let number: DecimalNumber
    do {
      number = try readDecimalHere()
    } catch {
      throw interruption(since: start, bytesMax: bytesMax) ?? error
    }
    if let fault = interruption(since: start, bytesMax: bytesMax) { throw fault }
    return number
  }

  @inline(__always)
  private func interruption(since start: Int, bytesMax: Int) -> DecimalNumber.Fault? {
    if position - start > bytesMax { return .tooLong }
    return isWaiting ? .incomplete : nil
  }

  @inline(__always)
  private mutating func readDecimalHere() throws(DecimalNumber.Fault) -> DecimalNumber {
    var number = DecimalNumber()
    // No branch: in much data the sign is as good as random.
    number.isNegative = current == UInt8(ascii: "-")
    advance(by: number.isNegative ? 1 : 0)
    let firstDigit = position
    if take(UInt8(ascii: "0")) {
      if current.isDigit { throw .leadingZero }
    } else {
      // Mostly few: one by one is faster than eight at a time.
      while current.isDigit {
        number.significand = number.significand &* 10 &+ UInt64(current.digit)
        advance()
      }
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

  /// Reads the digits here, eight at a time.
  @inline(__always)
  private mutating func readDigits(into significand: inout UInt64) {
    var digits = Digits(word)
    while digits.count == 8 {
      significand = significand &* 100_000_000 &+ digits.value
      advance(by: 8)
      digits = Digits(word)
    }
    significand = significand &* digits.scale &+ digits.value
    advance(by: digits.count)
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

/// The digits that eight bytes begin with, all looked at at once.
private struct Digits {
  /// How many there are, up to eight.
  let count: Int

  /// Their values, moved up so that the last one is in the highest byte, and 0 below them.
  private let values: UInt64

  @inline(__always)
  init(_ word: UInt64) {
    // A digit's byte becomes 0 to 9, and adding 0x76 to more than 9 sets the highest bit. Only the
    // bytes above such a one can be touched by its carry.
    let values = word ^ 0x3030_3030_3030_3030
    let others = (values &+ 0x7676_7676_7676_7676 | values) & 0x8080_8080_8080_8080
    let bits = others.trailingZeroBitCount & ~7
    self.count = bits >> 3
    self.values = bits == 0 ? 0 : values &<< (64 - bits)
  }

  /// The whole number that they write.
  @inline(__always)
  var value: UInt64 {
    // Neighbours are joined: into numbers of two digits, of four, of eight.
    let pairs = (values &* (10 << 8 | 1)) &>> 8 & 0x00ff_00ff_00ff_00ff
    let fours = (pairs &* (100 << 16 | 1)) &>> 16 & 0x0000_ffff_0000_ffff
    return (fours &* (10_000 << 32 | 1)) &>> 32
  }

  /// 10 to the power of their number, if they are fewer than eight.
  @inline(__always)
  var scale: UInt64 { Self.scales[count & 7] }

  private static let scales: [8 of UInt64] = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000,
  ]
}

extension UInt8 {
  @inline(__always)
  var isDigit: Bool { digit < 10 }

  /// The digit's value if the byte is one, else 10 or more.
  @inline(__always)
  var digit: UInt8 { self &- UInt8(ascii: "0") }
}
