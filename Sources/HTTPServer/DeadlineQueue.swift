import HTTPCore

/// Which connections to look at when: one list for each quarter of a second.
///
/// An entry says "look at this connection then", not "its deadline is then": a deadline that moves
/// back leaves its entry where it is, and whoever takes the entry out enters the connection anew.
/// So the many deadlines of a busy connection cost one entry.
struct DeadlineQueue {
  /// The length of a tick in nanoseconds; an entry is due up to so much after its instant.
  static let tickNanoseconds: Int64 = 250_000_000

  private var entries: [Int64: [UInt64]] = [:]
  /// The ticks that have entries, the first one last.
  private var ticks: [Int64] = []

  /// The tick at whose beginning the instant has passed.
  static func tick(of instant: Instant) -> Int64 {
    let (quotient, remainder) = instant.nanoseconds.quotientAndRemainder(
      dividingBy: tickNanoseconds)
    return remainder > 0 ? quotient + 1 : quotient
  }

  /// The first tick with an entry; nil if there is none.
  var firstTick: Int64? { ticks.last }

  /// Enters a connection.
  mutating func insert(_ connection: UInt64, tick: Int64) {
    entries[tick, default: []].append(connection)
    var low = 0
    var high = ticks.count
    while low < high {
      let middle = (low + high) / 2
      if ticks[middle] > tick { low = middle + 1 } else { high = middle }
    }
    if low == ticks.count || ticks[low] != tick { ticks.insert(tick, at: low) }
  }

  /// Takes out the entries that are due, each with its tick.
  mutating func removeDue(at now: Instant) -> [(connection: UInt64, tick: Int64)] {
    let present = now.nanoseconds / Self.tickNanoseconds
    var due: [(connection: UInt64, tick: Int64)] = []
    while let tick = ticks.last, tick <= present {
      ticks.removeLast()
      for connection in entries.removeValue(forKey: tick) ?? [] { due.append((connection, tick)) }
    }
    return due
  }

  /// Removes every entry.
  mutating func removeAll() {
    entries = [:]
    ticks = []
  }
}
