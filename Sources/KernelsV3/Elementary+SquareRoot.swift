extension Elementary {
  /// The square root, rounded to the nearest, which makes its bits those of `squareRoot()`.
  ///
  /// The standard library's takes the lanes one by one, each with a test for a library call. This
  /// is an estimate of `1 / sqrt(x)` from the bits, improved twice by Newton's method and once by
  /// Goldschmidt's, and a last correction by the exact remainder `x - root^2`.
  @inline(__always)
  static func squareRoot(_ x: Lanes) -> Lanes {
    // So that the remainder is not below the normal range.
    let isTiny = x .< 0x1p-96
    let number = x.replacing(with: x * 0x1p64, where: isTiny)
    let minusHalf = number * -0.5
    var inverse = lanes(IntegerLanes(repeating: 0x5F37_59DF) &- (bits(number) &>> 1))
    inverse *= Lanes(repeating: 1.5).addingProduct(minusHalf, inverse * inverse)
    inverse *= Lanes(repeating: 1.5).addingProduct(minusHalf, inverse * inverse)
    var root = number * inverse
    var half = inverse * 0.5
    let error = Lanes(repeating: 0.5).addingProduct(root, inverse * -0.5)
    root = root.addingProduct(root, error)
    half = half.addingProduct(half, error)
    let minusRoot = lanes(bits(root) ^ IntegerLanes(repeating: .min))
    root = root.addingProduct(number.addingProduct(minusRoot, root), half)
    return (root * Lanes(repeating: 1).replacing(with: 0x1p-32, where: isTiny))
      .replacing(with: x, where: .!(x .< .infinity) .| (x .== 0))
      .replacing(with: .nan, where: x .< 0)
  }
}
