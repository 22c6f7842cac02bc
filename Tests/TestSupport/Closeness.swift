#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How far a single-precision number is from the true value, in units of the last place.
///
/// - Parameters:
///   - value: The number under test.
///   - reference: The true value, known to many more digits.
/// - Returns: The distance over the spacing of floats at `reference`, 0 where both are NaN or the
///   same infinity, infinity where only one of them is.
package func ulps(_ value: Float, from reference: Double) -> Double {
  if value.isNaN || reference.isNaN { return value.isNaN && reference.isNaN ? 0 : .infinity }
  let nearest = Float(reference)
  if value.isInfinite || nearest.isInfinite { return value == nearest ? 0 : .infinity }
  return (Double(value) - reference).magnitude / Double(nearest.ulp)
}

/// Whether two numbers have the same bits; any NaN is like any other.
///
/// What a NaN carries besides being one depends on the processor.
package func sameBits(_ left: Float, _ right: Float) -> Bool {
  left.bitPattern == right.bitPattern || (left.isNaN && right.isNaN)
}

/// Whether all numbers have the same bits, as ``sameBits(_:_:)-(Float,_)`` says.
package func sameBits(_ left: [Float], _ right: [Float]) -> Bool {
  guard left.count == right.count else { return false }
  let count = left.count * MemoryLayout<Float>.stride
  // Nearly always they are the same to the last bit, which is seen at once.
  let isSame = left.withUnsafeBytes { left in
    right.withUnsafeBytes { right in
      guard let left = left.baseAddress, let right = right.baseAddress else { return true }
      return memcmp(left, right, count) == 0
    }
  }
  return isSame || left.elementsEqual(right, by: sameBits)
}
