/// Which bytes of an answer a client asks for (RFC 9110 14).
package enum ByteRange: Sendable, Hashable {
  /// All: no range was asked for, or one that may be ignored.
  case whole
  /// Some, never none.
  case part(Range<Int>)
  /// None of what was asked for is there.
  case unsatisfiable

  /// Reads a `Range` for an answer of so many bytes.
  ///
  /// Only a single range of bytes is carried out. Several, other units and what does not fit the
  /// grammar are ignored, as RFC 9110 14.2 allows.
  package init(field: String, length: Int) {
    let unit = "bytes="
    guard field.utf8.count > unit.utf8.count,
      equalsIgnoringCase(String(field.prefix(unit.count)), unit)
    else {
      self = .whole
      return
    }
    let specifier = trimmingBlanks(Array(field.utf8.dropFirst(unit.utf8.count)))
    let ends = specifier.split(separator: 0x2D, omittingEmptySubsequences: false)
    guard ends.count == 2, ends.allSatisfy({ $0.allSatisfy(\.isDigit) }) else {
      self = .whole
      return
    }
    switch (Self.number(ends[0]), Self.number(ends[1])) {
    case (nil, nil): self = .whole
    case (nil, let count?):
      // RFC 9110 14.1.2: a suffix longer than the whole means the whole.
      self =
        count > 0 && length > 0 ? .part((length - min(count, length))..<length) : .unsatisfiable
    case (let first?, let last):
      if let last, last < first {
        self = .whole
      } else {
        self =
          first < length
          ? .part(first..<(min(last ?? length - 1, length - 1) + 1)) : .unsatisfiable
      }
    }
  }

  /// Digits as a number, the greatest there is instead of an overflow; nil for none.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty else { return nil }
    var number = 0
    for digit in digits {
      let (tens, overflows) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflowsToo) = tens.addingReportingOverflow(Int(digit - 0x30))
      if overflows || overflowsToo { return .max }
      number = sum
    }
    return number
  }
}
