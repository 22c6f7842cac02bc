/// Sends one request after another, on one connection as long as the server keeps it.
final class Client {
  /// How a request ended.
  enum Outcome {
    case answered(Response)
    /// The server closed in good order, before it answered, a connection that had been used before:
    /// the request may be sent again.
    case closedWhileIdle
    /// A reset, a cut answer, or no connection.
    case failed(String)
  }

  private let address: LoopbackAddress
  private var socket: Socket?
  private var isReused = false
  private var reader = ResponseReader()
  private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

  init(_ address: LoopbackAddress) {
    self.address = address
  }

  /// Sends a request, again if the connection was closed meanwhile, and waits for the answer.
  ///
  /// - Throws: ``LoadError`` if there is none.
  func answer(_ request: Request) throws -> Response {
    for _ in 0..<2 {
      switch exchange(request) {
      case .answered(let response): return response
      case .closedWhileIdle: continue
      case .failed(let reason): throw LoadError("a request failed: \(reason)")
      }
    }
    throw LoadError("a request failed: the server closes every connection")
  }

  /// Sends a request and waits for the answer.
  func exchange(_ request: Request) -> Outcome {
    do {
      let socket = try socket ?? Socket(to: address)
      self.socket = socket
      let failure = socket.sendAll(request.bytes)
      // What broke the sending may have been an answer before the end.
      let outcome = try receive(from: socket, failure)
      if case .answered(let response) = outcome, !response.head.closes {
        isReused = true
      } else {
        close()
      }
      return outcome
    } catch {
      close()
      return .failed("\(error)")
    }
  }

  /// Leaves the connection; the next request makes another.
  func close() {
    socket = nil
    isReused = false
    reader = ResponseReader()
  }

  private func receive(from socket: Socket, _ failure: String?) throws -> Outcome {
    var head: ResponseHead?
    while true {
      if head == nil { head = try reader.takeHead() }
      if let head, let body = reader.takeBody(head.contentLength) {
        return .answered(Response(status: head.status, head: head, body: body))
      }
      switch socket.receive(into: &buffer) {
      case .bytes(0):
        let isUntouched = head == nil && reader.buffer.isEmpty
        if isReused && isUntouched { return .closedWhileIdle }
        return .failed(failure ?? (isUntouched ? "closed without an answer" : "a cut answer"))
      case .bytes(let count): reader.append(buffer[..<count])
      case .wouldBlock: return .failed("no answer for two minutes")
      case .failed(let number):
        return .failed("\(Socket.reason(number)) on a \(isReused ? "used" : "new") connection")
      }
    }
  }
}
