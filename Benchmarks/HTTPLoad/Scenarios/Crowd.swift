import Glibc

/// Attackers that are always as many as were asked for: whoever is gone comes again.
struct Crowd {
  /// How attackers of one kind ended.
  struct Ended {
    var count = 0
    /// The longest time that one stayed, in seconds.
    var longest = 0.0
    /// How many stayed a second too long, those included that are still there.
    var overdue = 0
  }

  /// Seconds between two looks at everybody.
  static let turn = 0.05
  /// So many come in one turn, 4,000 a second.
  private static let arrivalsMax = 200

  private let address: LoopbackAddress
  private var attackers: [Attacker] = []
  private var awaited: [Attacker.Kind] = []
  private var ended: [Attacker.Kind: Ended] = [:]
  private var arrivals = 0

  init(of address: LoopbackAddress) {
    self.address = address
  }

  /// Lets so many more come.
  mutating func await(_ kind: Attacker.Kind, _ count: Int) {
    awaited += [Attacker.Kind](repeating: kind, count: count)
  }

  /// Looks who is gone, sends what is due, and lets others come.
  mutating func takeTurn() throws {
    let gone = gonePositions()
    let moment = now()
    var staying: [Attacker] = []
    staying.reserveCapacity(attackers.count)
    for (position, var attacker) in attackers.enumerated() {
      if !gone.contains(position), attacker.sendOn(at: moment) {
        staying.append(attacker)
      } else {
        note(attacker, at: moment)
        awaited.append(attacker.kind)
      }
    }
    attackers = staying
    for kind in awaited.prefix(Self.arrivalsMax) {
      arrivals += 1
      attackers.append(try Attacker(kind, to: address, from: arrivals % 50))
    }
    awaited.removeFirst(min(awaited.count, Self.arrivalsMax))
  }

  /// How those of a kind ended.
  func ended(_ kind: Attacker.Kind) -> Ended {
    var result = ended[kind] ?? Ended()
    let moment = now()
    result.overdue += attackers.count { $0.kind == kind && moment - $0.start > kind.limit + 1 }
    return result
  }

  private mutating func note(_ attacker: Attacker, at moment: Double) {
    let stay = moment - attacker.start
    ended[attacker.kind, default: Ended()].count += 1
    ended[attacker.kind, default: Ended()].longest = max(
      stay, ended[attacker.kind]?.longest ?? 0)
    if stay > attacker.kind.limit + 1 { ended[attacker.kind, default: Ended()].overdue += 1 }
  }

  /// Those to whom the server has said anything: an answer, an end, or a reset.
  ///
  /// A slow reader waits for the reset, of which the system tells without being asked.
  private func gonePositions() -> Set<Int> {
    var polled = attackers.map { attacker in
      pollfd(
        fd: attacker.socket.descriptor, events: attacker.kind.sendsOn ? Int16(POLLIN) : 0,
        revents: 0)
    }
    poll(&polled, nfds_t(polled.count), 0)
    return Set(polled.indices.filter { polled[$0].revents != 0 })
  }
}
