import CLinux
import Glibc

/// The socket calls, each with its result as a value; the one place that gives them pointers.
enum SystemSocket {
  /// The outcome of a call that must not block.
  enum Transfer {
    case bytes(Int)
    case wouldBlock
    case failed(errno: Int32)
  }

  /// Receives into the buffer; `.bytes(0)` means that the peer sends nothing more.
  static func receive(_ descriptor: Int32, into buffer: inout [UInt8]) -> Transfer {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
      }
      if count >= 0 { return .bytes(count) }
      guard errno == EINTR else { return failure() }
    }
  }

  /// Sends what the kernel takes of the bytes from the offset; never raises SIGPIPE.
  static func send(_ descriptor: Int32, _ bytes: [UInt8], from offset: Int) -> Transfer {
    while true {
      let count = unsafe bytes.withUnsafeBytes { all in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: all[offset...])
        return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 { return .bytes(count) }
      guard errno == EINTR else { return failure() }
    }
  }

  /// Accepts one connection, non-blocking and closed on exec; its descriptor is in `.bytes`.
  static func accept(_ listener: Int32) -> Transfer {
    while true {
      let descriptor = Glibc.accept(listener, nil, nil)
      if descriptor >= 0 {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return .bytes(Int(descriptor))
      }
      guard errno == EINTR else { return failure() }
    }
  }

  /// The address of a connection's peer without its port; nil if it has gone.
  static func peerAddress(_ descriptor: Int32) -> String? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let isKnown = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe getpeername(descriptor, address, &length) == 0
          && getnameinfo(
            address, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0
      }
    }
    guard isKnown else { return nil }
    return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func failure() -> Transfer {
    errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed(errno: errno)
  }

  /// Sets an integer option; a failure leaves the default, which only costs speed.
  static func setOption(_ descriptor: Int32, level: Int32, _ name: Int32, _ value: Int32) -> Int32 {
    var value = value
    return unsafe setsockopt(
      descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Sets what every accepted connection needs.
  static func prepare(_ descriptor: Int32) {
    // Without it small responses wait 40 ms for the acknowledgement of earlier ones.
    _ = setOption(descriptor, level: Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    _ = setOption(descriptor, level: SOL_SOCKET, SO_KEEPALIVE, 1)
    // Otherwise the kernel takes megabytes for a client that does not read, which nobody counts.
    _ = setOption(descriptor, level: Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, 128 * 1024)
  }

  /// Has the kernel drop each first packet of a connection to a listening socket, as if it were lost.
  ///
  /// The client sends it again, and is refused once the socket is closed. Without the filter, if the
  /// kernel does not take it, a connection that comes at the moment of the close is reset.
  static func ignoreNewConnections(_ listener: Int32) {
    // The packet begins with its TCP header, whose byte 13 has the flags (RFC 9293 3.1): of SYN and
    // ACK only the first packet has SYN alone.
    var program = [
      sock_filter(code: UInt16(BPF_LD | BPF_B | BPF_ABS), jt: 0, jf: 0, k: 13),
      sock_filter(code: UInt16(BPF_ALU | BPF_AND | BPF_K), jt: 0, jf: 0, k: 0x12),
      sock_filter(code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: 0, jf: 1, k: 0x02),
      sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0),
      sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: UInt32.max),
    ]
    unsafe program.withUnsafeMutableBufferPointer { instructions in
      var filter = unsafe sock_fprog(
        len: UInt16(instructions.count), filter: instructions.baseAddress)
      _ = unsafe setsockopt(
        listener, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<sock_fprog>.size))
    }
  }

  /// Makes the close of the descriptor a reset.
  static func resetOnClose(_ descriptor: Int32) {
    var value = linger(l_onoff: 1, l_linger: 0)
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
  }

  /// The text of an error number.
  static func reason(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    let text = buffer.prefix { $0 != 0 }
    return String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Raises the number of descriptors that this process may have as far as it may itself.
  ///
  /// Shells and containers often begin with a soft limit of 1024, for programs that use `select`.
  ///
  /// - Returns: The limit from now on.
  static func raiseDescriptorLimit() -> Int {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return 1024 }
    var raised = limit
    raised.rlim_cur = raised.rlim_max
    guard unsafe setrlimit(resource, &raised) == 0 else { return Int(clamping: limit.rlim_cur) }
    return Int(clamping: raised.rlim_cur)
  }

  /// The machine's memory in bytes.
  static var memoryBytes: Int {
    max(0, sysconf(Int32(_SC_PHYS_PAGES))) * max(0, sysconf(Int32(_SC_PAGESIZE)))
  }
}
