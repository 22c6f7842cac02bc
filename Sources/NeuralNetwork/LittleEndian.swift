extension [UInt8] {
  /// Appends each number's four bytes, the lowest first.
  package mutating func appendLittleEndian(_ numbers: [Float]) {
    reserveCapacity(count + 4 * numbers.count)
    for number in numbers {
      let bits = number.bitPattern
      append(UInt8(truncatingIfNeeded: bits))
      append(UInt8(truncatingIfNeeded: bits >> 8))
      append(UInt8(truncatingIfNeeded: bits >> 16))
      append(UInt8(truncatingIfNeeded: bits >> 24))
    }
  }
}

extension [UInt8] {
  /// Appends a number's bytes, the lowest first.
  package mutating func appendLittleEndian<Number: FixedWidthInteger>(_ number: Number) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: number >> Number(shift)))
    }
  }
}

extension ArraySlice<UInt8> {
  /// Takes a number off the front, the lowest byte first; nil if there are too few bytes.
  package mutating func popLittleEndian<Number: FixedWidthInteger>(
    _ type: Number.Type = Number.self
  ) -> Number? {
    let bytes = prefix(Number.bitWidth / 8)
    guard bytes.count == Number.bitWidth / 8 else { return nil }
    self = dropFirst(bytes.count)
    return bytes.reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }

  /// The numbers whose bytes these are; a rest of fewer than four bytes is left out.
  package var littleEndianFloats: [Float] {
    stride(from: startIndex, to: endIndex - 3, by: 4).map { index in
      var bits = UInt32(self[index])
      bits |= UInt32(self[index + 1]) << 8
      bits |= UInt32(self[index + 2]) << 16
      bits |= UInt32(self[index + 3]) << 24
      return Float(bitPattern: bits)
    }
  }
}
