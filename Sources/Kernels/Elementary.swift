/// `exp`, `sigmoid` and `tanh` from additions, multiplications, divisions and fused multiply-adds
/// alone, so that each gives the same bits on every machine, which the C library's do not.
///
/// Each is at most 2 ulp from the true value over the whole range; NaN gives NaN.
package enum Elementary {
  /// `e^x`; 0 far below, infinity far above.
  ///
  /// `x = n ln 2 + r` with `|r| <= ln 2 / 2`, and `e^r` by its Taylor polynomial of degree 7, whose
  /// remainder is below a tenth of an ulp there.
  @inline(__always)
  package static func exp(_ x: Lanes) -> Lanes {
    // Beyond these the result is infinity or 0 in any case, and n stays small enough to scale by.
    let clamped = x.replacing(with: 89, where: x .> 89).replacing(with: -104, where: x .< -104)
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
    let shifter = Lanes(repeating: 0x1.8p23)
    let shifted = shifter.addingProduct(clamped, Lanes(repeating: 0x1.715476p0))
    let n = shifted - shifter
    // ln 2 in two parts, the first with few enough bits that n times it is exact.
    let r = clamped.addingProduct(n, Lanes(repeating: -0x1.62e4p-1))
      .addingProduct(n, Lanes(repeating: -0x1.7f7d1cp-20))
    var sum = Lanes(repeating: 1 / 5040)
    sum = Lanes(repeating: 1 / 720).addingProduct(sum, r)
    sum = Lanes(repeating: 1 / 120).addingProduct(sum, r)
    sum = Lanes(repeating: 1 / 24).addingProduct(sum, r)
    sum = Lanes(repeating: 1 / 6).addingProduct(sum, r)
    sum = Lanes(repeating: 0.5).addingProduct(sum, r)
    sum = Lanes(repeating: 1).addingProduct(sum, r)
    sum = Lanes(repeating: 1).addingProduct(sum, r)
    // 2^n in two factors, each in range, so that results below the normal range round once.
    let exponent = bits(shifted) &- bits(shifter)
    let half = exponent &>> 1
    return sum * powerOfTwo(half) * powerOfTwo(exponent &- half)
  }

  /// `1 / (1 + e^-x)`, from `e^-|x|` so that neither end loses digits.
  @inline(__always)
  static func sigmoid(_ x: Lanes) -> Lanes {
    let decay = exp(-magnitude(x))
    let isNegative = x .< 0
    return Lanes(repeating: 1).replacing(with: decay, where: isNegative) / (1 + decay)
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
    let small = x.addingProduct(sum * square, x)
    let signed = large.replacing(with: -large, where: x .< 0)
    return signed.replacing(with: small, where: size .< 0.625)
      // A NaN compares with nothing: it is passed through.
      .replacing(with: x, where: x .!= x)
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
