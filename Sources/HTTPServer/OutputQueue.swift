/// The bytes that wait to be sent on a connection, in the pieces they came in.
struct OutputQueue {
  private var pieces: [[UInt8]] = []
  private var first = 0
  private var offset = 0
  /// Bytes that wait.
  private(set) var bytes = 0

  /// Answers of so many bytes are sent whatever waits elsewhere.
  static let smallBytes = 64 * 1024

  /// Whether nothing waits.
  var isEmpty: Bool { first == pieces.count }

  /// The piece to send next, and how many of its bytes have gone.
  var head: (bytes: [UInt8], offset: Int)? {
    isEmpty ? nil : (pieces[first], offset)
  }

  mutating func append(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    pieces.append(bytes)
    self.bytes += bytes.count
  }

  /// Drops bytes that were sent, at most those of the head.
  mutating func drop(_ count: Int) {
    guard !isEmpty else { return }
    offset += count
    bytes -= count
    guard offset >= pieces[first].count else { return }
    pieces[first] = []
    offset = 0
    first += 1
    // The spent pieces go together, so that each costs constant time.
    if first == pieces.count {
      pieces.removeAll(keepingCapacity: first <= 16)
      first = 0
    } else if first >= 64 {
      pieces.removeFirst(first)
      first = 0
    }
  }

  mutating func removeAll() {
    self = OutputQueue()
  }
}
