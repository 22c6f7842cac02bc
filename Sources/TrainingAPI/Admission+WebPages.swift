internal import HTTPCore

extension Problem {
  /// Why a request that needs no key may not go on; nil if it may.
  ///
  /// It may come from a web page in a browser on this machine, whose author is somebody else.
  /// A page whose own name was made to lead here (DNS rebinding) shows by its `Host`; one that posts
  /// to another site than its own by its `Origin`, which browsers send with every method but GET and
  /// HEAD (Fetch 3.2); one that only fetches, such as an image, by `Sec-Fetch-Site`. A link that a
  /// user follows is let through.
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
    let isFollowed = head.headers.first("Sec-Fetch-Mode") == "navigate"
    if ["GET", "HEAD"].contains(head.method) {
      guard head.headers.first("Sec-Fetch-Site") == "cross-site", !isFollowed else { return nil }
      self.init(
        status: 403, code: "cross_site_request",
        detail: "Without keys the server shows nothing within a web page of another site, as"
          + " Sec-Fetch-Site says this is; make keys with descent keys add NAME")
      return
    }
    guard
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
  ///
  /// Every request is asked, so it reads bytes and allocates nothing.
  private static func isLoopback(_ authority: String) -> Bool {
    let bytes = authority.utf8
    if bytes.first == UInt8(ascii: "[") {
      let rest = bytes.dropFirst(5)
      return bytes.starts(with: "[::1]".utf8) && (rest.isEmpty || rest.first == UInt8(ascii: ":"))
    }
    let host = bytes.prefix { $0 != UInt8(ascii: ":") }
    // Setting bit 5 makes a letter lower case; no other byte becomes one of these letters by it
    // that may stand in a Host.
    return host.elementsEqual("localhost".utf8, by: { $0 | 0x20 == $1 }) || isLoopbackIPv4(host)
  }

  /// Four numbers up to 255, the first of them 127.
  private static func isLoopbackIPv4(_ host: String.UTF8View.SubSequence) -> Bool {
    var number: Int?
    var dots = 0
    for byte in host {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        number = 10 * (number ?? 0) + Int(byte - UInt8(ascii: "0"))
        if number ?? 0 > 255 { return false }
      case UInt8(ascii: "."):
        guard let known = number, dots > 0 || known == 127 else { return false }
        (number, dots) = (nil, dots + 1)
      default: return false
      }
    }
    return dots == 3 && number != nil
  }
}
