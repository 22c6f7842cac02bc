/// The address a server is bound to.
package struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
  /// The numeric address.
  package let host: String
  package let port: UInt16

  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// The address as it stands in a URL.
  package var description: String {
    host.utf8.contains(0x3A) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

/// A server could not begin to listen.
package enum ServerStartError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The host is no address and no name that is known.
  case unknownHost(String, reason: String)
  /// A system call failed on the address.
  case listenFailed(address: ServerAddress, call: String, errno: Int32, reason: String)
  /// The server was started before.
  case alreadyStarted

  /// One sentence for people.
  package var description: String {
    switch self {
    case .unknownHost(let host, let reason): "cannot listen on \(host): \(reason)"
    case .listenFailed(let address, let call, let errno, let reason):
      "cannot listen on \(address): \(call) failed: \(reason) (errno \(errno))"
    case .alreadyStarted: "the server was started before"
    }
  }
}
