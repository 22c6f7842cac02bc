/// `exp`, `sigmoid` and `tanh` from additions, multiplications, divisions and fused multiply-adds
/// alone, so that each gives the same bits on every machine, which the C library's do not.
///
/// Each is at most 2 ulp from the true value over the whole range; NaN gives NaN.
package enum Elementary {
  /// `e^x`; 0 far below, infinity far above.
  @inline(__always)
  package static func exp(_ x: Lanes) -> Lanes {
    // Beyond these the result is infinity or 0 in any case.
    let power = Power(x, atLeast: -104, atMost: 89)
    let sum = Lanes(repeating: 1).addingProduct(power.slope, power.rest)
    // Two factors, so that results below the normal range round once.
    return sum * powerOfTwo(power.half) * powerOfTwo(power.otherHalf)
  }

  /// `1 / (1 + e^-x)`, close to 0 as well.
  ///
  /// With `e^-x = 2^n (1 + t)` it is `2^-n / (2^-n + 1 + t)`, summed from the smallest up so that
  /// little more than one rounding is left in the divisor.
  @inline(__always)
  static func sigmoid(_ x: Lanes) -> Lanes {
    let power = Power(-x, atLeast: -60, atMost: 104)
    let scale = powerOfTwo(0 &- power.half)
    let otherScale = powerOfTwo(0 &- power.otherHalf)
    let wholeScale = scale * otherScale
    let isSmall = wholeScale .< 1
    let small = Lanes(repeating: 1).replacing(with: wholeScale, where: isSmall)
    let large = wholeScale.replacing(with: 1, where: isSmall)
    let divisor = large + small.addingProduct(power.slope, power.rest)
    return scale / divisor * otherScale
  }

  /// `(e^2x - 1) / (e^2x + 1)`; below 0.625 by the odd polynomial of Cephes' `tanhf`, since there
  /// the difference would lose digits.
  @inline(__always)
  static func tanh(_ x: Lanes) -> Lanes {
    let size = magnitude(x)
    let large = 1 - 2 / (exp(size + size) + 1)
    let square = x * x
    var sum = Lanes(repeating: -5.70498872745e-3)
    sum = Lanes(repeating: 2.06390887954e-2).addingProduct(sum, square)
    sum = Lanes(repeating: -5.37397155531e-2).addingProduct(sum, square)
    sum = Lanes(repeating: 1.33314422036e-1).addingProduct(sum, square)
    sum = Lanes(repeating: -3.33332819422e-1).addingProduct(sum, square)
    let small = size.addingProduct(sum * square, size)
    // NaN is not below 0.625, and exp passed it through.
    let value = large.replacing(with: small, where: size .< 0.625)
    // The function is odd, down to the sign of 0.
    let sign = bits(x) & SIMD8<Int32>(repeating: .min)
    return lanes(bits(value) | sign)
  }

  /// `e^x` in parts: `(1 + slope * rest) * 2^half * 2^otherHalf`.
  ///
  /// `x = n ln 2 + rest` with `|rest| <= ln 2 / 2`; the slope is `(e^rest - 1) / rest` by the Taylor
  /// polynomial of degree 6, whose remainder is below a tenth of an ulp there. `n` is told in two
  /// halves, whose powers of two are in range where its own is not.
  private struct Power {
    let rest: Lanes
    let slope: Lanes
    let half: SIMD8<Int32>
    let otherHalf: SIMD8<Int32>

    /// Takes the power apart; what is beyond the bounds counts as them.
    @inline(__always)
    init(_ x: Lanes, atLeast least: Float, atMost most: Float) {
      let clamped = x.replacing(with: most, where: x .> most)
        .replacing(with: least, where: x .< least)
      // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
      let shifter = Lanes(repeating: 0x1.8p23)
      let shifted = shifter.addingProduct(clamped, Lanes(repeating: 0x1.715476p0))
      let n = shifted - shifter
      // ln 2 in two parts, the first with few enough bits that n times it is exact.
      rest = clamped.addingProduct(n, Lanes(repeating: -0x1.62e4p-1))
        .addingProduct(n, Lanes(repeating: -0x1.7f7d1cp-20))
      var sum = Lanes(repeating: 1 / 5040)
      sum = Lanes(repeating: 1 / 720).addingProduct(sum, rest)
      sum = Lanes(repeating: 1 / 120).addingProduct(sum, rest)
      sum = Lanes(repeating: 1 / 24).addingProduct(sum, rest)
      sum = Lanes(repeating: 1 / 6).addingProduct(sum, rest)
      sum = Lanes(repeating: 0.5).addingProduct(sum, rest)
      slope = Lanes(repeating: 1).addingProduct(sum, rest)
      let exponent = bits(shifted) &- bits(shifter)
      half = exponent &>> 1
      otherHalf = exponent &- half
    }
  }

  @inline(__always)
  private static func magnitude(_ x: Lanes) -> Lanes {
    lanes(bits(x) & SIMD8<Int32>(repeating: .max))
  }

  @inline(__always)
  private static func lanes(_ bits: SIMD8<Int32>) -> Lanes {
    // As below, the other way.
    unsafe unsafeBitCast(bits, to: Lanes.self)
  }

  @inline(__always)
  private static func bits(_ x: Lanes) -> SIMD8<Int32> {
    // Vectors of equal size: the standard library has no checked way between them.
    unsafe unsafeBitCast(x, to: SIMD8<Int32>.self)
  }

  /// `2^n` for `-126 <= n <= 127`, written into the exponent's bits.
  @inline(__always)
  private static func powerOfTwo(_ n: SIMD8<Int32>) -> Lanes {
    lanes((n &+ 127) &<< 23)
  }
}
