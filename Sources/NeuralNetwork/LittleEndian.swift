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

extension ArraySlice<UInt8> {
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
