import Glibc

/// A connection to a server, closed when the last reference to it goes.
final class Socket {
  /// The outcome of sending or receiving.
  enum Transfer {
    case bytes(Int)
    case wouldBlock
    case failed(errno: Int32)
  }

  let descriptor: Int32
  private var isClosed = false

  /// Connects, and waits until that is done.
  ///
  /// - Parameters:
  ///   - address: The server.
  ///   - source: Which of the many loopback addresses to come from.
  ///   - receiveBuffer: Bytes that the system keeps of what was not read yet; nil for its choice.
  /// - Throws: ``LoadError`` with the reason.
  init(to address: LoopbackAddress, from source: Int = 0, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw LoadError("no socket: \(Self.reason(errno))") }
    setOption(Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
    // The port is chosen when connecting, so that only pairs of addresses must differ.
    setOption(Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, Int32(1))
    setOption(SOL_SOCKET, SO_RCVTIMEO, timeval(tv_sec: 120, tv_usec: 0))
    if let receiveBuffer { setOption(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
    try call("bind", LoopbackAddress.source(source), bind)
    try call("connect", address.systemAddress, connect)
  }

  deinit {
    if !isClosed { Glibc.close(descriptor) }
  }

  /// Sends what the system takes of the bytes from that offset.
  func send(_ bytes: [UInt8], from offset: Int = 0, waiting: Bool = true) -> Transfer {
    let flags = Int32(MSG_NOSIGNAL) | (waiting ? 0 : Int32(MSG_DONTWAIT))
    return outcome {
      bytes[offset...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
    }
  }

  /// Receives into the buffer; no bytes mean that the server sends nothing more.
  func receive(into buffer: inout [UInt8], waiting: Bool = true) -> Transfer {
    let flags = waiting ? 0 : Int32(MSG_DONTWAIT)
    return outcome {
      buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, flags) }
    }
  }

  /// Sends all bytes; nil, or the reason why that failed.
  func sendAll(_ bytes: [UInt8]) -> String? {
    var offset = 0
    while offset < bytes.count {
      switch send(bytes, from: offset) {
      case .bytes(let count): offset += count
      case .wouldBlock: return "the server takes nothing"
      case .failed(let number): return Self.reason(number)
      }
    }
    return nil
  }

  /// Waits for bytes and gives how many have come.
  ///
  /// - Throws: ``LoadError`` if none come.
  func receiveSome(into buffer: inout [UInt8]) throws -> Int {
    switch receive(into: &buffer) {
    case .bytes(0): throw LoadError("a request got no answer: closed")
    case .bytes(let count): return count
    case .wouldBlock: throw LoadError("a request got no answer for two minutes")
    case .failed(let number): throw LoadError("a request got no answer: \(Self.reason(number))")
    }
  }

  /// Ends the connection by a reset.
  func reset() {
    setOption(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
    isClosed = true
    Glibc.close(descriptor)
  }

  /// The text of an error number.
  static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

  private func outcome(_ transfer: () -> Int) -> Transfer {
    while true {
      let count = transfer()
      if count >= 0 { return .bytes(count) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      default: return .failed(errno: errno)
      }
    }
  }

  private func setOption<Value>(_ level: Int32, _ name: Int32, _ value: Value) {
    withUnsafeBytes(of: value) {
      _ = setsockopt(descriptor, level, name, $0.baseAddress, socklen_t($0.count))
    }
  }

  private func call(
    _ name: String, _ address: sockaddr_in,
    _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws {
    let result = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw LoadError("\(name): \(Self.reason(errno))") }
  }
}
