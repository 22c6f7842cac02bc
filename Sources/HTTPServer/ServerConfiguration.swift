import Glibc
package import HTTPCore

/// Where a server listens and how it bounds its work.
package struct ServerConfiguration: Sendable {
  /// An IPv4 or IPv6 address, `localhost`, or a name that resolves to an address of this machine.
  package var host: String
  /// The port; 0 lets the system choose one.
  package var port: UInt16
  /// Number of event loops; by default one for each processor, at most 4: one that has nothing to do
  /// costs nothing.
  package var eventLoops: Int
  /// Every limit and deadline, those of the drain included.
  package var limits: HTTPLimits
  /// Length of the queue of connections not yet accepted.
  package var backlog: Int32 = 4096

  package init(
    host: String = "127.0.0.1", port: UInt16 = 8080, eventLoops: Int? = nil,
    limits: HTTPLimits = HTTPLimits()
  ) {
    self.host = host
    self.port = port
    self.eventLoops = max(1, eventLoops ?? min(4, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    self.limits = limits
    self.limits.requestBytesMax =
      limits.requestBytesMax ?? max(64 << 20, SystemSocket.memoryBytes / 4)
  }

  /// Whether only programs on this machine can connect: the host is `localhost`, or is written as a
  /// loopback address.
  package var isLoopback: Bool {
    if host.lowercased() == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
  }
}
