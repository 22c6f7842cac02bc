import Glibc

/// An address of this machine; there is no way to write another one.
struct LoopbackAddress: Hashable, Sendable {
  let host: String
  let port: UInt16

  /// Reads `http://127.x.y.z:PORT`.
  ///
  /// - Throws: ``LoadError`` for any other address.
  init(url: String) throws {
    guard let match = url.wholeMatch(of: #/http:\/\/(127(?:\.\d{1,3}){3}):(\d{1,5})/#),
      let port = UInt16(match.2)
    else { throw LoadError("needs an address such as http://127.0.0.1:8080, not \(url)") }
    host = String(match.1)
    self.port = port
    var address = in_addr()
    guard inet_pton(AF_INET, host, &address) == 1 else {
      throw LoadError("\(host) is no address")
    }
  }

  /// As the system takes it.
  var systemAddress: sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return address
  }

  /// One of many addresses that a client may come from, each with ports of its own.
  static func source(_ index: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0002 + index % 60_000).bigEndian
    return address
  }
}
