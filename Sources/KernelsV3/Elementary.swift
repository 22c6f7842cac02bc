/// Elementary functions from additions, multiplications, divisions, fused multiply-adds and integer
/// operations on the bits alone, so that each gives the same bits on every machine and for every
/// number of lanes, which the C library's do not.
///
/// Each is at most 2 ulp from the true value over the whole range; NaN gives NaN. The polynomials
/// are minimax ones, fitted by Remez' exchange to the function named beside them.
enum Elementary {
  /// `e^x`, 0 far below, infinity far above.
  ///
  /// At most 0.9 ulp off. `e^x = 2^n e^rest` with `x = n ln 2 + rest` and `|rest| <= ln 2 / 2`. The
  /// power of two is multiplied in halves, which are in range where it is not: results below the
  /// normal range round once.
  @inline(__always)
  static func exp(_ x: Lanes) -> Lanes {
    // Beyond these the result is infinity or 0 in any case.
    let clamped = clamp(x, atLeast: -104, atMost: 89)
    let whole = WholePart(ofLogarithm: clamped, bias: 254)
    return scaled(powerOfRest(whole.rest(of: clamped)), by: whole)
  }

  /// `e^x - 1`, close to 0 as well.
  ///
  /// At most 1.65 ulp off. `2 (2^(n-1) (e^rest - 1) + (2^(n-1) - 1/2))` in the parts of
  /// ``exp(_:)``; halved, since `2^n` is out of range before the result is.
  @inline(__always)
  static func expMinus1(_ x: Lanes) -> Lanes {
    // Beyond these the result is -1 or infinity in any case.
    let clamped = clamp(x, atLeast: -20, atMost: 89)
    let whole = WholePart(ofLogarithm: clamped, bias: 126)
    let rest = whole.rest(of: clamped)
    // (e^rest - 1 - rest) / rest^2, off by 2^-26 of e^rest - 1.
    var sum = Lanes(repeating: 0x1.6bebfep-10)
    sum = Lanes(repeating: 0x1.1227bp-7).addingProduct(sum, rest)
    sum = Lanes(repeating: 0x1.555674p-5).addingProduct(sum, rest)
    sum = Lanes(repeating: 0x1.5554bp-3).addingProduct(sum, rest)
    sum = Lanes(repeating: 0x1.fffffep-2).addingProduct(sum, rest)
    let power = rest.addingProduct(rest * rest, sum)
    let scale = whole.powerOfTwo
    let half = (scale - 0.5).addingProduct(scale, power)
    // Close to 0, e^x - 1 is x, down to its last bit and the sign of 0.
    return (half + half).replacing(with: x, where: magnitude(x) .< 0x1p-25)
  }

  /// `1 / (1 + e^-x)`, close to 0 as well.
  ///
  /// At most 1.85 ulp off. With `e^-x = 2^-n e^-rest` it is `2^n / (2^n + 1 + (e^-rest - 1))`.
  /// `2^n` is held 2^64 times too large, so that a result below the normal range comes from normal
  /// numbers.
  @inline(__always)
  static func sigmoid(_ x: Lanes) -> Lanes {
    // Beyond these the result is 0 or 1 in any case.
    let clamped = clamp(x, atLeast: -104, atMost: 18)
    let whole = WholePart(ofLogarithm: clamped, bias: 127 + 64)
    let rest = whole.rest(of: clamped)
    let magnified = whole.powerOfTwo
    let scale = magnified * 0x1p-64
    let sum = scale + 1
    // What the sum has lost, so that the divisor is rounded little more than once.
    let lost = scale - (sum - 1)
    let divisor = sum + lost.addingProduct(slope(rest, sign: -1), rest)
    return magnified / divisor * 0x1p-64
  }

  /// The hyperbolic tangent, close to 0 as well.
  ///
  /// At most 1.95 ulp off. `|x| = n ln 2 / 2 + rest` with a small rest, for which `t = tanh(rest)`
  /// is a short odd polynomial. By the addition theorem, `tanh(n ln 2 / 2)` being `(2^n - 1) / (2^n
  /// + 1)`, the result is `((2^n - 1) + (2^n + 1) t) / ((2^n + 1) + (2^n - 1) t)`, close to 0 just
  /// `t`. From 1/2 upwards, where `n >= 2`, it is taken as `1 + (2t - 2) / divisor`, whose
  /// quotient's error counts for less.
  @inline(__always)
  static func tanh(_ x: Lanes) -> Lanes {
    let size = magnitude(x)
    // Beyond this the result is 1 in any case.
    let clamped = size.replacing(with: 9.1, where: size .> 9.1)
    // A little less than 2 |x|, so that n = 2 begins where the result is 1/2, at log(3) / 2; the
    // rest is between -0.144 and 0.203 up to there.
    let whole = WholePart(
      ofLogarithm: Lanes(repeating: -0.0589).addingProduct(clamped, Lanes(repeating: 2)), bias: 127)
    // ln 2 / 2 in one part: where n times its error is large, the result is close to 1.
    let rest = clamped.addingProduct(whole.number, Lanes(repeating: -0x1.62e43p-2))
    let square = rest * rest
    // (tanh(rest) / rest - 1) / rest^2.
    var sum = Lanes(repeating: -0x1.ac1e32p-5)
    sum = Lanes(repeating: 0x1.10fba6p-3).addingProduct(sum, square)
    sum = Lanes(repeating: -0x1.555542p-2).addingProduct(sum, square)
    let tangent = rest.addingProduct(sum, square * rest)
    let scale = whole.powerOfTwo
    let above = scale + 1
    let below = scale - 1
    let divisor = above.addingProduct(below, tangent)
    let isLarge = whole.number .> 1.5
    let dividend = below.addingProduct(above, tangent)
      .replacing(
        with: Lanes(repeating: -2).addingProduct(tangent, Lanes(repeating: 2)), where: isLarge)
    let value = dividend / divisor + Lanes.zero.replacing(with: 1, where: isLarge)
    return withSign(of: x, value)
  }

  /// The density of the standard normal distribution, `e^(-x^2 / 2) / sqrt(2 pi)`.
  ///
  /// At most 1.5 ulp off. The square's rounding error, which the exponential function would
  /// magnify, is made up for.
  @inline(__always)
  static func normalDensity(_ x: Lanes) -> Lanes {
    let size = magnitude(x)
    // Beyond this the result is 0 in any case.
    let clamped = size.replacing(with: 15, where: size .> 15)
    let half = clamped * 0.5
    let minusHalf = clamped * -0.5
    let exponent = minusHalf * clamped
    let error = (half * clamped).addingProduct(minusHalf, clamped)
    let whole = WholePart(ofLogarithm: exponent, bias: 254)
    let rest = whole.rest(of: exponent) + error
    // 1 / sqrt(2 pi).
    let factor = Lanes(repeating: 0x1.988454p-2)
    return scaled(factor.addingProduct(slope(rest, sign: 1), rest * factor), by: whole)
  }

  /// `n` of `x = n ln 2 + rest`, the whole number next to `x / ln 2`, ready to become powers of 2.
  struct WholePart {
    let number: Lanes
    /// Its lowest nine bits hold `n + bias`.
    let biased: IntegerLanes

    /// Takes `x` to be small enough that the biased number is between 0 and 511.
    @inline(__always)
    init(ofLogarithm x: Lanes, bias: Float) {
      // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
      let shifter = Lanes(repeating: 0x1.8p23 + bias)
      let shifted = shifter.addingProduct(x, Lanes(repeating: 0x1.715476p0))
      number = shifted - shifter
      biased = bits(shifted)
    }

    /// `x - n ln 2`.
    @inline(__always)
    func rest(of x: Lanes) -> Lanes {
      // ln 2 in two parts, the first with few enough bits that n times it is exact.
      x.addingProduct(number, Lanes(repeating: -0x1.62e4p-1))
        .addingProduct(number, Lanes(repeating: -0x1.7f7d1cp-20))
    }

    /// `2^(n + bias - 127)` where `0 < n + bias < 255`, written into the exponent's bits.
    @inline(__always)
    var powerOfTwo: Lanes { lanes(biased &<< 23) }
  }

  /// `(e^(sign rest) - 1) / rest` for `|rest| <= ln 2 / 2` and a sign of 1 or -1.
  ///
  /// `e^rest` from it is off by 2^-28 before rounding.
  @inline(__always)
  static func slope(_ rest: Lanes, sign: Float) -> Lanes {
    // (e^rest - 1 - rest) / rest^2; with the other sign every second coefficient changes its own.
    var sum = Lanes(repeating: 0x1.6a23dp-10)
    sum = Lanes(repeating: sign * 0x1.123a2p-7).addingProduct(sum, rest)
    sum = Lanes(repeating: 0x1.5558f2p-5).addingProduct(sum, rest)
    sum = Lanes(repeating: sign * 0x1.555492p-3).addingProduct(sum, rest)
    sum = Lanes(repeating: 0x1.fffffcp-2).addingProduct(sum, rest)
    return Lanes(repeating: sign).addingProduct(sum, rest)
  }

  /// `e^rest` for `|rest| <= ln 2 / 2`.
  @inline(__always)
  static func powerOfRest(_ rest: Lanes) -> Lanes {
    Lanes(repeating: 1).addingProduct(slope(rest, sign: 1), rest)
  }

  /// `x 2^n`, for a whole part of bias 254, which is twice that of an exponent's bits.
  @inline(__always)
  private static func scaled(_ x: Lanes, by whole: WholePart) -> Lanes {
    // Half of n + 254 belongs into bits 23 to 30; bit 22 has what the division left over.
    let half = (whole.biased &<< 22) & IntegerLanes(repeating: 0x7F80_0000)
    let otherHalf = (whole.biased &<< 23) &- half
    return x * lanes(half) * lanes(otherHalf)
  }

  /// What is beyond the bounds counts as them; NaN stays.
  @inline(__always)
  private static func clamp(_ x: Lanes, atLeast least: Float, atMost most: Float) -> Lanes {
    // The standard library's own clamp takes the lanes one by one and loses NaN.
    x.replacing(with: most, where: x .> most).replacing(with: least, where: x .< least)
  }

  @inline(__always)
  static func magnitude(_ x: Lanes) -> Lanes {
    lanes(bits(x) & IntegerLanes(repeating: .max))
  }

  /// The value, which is not negative, with the sign of `x`.
  @inline(__always)
  static func withSign(of x: Lanes, _ value: Lanes) -> Lanes {
    lanes(bits(value) | (bits(x) & IntegerLanes(repeating: .min)))
  }

  @inline(__always)
  static func lanes(_ bits: IntegerLanes) -> Lanes {
    // As below, the other way.
    unsafe unsafeBitCast(bits, to: Lanes.self)
  }

  @inline(__always)
  static func bits(_ x: Lanes) -> IntegerLanes {
    // Vectors of equal size: the standard library has no checked way between them.
    unsafe unsafeBitCast(x, to: IntegerLanes.self)
  }
}
