/// An event as a subscriber received it.
struct ReceivedEvent {
  let id: Int
  /// All lines of the event.
  let text: [UInt8]
  /// When the whole of it was here, by the clock of the system.
  let arrival: Double
}

/// One subscriber to the events of a job.
final class EventStream {
  let socket: Socket
  private(set) var events: [ReceivedEvent] = []
  private(set) var status: Int?
  /// When the head of the response was here.
  private(set) var opening = 0.0
  private(set) var hasEnded = false

  private var reader = ResponseReader()
  private var isChunked = false
  private var pending: [UInt8] = []
  private var buffer = [UInt8](repeating: 0, count: 16 * 1024)

  /// Subscribes.
  ///
  /// - Parameters:
  ///   - path: The events of a job.
  ///   - lastEvent: The id of the last event that is known already; nil for none.
  ///   - address: The server.
  ///   - receiveBuffer: Bytes that the system keeps for a subscriber that does not read.
  /// - Throws: ``LoadError`` if the server cannot be asked.
  init(
    _ path: String, after lastEvent: Int? = nil, on address: LoopbackAddress,
    receiveBuffer: Int32? = nil
  ) throws {
    var headers = ["Accept: text/event-stream"]
    if let lastEvent { headers.append("Last-Event-ID: \(lastEvent)") }
    socket = try Socket(to: address, receiveBuffer: receiveBuffer)
    if let failure = socket.sendAll(Request("GET", path, headers: headers).bytes) {
      throw LoadError("a request failed: \(failure)")
    }
  }

  /// Takes what has arrived.
  ///
  /// - Parameter waiting: Whether to wait until something arrives.
  /// - Throws: ``LoadError`` if the stream was cut.
  func receive(waiting: Bool = false) throws {
    switch socket.receive(into: &buffer, waiting: waiting) {
    case .bytes(0): throw LoadError("a stream was cut after \(events.count) events")
    case .bytes(let count): try take(buffer[..<count])
    case .wouldBlock: return
    case .failed(let number): throw LoadError("a stream failed: \(Socket.reason(number))")
    }
  }

  private func take(_ bytes: ArraySlice<UInt8>) throws {
    let arrival = systemTime()
    reader.append(bytes)
    if status == nil {
      guard let head = try reader.takeHead() else { return }
      status = head.status
      opening = arrival
      isChunked = head["transfer-encoding"] == "chunked"
      hasEnded = !isChunked
    }
    while isChunked, let chunk = try reader.takeChunk() {
      hasEnded = chunk.isEmpty
      pending += chunk
    }
    try takeEvents(at: arrival)
  }

  private func takeEvents(at arrival: Double) throws {
    while let end = pending.firstRange(of: [0x0A, 0x0A]) {
      let text = Array(pending[..<end.lowerBound])
      pending.removeSubrange(..<end.upperBound)
      // Comments and the time to wait before connecting again are no events.
      guard text.starts(with: "id: ".utf8) else { continue }
      let digits = text.dropFirst(4).prefix { $0 != 0x0A }
      guard let id = Int(String(decoding: digits, as: UTF8.self)) else {
        throw LoadError("an event without a number: \(String(decoding: text, as: UTF8.self))")
      }
      events.append(ReceivedEvent(id: id, text: text, arrival: arrival))
    }
  }
}

extension ResponseReader {
  /// Takes out the bytes of a chunk, none for the last one; nil as long as it is not whole.
  fileprivate mutating func takeChunk() throws -> [UInt8]? {
    guard let line = buffer.firstRange(of: [0x0D, 0x0A]) else { return nil }
    let digits = String(decoding: buffer[..<line.lowerBound], as: UTF8.self)
    guard let count = Int(digits, radix: 16) else { throw LoadError("\(digits) is no chunk") }
    guard buffer.count >= line.upperBound + count + 2 else { return nil }
    _ = takeBody(line.upperBound)
    defer { _ = takeBody(2) }
    return takeBody(count)
  }
}
