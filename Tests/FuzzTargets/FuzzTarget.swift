/// A reader of hostile bytes, with what must hold for every input.
package enum FuzzTarget: String, CaseIterable, Sendable {
  case head
  case chunk
  case target
  case json
  case connection

  /// Runs the reader on the input and checks every invariant.
  ///
  /// - Throws: The first invariant that does not hold.
  package func check(_ input: [UInt8]) throws(BrokenInvariant) {
    switch self {
    case .head: try checkHead(input)
    case .chunk: try checkChunks(input)
    case .target: try checkTarget(input)
    case .json: try checkJSON(input)
    case .connection: try checkConnection(input)
    }
  }
}

/// Something that must hold for every input does not hold for this one.
package struct BrokenInvariant: Error, CustomStringConvertible {
  package let description: String
}

/// Throws the sentence, which says what must hold, unless it holds.
func require(
  _ holds: @autoclosure () -> Bool, _ sentence: @autoclosure () -> String
) throws(BrokenInvariant) {
  if !holds() { throw BrokenInvariant(description: sentence()) }
}
