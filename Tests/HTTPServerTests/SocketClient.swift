import Foundation
import Glibc

/// Runs blocking work on a thread of its own, so that no thread of a shared pool waits.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: work()) }
  }
}

/// A client that sends exact bytes and reads exact responses, blocking, with a generous time limit.
final class SocketClient: Sendable {
  /// What came back, as far as it came.
  struct Response: Sendable, Equatable {
    var status = 0
    var fields: [String: String] = [:]
    var body: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  private let descriptor: Int32

  init(port: UInt16, ipv6: Bool = false) {
    descriptor = socket(ipv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var time = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    if ipv6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = in6addr_loopback
      connect(to: &address)
    } else {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      connect(to: &address)
    }
  }

  deinit { Glibc.close(descriptor) }

  private func connect<Address>(to address: inout Address) {
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
  }

  /// Sends everything, or as much as the server takes; returns how much that was.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Int {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { all in
        Glibc.send(
          descriptor, all.baseAddress?.advanced(by: sent), all.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return sent }
      sent += count
    }
    return sent
  }

  @discardableResult
  func send(_ text: String) -> Int {
    send(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
  }

  /// Up to so many bytes; empty at the end, nil on a reset or after the time limit.
  func receive(_ count: Int = 65_536) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: count)
    let received = recv(descriptor, &buffer, count, 0)
    return received < 0 ? nil : Array(buffer.prefix(received))
  }

  /// Closes the sending side only.
  func finishSending() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  /// Makes the close of this client a reset.
  func resetOnClose() {
    var value = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
  }

  /// Whether the server closed in order, with nothing further sent.
  func isAtEnd() -> Bool { receive(1) == [] }

  /// Whether the connection is over, by an end or by a reset.
  func isOver() -> Bool {
    let last = receive(1)
    return last == [] || last == nil
  }

  /// Reads one response: its head byte by byte, its body by length, by chunks or to the end.
  func response(withBody: Bool = true) -> Response? {
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
      guard let byte = receive(1), !byte.isEmpty else { return nil }
      head += byte
    }
    var response = Response()
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    response.status = Int(lines[0].split(separator: " ")[1]) ?? 0
    for line in lines.dropFirst() {
      let parts = line.split(separator: ": ", maxSplits: 1)
      response.fields[parts[0].lowercased()] = parts.count > 1 ? String(parts[1]) : ""
    }
    if response.status < 200 || response.status == 204 || !withBody { return response }
    if response.fields["transfer-encoding"] == "chunked" {
      while let size = Int(line(), radix: 16), size > 0 {
        response.body += exactly(size + 2).dropLast(2)
      }
      _ = line()
    } else if let length = response.fields["content-length"].flatMap({ Int($0) }) {
      response.body = exactly(length)
    } else {
      while let piece = receive(), !piece.isEmpty { response.body += piece }
    }
    return response
  }

  /// One line without its CRLF.
  func line() -> String {
    var line: [UInt8] = []
    while let byte = receive(1), !byte.isEmpty {
      line += byte
      if line.suffix(2).elementsEqual([13, 10]) { break }
    }
    return String(decoding: line.dropLast(2), as: UTF8.self)
  }

  private func exactly(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count, let piece = receive(count - bytes.count), !piece.isEmpty {
      bytes += piece
    }
    return bytes
  }
}
