/// `exp`, `sigmoid` and `tanh` from additions, multiplications, divisions and fused multiply-adds
/// alone, so that each gives the same bits on every machine, which the C library's do not.
///
/// Each is at most 2 ulp from the true value over the whole range; NaN gives NaN.
package enum Elementary {
  /// `e^x`; 0 far below, infinity far above.
  @inline(__always)
  package static func exp(_ x: Lanes) -> Lanes {
    let power = Power(x)
    let sum = Lanes(repeating: 1).addingProduct(power.slope, power.rest)
    // Two factors, so that results below the normal range round once.
    return sum * power.scale * power.secondScale
  }

  /// `1 / (1 + e^-x)`, close to 0 as well.
  ///
  /// With `e^-x = s (1 + t)` and `s` a power of two, `1 + s` is exact and `1 + s + s t` rounds
  /// once. Below -10 it is `e^x - e^2x + ...`, whose third term is less than a hundredth of an ulp.
  @inline(__always)
  static func sigmoid(_ x: Lanes) -> Lanes {
    let isFarBelow = x .< -10
    let power = Power((-x).replacing(with: x, where: isFarBelow))
    let scale = power.scale * power.secondScale
    let growth = power.slope * power.rest
    let decay = scale.addingProduct(scale, growth)
    let quotient = 1 / (1 + scale).addingProduct(scale, growth)
    return quotient.replacing(with: decay.addingProduct(-decay, decay), where: isFarBelow)
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
    return unsafe unsafeBitCast(bits(value) | sign, to: Lanes.self)
  }

  /// `e^x` in parts: `(1 + slope * rest) * scale * secondScale`.
  ///
  /// `x = n ln 2 + rest` with `|rest| <= ln 2 / 2`; the slope is `(e^rest - 1) / rest` by the Taylor
  /// polynomial of degree 6, whose remainder is below a tenth of an ulp there. The scales are powers
  /// of two, each in range, whose product is `2^n`.
  private struct Power {
    let rest: Lanes
    let slope: Lanes
    let scale: Lanes
    let secondScale: Lanes

    @inline(__always)
    init(_ x: Lanes) {
      // Beyond these e^x is infinity or 0 in any case, and n stays small enough to scale by.
      let clamped = x.replacing(with: 89, where: x .> 89).replacing(with: -104, where: x .< -104)
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
      let half = exponent &>> 1
      scale = powerOfTwo(half)
      secondScale = powerOfTwo(exponent &- half)
    }
  }

  @inline(__always)
  private static func magnitude(_ x: Lanes) -> Lanes {
    unsafe unsafeBitCast(bits(x) & SIMD8<Int32>(repeating: .max), to: Lanes.self)
  }

  @inline(__always)
  private static func bits(_ x: Lanes) -> SIMD8<Int32> {
    // Vectors of equal size: the standard library has no checked way between them.
    unsafe unsafeBitCast(x, to: SIMD8<Int32>.self)
  }

  /// `2^n` for `-126 <= n <= 127`, written into the exponent's bits.
  @inline(__always)
  private static func powerOfTwo(_ n: SIMD8<Int32>) -> Lanes {
    unsafe unsafeBitCast((n &+ 127) &<< 23, to: Lanes.self)
  }
}
