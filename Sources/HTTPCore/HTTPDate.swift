/// Dates as HTTP writes them.
package enum HTTPDate {
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Appends the time as an IMF-fixdate (RFC 9110 5.6.7), such as `Sun, 06 Nov 1994 08:49:37 GMT`.
  ///
  /// - Parameters:
  ///   - unixTime: Seconds since 1970; what is outside 1970 to 9999 is brought inside.
  ///   - bytes: Gets 29 bytes of ASCII.
  package static func appendIMFFixdate(unixTime: Int64, to bytes: inout [UInt8]) {
    let time = Int(min(max(unixTime, 0), 253_402_300_799))
    let days = time / 86_400
    let (year, month, day) = civilDate(daysSince1970: days)
    // The first day of 1970 was a Thursday.
    bytes.append(contentsOf: weekdays[days % 7].utf8)
    append(day, after: ", ", to: &bytes)
    bytes.append(ASCII.space)
    bytes.append(contentsOf: months[month - 1].utf8)
    append(year / 100, after: " ", to: &bytes)
    append(year % 100, after: "", to: &bytes)
    appendClock(time, after: " ", to: &bytes)
    bytes.append(contentsOf: " GMT".utf8)
  }

  /// The time as RFC 3339 writes it, in UTC with milliseconds.
  package static func rfc3339(unixMilliseconds: Int64) -> String {
    let milliseconds = min(max(unixMilliseconds, 0), 253_402_300_799_999)
    let time = Int(milliseconds / 1000)
    let (year, month, day) = civilDate(daysSince1970: time / 86_400)
    let fraction = Int(milliseconds % 1000)
    var bytes: [UInt8] = []
    append(year / 100, after: "", to: &bytes)
    append(year % 100, after: "", to: &bytes)
    append(month, after: "-", to: &bytes)
    append(day, after: "-", to: &bytes)
    appendClock(time, after: "T", to: &bytes)
    append(fraction % 100, after: ".\(fraction / 100)", to: &bytes)
    return String(decoding: bytes, as: UTF8.self) + "Z"
  }

  /// The time as Apache's logs write it, such as `06/Nov/1994:08:49:37 +0000`.
  package static func commonLog(unixTime: Int64) -> String {
    let time = Int(min(max(unixTime, 0), 253_402_300_799))
    let (year, month, day) = civilDate(daysSince1970: time / 86_400)
    var bytes: [UInt8] = []
    append(day, after: "", to: &bytes)
    append(year / 100, after: "/\(months[month - 1])/", to: &bytes)
    append(year % 100, after: "", to: &bytes)
    appendClock(time, after: ":", to: &bytes)
    return String(decoding: bytes, as: UTF8.self) + " +0000"
  }

  private static func appendClock(_ time: Int, after separator: String, to bytes: inout [UInt8]) {
    let second = time % 86_400
    append(second / 3600, after: separator, to: &bytes)
    append(second / 60 % 60, after: ":", to: &bytes)
    append(second % 60, after: ":", to: &bytes)
  }

  /// The date of a day, by counting 400-year eras of 146,097 days from 1 March 0000.
  private static func civilDate(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// Appends a separator and a number from 0 to 99 with two digits.
  private static func append(_ number: Int, after separator: String, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: separator.utf8)
    bytes.append(0x30 + UInt8(truncatingIfNeeded: number / 10))
    bytes.append(0x30 + UInt8(truncatingIfNeeded: number % 10))
  }
}
