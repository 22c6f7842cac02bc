package import NeuralNetwork

/// Reads JSON: strictly by RFC 8259, within limits, and arrays of numbers straight into tensors.
///
/// Refused beyond the grammar: member names that occur twice (names that Swift's `==` calls equal),
/// escapes that are half a surrogate pair, and whatever is over a limit. A wrong tensor is no
/// error: it becomes ``JSONValue/malformedTensor(_:)`` with its first fault, and reading goes on
/// after it, so that a client can be told of all faults at once.
package enum JSONReader {
  /// Reads a whole document.
  ///
  /// - Parameters:
  ///   - bytes: The document in UTF-8, without a byte order mark.
  ///   - limits: What to refuse as too much.
  ///   - isTensor: Says whether an array at a path is a tensor; asked once when an array begins
  ///     that is not within a tensor. By default none is.
  /// - Returns: The value, with members in their order.
  /// - Throws: The first error.
  /// - Complexity: O(bytes).
  package static func read(
    _ bytes: Span<UInt8>, limits: JSONLimits = JSONLimits(),
    tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool = { _ in false }
  ) throws(JSONError) -> JSONValue {
    var reader = JSONPieceReader(limits: limits, tensorsAt: isTensor)
    try reader.consume(bytes)
    return try reader.finish()
  }

  /// Reads a whole document that is an array of bytes.
  package static func read(
    _ bytes: [UInt8], limits: JSONLimits = JSONLimits(),
    tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool = { _ in false }
  ) throws(JSONError) -> JSONValue {
    try read(bytes.span, limits: limits, tensorsAt: isTensor)
  }
}
