/// Runs fused multiply-adds on registers alone: the most arithmetic that a core can do.
///
/// Twelve independent sums, since a core starts two of them in each cycle and has each result four
/// cycles later; with fewer it would wait. They converge to 2, so no number overflows or fades.
///
/// - Parameters:
///   - rounds: How often each sum is multiplied and added to.
///   - vector: What one instruction works on.
/// - Returns: The total of all sums, for the compiler not to drop the loop.
@inlinable @inline(__always)
package func sumByFusedMultiplyAdds<Vector: SIMD>(
  rounds: Int, of vector: Vector.Type
) -> Float where Vector.Scalar == Float {
  let factor = Vector(repeating: 0.5)
  let addend = Vector(repeating: 1)
  var (a, b, c, d) = (Vector.zero, addend, factor, addend + factor)
  var (e, f, g, h) = (a + 3, b + 3, c + 3, d + 3)
  var (i, j, k, l) = (a + 6, b + 6, c + 6, d + 6)
  for _ in 0..<rounds {
    a = addend.addingProduct(a, factor)
    b = addend.addingProduct(b, factor)
    c = addend.addingProduct(c, factor)
    d = addend.addingProduct(d, factor)
    e = addend.addingProduct(e, factor)
    f = addend.addingProduct(f, factor)
    g = addend.addingProduct(g, factor)
    h = addend.addingProduct(h, factor)
    i = addend.addingProduct(i, factor)
    j = addend.addingProduct(j, factor)
    k = addend.addingProduct(k, factor)
    l = addend.addingProduct(l, factor)
  }
  return ((a + b + c + d) + (e + f + g + h) + (i + j + k + l)).sum()
}

/// Floating-point operations of one round: a multiplication and an addition in each lane of a sum.
@inlinable
package func operationsOfRound<Vector: SIMD>(of vector: Vector.Type) -> Int {
  2 * 12 * Vector.scalarCount
}

/// The loop on vectors of eight numbers, `ymm` on x86-64.
@inline(never)
package func sumOfEights(rounds: Int) -> Float {
  sumByFusedMultiplyAdds(rounds: rounds, of: SIMD8<Float>.self)
}
