extension Elementary {
  /// The natural logarithm; minus infinity of 0, NaN below.
  ///
  /// At most 1.1 ulp off. `x = 2^n (1 + f)` with `-1/3 <= f < 1/3`, taken apart in the bits, and
  /// the logarithm is `n ln 2 + log(1 + f)`.
  @inline(__always)
  static func log(_ x: Lanes) -> Lanes {
    // Numbers below the normal range are taken 2^23 times as large, and n as 23 less.
    let isTiny = x .< 0x1p-126
    let normal = x.replacing(with: x * 0x1p23, where: isTiny)
    let exponent = exponentBits(normal)
    let fraction = lanes(bits(normal) &- exponent) - 1
    let offset = Lanes(repeating: 0x1.8p23).replacing(with: 0x1.8p23 + 23, where: isTiny)
    let value = logarithm(exponent: exponent, offset: offset, fraction: fraction)
    return value.replacing(with: x, where: .!(x .< .infinity))
      .replacing(with: .nan, where: x .< 0)
      .replacing(with: -.infinity, where: x .== 0)
  }

  /// `log(1 + x)`, close to 0 as well; minus infinity of -1, NaN below.
  ///
  /// At most 1.85 ulp off. `1 + x = 2^n (1 + f)` as in ``log(_:)``, but with `f` from
  /// `2^-n x + (2^-n - 1)`, since `1 + x` has lost digits. Formula: N. Juffa's `log1pf`.
  @inline(__always)
  static func log1p(_ x: Lanes) -> Lanes {
    let exponent = exponentBits(x + 1)
    // 2^-n times 4, which is never below the normal range.
    let scale = lanes(bits(Lanes(repeating: 4)) &- exponent)
    let fraction =
      lanes(bits(x) &- exponent)
      + Lanes(repeating: -1).addingProduct(scale, Lanes(repeating: 0.25))
    let value = logarithm(
      exponent: exponent, offset: Lanes(repeating: 0x1.8p23), fraction: fraction)
    // The sign of 0, infinity and NaN pass through.
    return value.replacing(with: x, where: .!(x .< .infinity) .| (x .== 0))
      .replacing(with: .nan, where: x .< -1)
      .replacing(with: -.infinity, where: x .== -1)
  }

  /// `n 2^23` for a positive normal `x = 2^n m` with `2/3 <= m < 4/3`: what to take off the bits of
  /// `x` to have `m`.
  @inline(__always)
  private static func exponentBits(_ x: Lanes) -> IntegerLanes {
    (bits(x) &- bits(Lanes(repeating: 0x1.555556p-1))) & IntegerLanes(repeating: -0x80_0000)
  }

  /// `n ln 2 + log(1 + fraction)`, with `n` from its bits less what the offset is above 1.5 * 2^23.
  @inline(__always)
  private static func logarithm(
    exponent: IntegerLanes, offset: Lanes, fraction: Lanes
  ) -> Lanes {
    // The standard library's conversion to Float is a call for 16 lanes; this way n lands in the
    // low bits of 1.5 * 2^23.
    let number = lanes((exponent &>> 23) &+ bits(Lanes(repeating: 0x1.8p23))) - offset
    // (log(1 + f) - f) / f^2, off by 2^-25 of log(1 + f).
    var sum = Lanes(repeating: 0x1.1f4292p-3)
    sum = Lanes(repeating: -0x1.3b2848p-3).addingProduct(sum, fraction)
    sum = Lanes(repeating: 0x1.1ea254p-3).addingProduct(sum, fraction)
    sum = Lanes(repeating: -0x1.5032e8p-3).addingProduct(sum, fraction)
    sum = Lanes(repeating: 0x1.99d428p-3).addingProduct(sum, fraction)
    sum = Lanes(repeating: -0x1.001474p-2).addingProduct(sum, fraction)
    sum = Lanes(repeating: 0x1.5554fap-2).addingProduct(sum, fraction)
    sum = Lanes(repeating: -0x1.ffffd6p-2).addingProduct(sum, fraction)
    return fraction.addingProduct(fraction * fraction, sum)
      .addingProduct(number, Lanes(repeating: 0x1.62e43p-1))
  }
}
