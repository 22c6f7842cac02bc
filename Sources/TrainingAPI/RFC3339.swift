internal import Jobs

extension JobTime {
  /// The time as RFC 3339 in UTC with milliseconds, `2026-01-31T23:59:59.000Z`.
  ///
  /// The date is worked out by the civil calendar's 400-year cycle, counted from 1 March so that
  /// the leap day comes last. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
  var rfc3339: String {
    let dayMilliseconds: Int64 = 86_400_000
    let day = floorDivide(milliseconds, by: dayMilliseconds)
    let time = Int(milliseconds - day * dayMilliseconds)
    let shifted = Int(day) + 719_468
    let era = Int(floorDivide(Int64(shifted), by: 146_097))
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T"
      + "\(padded(time / 3_600_000, 2)):\(padded(time / 60_000 % 60, 2)):"
      + "\(padded(time / 1_000 % 60, 2)).\(padded(time % 1_000, 3))Z"
  }
}

private func floorDivide(_ number: Int64, by divisor: Int64) -> Int64 {
  number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
}

private func padded(_ number: Int, _ digits: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
