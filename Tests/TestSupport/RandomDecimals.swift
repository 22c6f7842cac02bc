/// Decimal numbers as a document may write them, of every kind that is hard to round.
package struct RandomDecimals {
  private var generator: SeededRandom

  /// Makes the sequence of a seed.
  package init(seed: Int) {
    generator = SeededRandom(seed: seed)
  }

  /// The next number of a kind drawn at random.
  package mutating func next() -> String {
    switch generator.int(0...9) {
    case 0: decimal(digitsMax: 10)
    case 1: decimal(digitsMax: 40)
    case 2: "\(Float(bitPattern: bits(below: 0x7f80_0000)))"
    case 3, 4: aroundHalfway(bits(below: 0x7f80_0000))
    case 5: aroundHalfway(bits(below: 0x0100_0000))
    case 6: "0." + String(repeating: "0", count: generator.int(36...44)) + digits(9)
    case 7: "3.4028235\(digits(generator.int(1...12)))e38"
    case 8: decimal(digitsMax: generator.pick([100, 100, 100, 450]))
    default: String(generator.int(-999...999))
    }
  }

  private mutating func bits(below end: UInt32) -> UInt32 {
    .random(in: 0..<end, using: &generator)
  }

  private mutating func digits(_ count: Int) -> String {
    let bytes = (0..<count).map { _ in UInt8(ascii: "0") + UInt8(generator.next() % 10) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// With or without a sign, a fraction and an exponent.
  private mutating func decimal(digitsMax: Int) -> String {
    let whole = digits(generator.int(0...digitsMax)).drop { $0 == "0" }
    var text = generator.oneIn(2) ? "-" : ""
    text += whole.isEmpty ? "0" : whole
    if generator.oneIn(2) { text += "." + digits(generator.int(1...digitsMax)) }
    // Mostly within the range, else a little beyond it.
    if whole.utf8.count > 39 || generator.oneIn(2) {
      let exponent = generator.int(-60...40) - whole.utf8.count
      text += generator.pick(["e", "E"]) + (exponent >= 0 ? generator.pick(["", "+"]) : "")
      text += String(exponent)
    }
    return text
  }

  /// The number halfway between a float and the next one with all its digits, or a number that is
  /// off by one in the last digit or far behind it.
  private mutating func aroundHalfway(_ bits: UInt32) -> String {
    let fraction = UInt64(bits & 0x7f_ffff)
    let exponent = Int(bits >> 23)
    // The float is significand * 2^(exponent - 150), and halfway to the next is half a unit more.
    let significand = exponent == 0 ? fraction : fraction | 1 << 23
    var (digits, point) = Self.digits(of: 2 * significand + 1, exponent: max(exponent, 1) - 151)
    let last = digits.count - 1
    switch generator.int(0...4) {
    case 0: digits[last] = min(digits[last] + 1, UInt8(ascii: "9"))
    case 1: digits[last] = max(digits[last] - 1, UInt8(ascii: "0"))
    case 2 where point < digits.count: digits += Array("000000000000000000000000000001".utf8)
    default: break
    }
    if point <= 0 {
      digits.insert(contentsOf: repeatElement(UInt8(ascii: "0"), count: 1 - point), at: 0)
      point = 1
    }
    if point < digits.count { digits.insert(UInt8(ascii: "."), at: point) }
    return (generator.oneIn(2) ? "-" : "") + String(decoding: digits, as: UTF8.self)
  }

  /// All decimal digits of `significand * 2^exponent`, and the place of the point among them.
  private static func digits(of significand: UInt64, exponent: Int) -> ([UInt8], point: Int) {
    // Groups of nine digits, the lowest first. Dividing by 2 is multiplying by 5 and moving the
    // point.
    var groups = [significand]
    var powers = abs(exponent)
    while powers > 0 {
      let step = min(powers, 12)
      let factor = (0..<step).reduce(1 as UInt64) { power, _ in power * (exponent < 0 ? 5 : 2) }
      var carry: UInt64 = 0
      for index in groups.indices {
        let product = groups[index] * factor + carry
        (carry, groups[index]) = product.quotientAndRemainder(dividingBy: 1_000_000_000)
      }
      while carry > 0 {
        groups.append(carry % 1_000_000_000)
        carry /= 1_000_000_000
      }
      powers -= step
    }
    var digits = Array(String(groups.removeLast()).utf8)
    for group in groups.reversed() {
      digits += String(group + 1_000_000_000).utf8.dropFirst()
    }
    return (digits, digits.count + min(exponent, 0))
  }
}
