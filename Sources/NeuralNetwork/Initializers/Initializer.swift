/// How a parameter gets its first values.
package protocol Initializer: Sendable {
  /// The values, row by row.
  ///
  /// - Parameters:
  ///   - count: How many numbers to give.
  ///   - generator: A stream that belongs to this parameter alone.
  /// - Returns: `count` numbers.
  func values(count: Int, from generator: inout SeededGenerator) -> [Float]
}
