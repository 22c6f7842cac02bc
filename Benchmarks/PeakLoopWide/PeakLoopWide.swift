import PeakLoop

/// The loop on vectors of sixteen numbers, `zmm` on x86-64.
///
/// This target alone is compiled for AVX-512: call it only on a processor that has `avx512f`.
@inline(never)
package func sumOfSixteens(rounds: Int) -> Float {
  sumByFusedMultiplyAdds(rounds: rounds, of: SIMD16<Float>.self)
}
