import Synchronization

/// The name of a job: `job_` and 32 hexadecimal digits, a UUID of version 7.
///
/// Names sort by creation: the first 48 bits are milliseconds since 1970, and ``JobIDGenerator``
/// makes each name greater than the one before it. Clients treat a name as opaque, so parsing
/// accepts any 32 lowercase digits.
package struct JobID: Hashable, Sendable, Comparable, LosslessStringConvertible {
  /// The first 16 of the 32 digits: time, version and counter.
  let high: UInt64
  /// The last 16 of the 32 digits: variant and random bits.
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Parses `job_` followed by exactly 32 lowercase hexadecimal digits, or returns nil.
  package init?(_ description: String) {
    let bytes = Array(description.utf8)
    guard bytes.count == 36, bytes.starts(with: Self.prefix.utf8) else { return nil }
    guard let high = Hexadecimal.number(bytes[4..<20]), let low = Hexadecimal.number(bytes[20..<36])
    else { return nil }
    self.init(high: high, low: low)
  }

  /// Returns a name greater than every name this process has made so far.
  package static func next() -> JobID {
    shared.withLock { $0.next(at: .now(), random: UInt64.random(in: 0...UInt64.max)) }
  }

  /// The name as clients write it.
  package var description: String {
    Self.prefix + Hexadecimal.digits(of: high) + Hexadecimal.digits(of: low)
  }

  /// Whether the first name was made before the second.
  package static func < (left: JobID, right: JobID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  private static let prefix = "job_"
  private static let shared = Mutex(JobIDGenerator())
}

/// Makes names that grow, even when the clock stands still or steps back.
package struct JobIDGenerator: Sendable {
  private var milliseconds: UInt64 = 0
  private var counter: UInt64 = 0

  /// Creates a generator that has made no name yet.
  package init() {}

  /// Returns the next name.
  ///
  /// Within one millisecond a 12-bit counter grows (RFC 9562 6.2, method 1); when it is used up,
  /// or when the clock steps back, the name borrows from the millisecond after.
  ///
  /// - Parameters:
  ///   - time: The time of creation.
  ///   - random: 62 of its bits become the tail of the name.
  /// - Returns: A name greater than all before it.
  package mutating func next(at time: JobTime, random: UInt64) -> JobID {
    let now = UInt64(clamping: time.milliseconds) & 0xFFFF_FFFF_FFFF
    if now > milliseconds {
      (milliseconds, counter) = (now, 0)
    } else if counter < 0xFFF {
      counter += 1
    } else {
      (milliseconds, counter) = (milliseconds + 1, 0)
    }
    return JobID(
      high: milliseconds << 16 | 0x7000 | counter,
      low: 0x8000_0000_0000_0000 | (random >> 2))
  }
}

/// Lowercase hexadecimal digits, without Foundation.
enum Hexadecimal {
  /// Returns 16 digits.
  static func digits(of number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Returns the number that up to 16 lowercase digits write, or nil if any is no such digit.
  static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    var number: UInt64 = 0
    for digit in digits {
      guard let value = value(of: digit) else { return nil }
      number = number << 4 | value
    }
    return number
  }

  /// Returns the value of one lowercase digit, or nil.
  static func value(of digit: UInt8) -> UInt64? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(digit - UInt8(ascii: "a") + 10)
    default: nil
    }
  }
}
