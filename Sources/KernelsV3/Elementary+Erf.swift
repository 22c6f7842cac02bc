extension Elementary {
  /// The error function, `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to `x`.
  ///
  /// At most 1.3 ulp off. Below 0.93 an odd polynomial; above, 1 less `e` to a polynomial for the
  /// logarithm of the rest. Formula: N. Juffa's `erff`.
  @inline(__always)
  static func erf(_ x: Lanes) -> Lanes {
    let size = magnitude(x)
    let square = size * size
    // erf(x) / x - 1, off by 2^-25.8 of erf(x) / x.
    var sum = Lanes(repeating: -0x1.3825c4p-11)
    sum = Lanes(repeating: 0x1.46c234p-8).addingProduct(sum, square)
    sum = Lanes(repeating: -0x1.b676cap-6).addingProduct(sum, square)
    sum = Lanes(repeating: 0x1.ce1904p-4).addingProduct(sum, square)
    sum = Lanes(repeating: -0x1.8126dcp-2).addingProduct(sum, square)
    sum = Lanes(repeating: 0x1.06eba6p-3).addingProduct(sum, square)
    let small = size.addingProduct(sum, size)

    // Beyond this the result is 1 in any case.
    let clamped = size.replacing(with: 4, where: size .> 4)
    // log(1 - erf(x)) / x, such that 1 - erf(x) is off by 2^-28.
    var logarithm = Lanes(repeating: 0x1.bf1644p-13)
    logarithm = Lanes(repeating: -0x1.a489bep-9).addingProduct(logarithm, clamped)
    logarithm = Lanes(repeating: 0x1.76b0f8p-6).addingProduct(logarithm, clamped)
    logarithm = Lanes(repeating: -0x1.af05bcp-4).addingProduct(logarithm, clamped)
    logarithm = Lanes(repeating: -0x1.457ffep-1).addingProduct(logarithm, clamped)
    logarithm = Lanes(repeating: -0x1.20e5dcp0).addingProduct(logarithm, clamped) * clamped
    let whole = WholePart(ofLogarithm: logarithm, bias: 127)
    // For large n, by which the product's error grows, the error counts for less and less.
    let rest = logarithm.addingProduct(whole.number, Lanes(repeating: -0x1.62e43p-1))
    let large = 1 - whole.powerOfTwo * powerOfRest(rest)
    return withSign(of: x, large.replacing(with: small, where: size .< 0.93))
  }
}
