/// One client that is slow on purpose.
struct Attacker {
  enum Kind: String, CaseIterable {
    case slowHeader = "slow heads"
    case slowBody = "slow bodies"
    case slowReader = "slow readers"

    /// Seconds that the server bears it.
    var limit: Double {
      switch self {
      case .slowHeader: 10
      case .slowBody: 15
      case .slowReader: 30
      }
    }

    /// What it sends first; a reader asks for more than both systems keep of what nobody reads.
    var opening: [UInt8] {
      switch self {
      case .slowHeader: Array("GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".utf8)
      case .slowBody:
        Array(
          """
          POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r
          Content-Length: 1000000\r\n\r\n{
          """.utf8)
      case .slowReader:
        [[UInt8]](repeating: Request("GET", "/openapi.yaml").bytes, count: 64).flatMap { $0 }
      }
    }

    /// Whether it sends on, a byte a second.
    var sendsOn: Bool { self != .slowReader }
  }

  let kind: Kind
  let socket: Socket
  let start: Double
  var nextSend: Double

  /// Connects and begins.
  init(_ kind: Kind, to address: LoopbackAddress, from source: Int) throws {
    self.kind = kind
    socket = try Socket(
      to: address, from: source, receiveBuffer: kind == .slowReader ? 4096 : nil)
    start = now()
    nextSend = start + 1
    _ = socket.sendAll(kind.opening)
  }

  /// Sends another byte if it is time.
  ///
  /// - Returns: Whether the server still takes it.
  mutating func sendOn(at moment: Double) -> Bool {
    guard kind.sendsOn, moment >= nextSend else { return true }
    nextSend += 1
    if case .failed = socket.send([UInt8(ascii: " ")], waiting: false) { return false }
    return true
  }
}
