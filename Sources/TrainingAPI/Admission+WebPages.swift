internal import HTTPCore

extension Problem {
  /// Why a request that needs no key may not go on; nil if it may.
  ///
  /// It may come from a web page in a browser on this machine, whose author is somebody else.
  /// A page whose own name was made to lead here (DNS rebinding) shows by its `Host`; one that
  /// posts to another site than its own by its `Origin`, which browsers send with every method but
  /// GET and HEAD (Fetch 3.2). Answers to the latter a page of another site cannot read.
  init?(foreignPage head: RequestHead) {
    // Without a Host, as HTTP/1.0 may be, no browser sent it.
    guard let authority = head.target.authority ?? head.headers.first("Host") else { return nil }
    guard Self.isLoopback(authority) else {
      self.init(
        status: 403, code: "foreign_host",
        detail: "Without keys the server answers to localhost, 127.0.0.1 and [::1] only, but Host"
          + " is \(authority); use one of those, or make keys with descent keys add NAME")
      return
    }
    guard !["GET", "HEAD"].contains(head.method),
      let origin = head.headers.all("Origin").first(where: { !Self.isOrigin($0, of: authority) })
    else { return nil }
    self.init(
      status: 403, code: "cross_site_request",
      detail: "Without keys the server takes \(head.method) from no web page of another site, but"
        + " Origin is \(origin) and Host is \(authority); send no Origin, or make keys with descent"
        + " keys add NAME")
  }

  private static func isOrigin(_ origin: String, of authority: String) -> Bool {
    ["http://", "https://"].contains { origin.lowercased() == $0 + authority.lowercased() }
  }

  /// Whether a host with or without a port means this machine, wherever its name leads.
  private static func isLoopback(_ authority: String) -> Bool {
    let isBracketed = authority.hasPrefix("[")
    let end = isBracketed ? authority.firstIndex(of: "]").map(authority.index(after:)) : nil
    let host = authority[..<(end ?? authority.firstIndex(of: ":") ?? authority.endIndex)]
    if ["localhost", "[::1]"].contains(host.lowercased()) { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
  }
}
