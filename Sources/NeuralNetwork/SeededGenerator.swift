/// Random numbers that are a function of a seed, a purpose and a counter: Philox4x32-10.
///
/// Nothing but (seed, counter) needs to be kept to go on exactly where a run was cut. Source:
/// Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  /// What the numbers are for; each has a stream of its own.
  package enum Purpose: UInt32, Sendable {
    case initialization = 0
    case shuffling = 1
    case data = 2
  }

  private let key: SIMD2<UInt32>
  private let stream: SIMD2<UInt32>
  private var block: UInt64 = 0
  private var numbers = SIMD4<UInt32>()
  private var used = 4

  /// Begins a stream.
  ///
  /// - Parameters:
  ///   - seed: The client's seed.
  ///   - purpose: What the numbers are for.
  ///   - index: Tells streams of one purpose apart: an epoch, a parameter, a split.
  package init(seed: UInt64, purpose: Purpose, index: Int) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    stream = SIMD2(purpose.rawValue, UInt32(truncatingIfNeeded: index))
  }

  /// The next 32 random bits.
  package mutating func nextWord() -> UInt32 {
    if used == 4 {
      numbers = nextBlock()
      used = 0
    }
    defer { used += 1 }
    return numbers[used]
  }

  package mutating func next() -> UInt64 {
    let low = UInt64(nextWord())
    return low | UInt64(nextWord()) << 32
  }

  /// A number in [0, 1), a multiple of 2^-24.
  package mutating func unit() -> Float {
    Float(nextWord() >> 8) * 0x1p-24
  }

  /// A standard normal number, by Marsaglia's polar method.
  ///
  /// It uses a logarithm of its own, since the C library's differs between machines.
  package mutating func normal() -> Float {
    while true {
      let x = 2 * (Double(nextWord()) + 0.5) * 0x1p-32 - 1
      let y = 2 * (Double(nextWord()) + 0.5) * 0x1p-32 - 1
      let square = x * x + y * y
      if square < 1 && square > 0 {
        return Float(x * (-2 * naturalLogarithm(square) / square).squareRoot())
      }
    }
  }

  /// A whole number from 0 to `bound - 1`.
  ///
  /// The upper half of a product of 64 bits: a value's chance differs from the others' by less
  /// than `bound / 2^32`.
  package mutating func index(below bound: Int) -> Int {
    Int((UInt64(nextWord()) &* UInt64(bound)) >> 32)
  }

  /// Shuffles by Fisher and Yates: from the last place down, each is exchanged with
  /// ``index(below:)`` of those up to it.
  ///
  /// The words are drawn sixteen at a time, whose rounds do not wait for each other.
  package mutating func shuffle(_ order: inout [Int]) {
    precondition(used == 4, "The stream is at the beginning of a block")
    var last = order.count - 1
    while last > 0 {
      let low = SIMD8(lowHalf: nextBlock(), highHalf: nextBlock())
      let words = SIMD16(lowHalf: low, highHalf: SIMD8(lowHalf: nextBlock(), highHalf: nextBlock()))
      for index in 0..<min(16, last) {
        order.swapAt(last, Int((UInt64(words[index]) &* UInt64(last + 1)) >> 32))
        last -= 1
      }
    }
  }

  private mutating func nextBlock() -> SIMD4<UInt32> {
    defer { block &+= 1 }
    return SeededGenerator.philox(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
        stream[0], stream[1]),
      key: key)
  }

  /// The ten rounds; the constants are the paper's.
  package static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (first, second, third, fourth) = (counter[0], counter[1], counter[2], counter[3])
    var (low, high) = (key[0], key[1])
    for _ in 0..<10 {
      let product = UInt64(0xD251_1F53) &* UInt64(first)
      let other = UInt64(0xCD9E_8D57) &* UInt64(third)
      first = UInt32(truncatingIfNeeded: other >> 32) ^ second ^ low
      third = UInt32(truncatingIfNeeded: product >> 32) ^ fourth ^ high
      second = UInt32(truncatingIfNeeded: other)
      fourth = UInt32(truncatingIfNeeded: product)
      low &+= 0x9E37_79B9
      high &+= 0xBB67_AE85
    }
    return SIMD4(first, second, third, fourth)
  }
}

/// The natural logarithm of a positive, normal number, to about 1e-15 of its size.
///
/// `x = 2^e m` with `m` in [sqrt(1/2), sqrt(2)), and `ln m = 2 artanh((m - 1) / (m + 1))` by its
/// series: basic operations only, so the same bits everywhere.
private func naturalLogarithm(_ x: Double) -> Double {
  var exponent = Double(x.exponent)
  var significand = x.significand
  if significand > 1.414_213_562_373_095 {
    significand /= 2
    exponent += 1
  }
  let ratio = (significand - 1) / (significand + 1)
  let square = ratio * ratio
  var sum = 0.0
  // The terms fall by 0.03 each: eleven of them leave less than a double can hold.
  for power in stride(from: 21, through: 1, by: -2) {
    sum = sum * square + 1 / Double(power)
  }
  return 2 * ratio * sum + exponent * 0.693_147_180_559_945_3
}
