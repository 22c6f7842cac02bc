/// What names the bytes of an answer, so that a client need not fetch them twice (RFC 9110 8.8.3).
package struct EntityTag: Sendable, Hashable {
  /// The text between the quotes.
  package let opaque: String
  /// Whether it promises the same meaning only, not the same bytes.
  package let isWeak: Bool

  /// A tag of our own, which promises the same bytes; the text must hold no quote.
  package init(strong opaque: String) {
    self.opaque = opaque
    isWeak = false
  }

  /// Reads a tag as a field holds it; nil if it is none.
  package init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)[...]
    isWeak = bytes.starts(with: "W/".utf8)
    let quoted = bytes.dropFirst(isWeak ? 2 : 0)
    guard quoted.count >= 2, quoted.first == 0x22, quoted.last == 0x22 else { return nil }
    let inside = quoted.dropFirst().dropLast()
    // RFC 9110 8.8.3: etagc is %x21, %x23-7E and obs-text; no quote, no space.
    guard inside.allSatisfy({ $0 == 0x21 || ($0 >= 0x23 && $0 != 0x7F) }) else { return nil }
    opaque = String(decoding: inside, as: UTF8.self)
  }

  /// The tag as a field holds it.
  package var field: String { (isWeak ? "W/" : "") + "\"" + opaque + "\"" }

  /// The tag of the same content encoded in another way.
  package func encoded(as coding: String) -> EntityTag {
    EntityTag(strong: opaque + "-" + coding)
  }

  /// RFC 9110 8.8.3.2: equal but for the weakness.
  package func matchesWeakly(_ other: EntityTag) -> Bool { opaque == other.opaque }

  /// RFC 9110 8.8.3.2: equal, and neither is weak.
  package func matchesStrongly(_ other: EntityTag) -> Bool {
    !isWeak && !other.isWeak && opaque == other.opaque
  }

  /// Reads a list of tags, leaving out what is none; a comma may stand inside one.
  package static func list(_ text: String) -> [EntityTag] {
    var elements: [Substring.UTF8View] = []
    var rest = text[...].utf8
    var isQuoted = false
    var start = rest.startIndex
    for index in rest.indices {
      if rest[index] == 0x22 { isQuoted.toggle() }
      if rest[index] == ASCII.comma, !isQuoted {
        elements.append(rest[start..<index])
        start = rest.index(after: index)
      }
    }
    rest = rest[start...]
    elements.append(rest)
    return elements.compactMap { EntityTag(Substring(trimmingBlanks($0))) }
  }
}
