import Glibc

/// Opens the socket that a server listens on.
enum ListeningSocket {
  /// Resolves the host and listens on its first address that can be had.
  static func open(
    host: String, port: UInt16, backlog: Int32
  ) throws(ServerStartError) -> (descriptor: Int32, address: ServerAddress) {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    // The name stands for both families; IPv4 is what clients try last and so always reach.
    unsafe hints.ai_family = host == "localhost" ? AF_INET : AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(host, String(port), &hints, &list)
    guard status == 0 else {
      let reason = unsafe String(cString: gai_strerror(status))
      throw .unknownHost(host, reason: reason)
    }
    defer { unsafe freeaddrinfo(list) }
    var failure = ServerStartError.unknownHost(host, reason: "it has no address")
    var next = unsafe list
    while let entry = unsafe next {
      do {
        return try unsafe listen(on: entry.pointee, host: host, port: port, backlog: backlog)
      } catch {
        failure = error
      }
      unsafe next = entry.pointee.ai_next
    }
    throw failure
  }

  private static func listen(
    on info: addrinfo, host: String, port: UInt16, backlog: Int32
  ) throws(ServerStartError) -> (Int32, ServerAddress) {
    let wanted = ServerAddress(host: host, port: port)
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = unsafe socket(info.ai_family, info.ai_socktype | flags, info.ai_protocol)
    guard descriptor >= 0 else { throw failure("socket", wanted) }
    do throws(ServerStartError) {
      _ = SystemSocket.setOption(descriptor, level: SOL_SOCKET, SO_REUSEADDR, 1)
      if unsafe info.ai_family == AF_INET6 {
        // One socket for both families, where the system's default differs.
        _ = SystemSocket.setOption(descriptor, level: Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
      }
      guard unsafe bind(descriptor, info.ai_addr, info.ai_addrlen) == 0 else {
        throw failure("bind", wanted)
      }
      guard Glibc.listen(descriptor, backlog) == 0 else { throw failure("listen", wanted) }
      return (descriptor, try boundAddress(descriptor, wanted))
    } catch {
      _ = close(descriptor)
      throw error
    }
  }

  private static func failure(_ call: String, _ address: ServerAddress) -> ServerStartError {
    let number = errno
    return .listenFailed(
      address: address, call: call, errno: number, reason: SystemSocket.reason(number))
  }

  /// The address the kernel gave, port included.
  private static func boundAddress(
    _ descriptor: Int32, _ wanted: ServerAddress
  ) throws(ServerStartError) -> ServerAddress {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard unsafe getsockname(descriptor, address, &length) == 0 else { return Int32(-1) }
        return unsafe getnameinfo(
          address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
          NI_NUMERICHOST | NI_NUMERICSERV)
      }
    }
    guard status == 0, let port = UInt16(text(service)) else {
      throw failure("getsockname", wanted)
    }
    return ServerAddress(host: text(host), port: port)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
