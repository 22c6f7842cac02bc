import ArgumentParser
import Foundation

/// The command `descent health`.
struct Health: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Asks a running server whether it is ready; for a container's health check.")

  @Option(help: "The server's port on this machine. (environment: DESCENT_PORT; default: 8080)")
  var port: UInt16?

  @Option(help: "Seconds to wait for the answer.")
  var timeout: Int = 3

  func validate() throws {
    if !(1...3_600).contains(timeout) {
      throw ValidationError("--timeout must be from 1 to 3600 seconds, but is \(timeout)")
    }
  }

  func run() throws {
    let port = try port ?? Environment.port() ?? 8080
    let statusLine = try ask(port)
    guard statusLine.hasPrefix("HTTP/1.1 200 ") else {
      throw failure(ExitStatus.failed, "port \(port) answers \"\(statusLine)\", not 200")
    }
    try writeOutput(Array("ready\n".utf8), to: "-")
  }

  /// Sends one request and reads the first line of the answer.
  private func ask(_ port: UInt16) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw refused(port, "socket") }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: timeout, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(
        descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    // The socket interface takes every kind of address as the general one.
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw refused(port, "connect") }
    let request = Array("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
    else { throw refused(port, "send") }
    var bytes = [UInt8](repeating: 0, count: 1_024)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { throw refused(port, "recv") }
    return String(decoding: bytes.prefix(count).prefix { $0 != 13 }, as: UTF8.self)
  }

  private func refused(_ port: UInt16, _ call: String) -> ExitCode {
    failure(
      ExitStatus.failed,
      "no server answers on port \(port): \(call): \(String(cString: strerror(errno)))")
  }
}
