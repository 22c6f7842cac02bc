/// The name of an operator or of a network's input, as the client wrote it.
///
/// Ids sort numbers before words, numbers by value, words by their characters.
package struct OperatorID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// 1 to 64 letters, digits, `_`, `-` and `.`.
  package let description: String

  /// Accepts a well-formed id.
  package init?(_ text: String) {
    guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(OperatorID.allows) else {
      return nil
    }
    description = text
  }

  /// What an id may be, for messages.
  package static let grammar = "1 to 64 letters, digits, \"_\", \"-\" or \".\""

  private static func allows(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }

  private var isNumber: Bool {
    description.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  package static func < (left: OperatorID, right: OperatorID) -> Bool {
    switch (left.isNumber, right.isNumber) {
    case (true, false): return true
    case (false, true): return false
    case (false, false):
      return left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    case (true, true):
      // Ids may have more digits than an integer: without leading zeros the longer is the greater.
      let leftDigits = left.description.utf8.drop { $0 == UInt8(ascii: "0") }
      let rightDigits = right.description.utf8.drop { $0 == UInt8(ascii: "0") }
      if leftDigits.count != rightDigits.count { return leftDigits.count < rightDigits.count }
      if leftDigits.elementsEqual(rightDigits) {
        return left.description.utf8.count < right.description.utf8.count
      }
      return leftDigits.lexicographicallyPrecedes(rightDigits)
    }
  }
}
