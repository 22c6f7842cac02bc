import Synchronization

/// An HTTP client for tests: what `curl` does, from Swift.
///
/// A client has one connection, which it keeps and uses again, and sends one request at a time;
/// each stream has a connection of its own. libcurl works on the client's own thread, never on
/// Swift's shared pool.
struct HTTPClient: Sendable {
  /// What stands before each request's path, such as `http://127.0.0.1:8080`.
  let baseURL: String

  private let session: CurlSession

  /// Makes a client without a connection.
  init(baseURL: String = "") throws(HTTPClientError) {
    self.baseURL = baseURL
    session = try CurlSession()
  }

  /// Sends a request and returns the whole response, whatever its status.
  ///
  /// Redirects are not followed. Cancelling the task closes the connection.
  ///
  /// - Parameters:
  ///   - method: In capitals.
  ///   - path: What follows the base URL, sent as it is.
  ///   - headers: Sent in this order, beside those that curl adds.
  ///   - body: Sent with a `Content-Length`; nil for none.
  ///   - timeout: The longest time for all of it.
  /// - Returns: The last response; interim ones (1xx) are not told.
  /// - Throws: What kept the response from arriving.
  func request(
    _ method: String, _ path: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil,
    timeout: Duration = .seconds(30)
  ) async throws -> HTTPClientResponse {
    let request = HTTPClientRequest(
      method: method, url: baseURL + path, headers: headers, body: body, timeout: timeout)
    let cancellation = session.makeCancellation()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        session.start(
          CurlTransfer(request: request, cancellation: cancellation) { response, result in
            continuation.resume(with: result.map { response })
          })
      }
    } onCancel: {
      cancellation.cancel()
    }
  }

  /// Sends a request and returns as soon as the head of the response is there.
  ///
  /// - Throws: What kept the head from arriving; a later fault ends the stream's chunks.
  func stream(
    _ method: String, _ path: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil,
    timeout: Duration = .seconds(60)
  ) async throws -> HTTPClientStream {
    let request = HTTPClientRequest(
      method: method, url: baseURL + path, headers: headers, body: body, timeout: timeout)
    let session = try CurlSession()
    let cancellation = session.makeCancellation()
    let (chunks, chunksInput) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
    chunksInput.onTermination = { _ in cancellation.cancel() }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let head = Once(continuation)
        session.start(
          CurlTransfer(request: request, cancellation: cancellation) { response in
            head.resume(
              with: .success(HTTPClientStream(head: response, chunks: chunks, cancellation)))
          } onChunk: { chunk in
            chunksInput.yield(chunk)
          } onEnd: { result in
            chunksInput.finish(throwing: result.error)
            head.resume(with: .failure(result.error ?? .endedWithoutHead))
          })
      }
    } onCancel: {
      cancellation.cancel()
    }
  }

  /// Resumes a continuation the first time only.
  private final class Once: Sendable {
    private let continuation: Mutex<CheckedContinuation<HTTPClientStream, any Error>?>

    init(_ continuation: CheckedContinuation<HTTPClientStream, any Error>) {
      self.continuation = Mutex(continuation)
    }

    func resume(with result: Result<HTTPClientStream, HTTPClientError>) {
      let first = continuation.withLock { continuation in
        defer { continuation = nil }
        return continuation
      }
      first?.resume(with: result.mapError { $0 as any Error })
    }
  }
}

/// One field of a head.
struct HTTPHeader: Hashable, Sendable {
  let name: String
  let value: String

  /// Makes a field; a name without a value, `HTTPHeader("Accept", "")`, takes curl's own away.
  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// All that is sent.
struct HTTPClientRequest: Sendable {
  let method: String
  let url: String
  let headers: [HTTPHeader]
  let body: [UInt8]?
  let timeout: Duration
}

/// All that came back.
struct HTTPClientResponse: Sendable {
  var status = 0
  var headers: [HTTPHeader] = []
  var body: [UInt8] = []

  /// How many connections had to be opened: 0 if the client's own was used again.
  var newConnections = 0

  /// The values of a field, whatever the case of its name, joined as RFC 9110 5.2 says.
  subscript(name: String) -> String? {
    let values = headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }

  /// The body as text.
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// A response whose body is still arriving.
struct HTTPClientStream: Sendable {
  /// The status and the fields; its body is empty.
  let head: HTTPClientResponse

  /// The body as it arrives; to be read once, by one task.
  let chunks: AsyncThrowingStream<[UInt8], any Error>

  private let cancellation: CurlCancellation

  init(
    head: HTTPClientResponse, chunks: AsyncThrowingStream<[UInt8], any Error>,
    _ cancellation: CurlCancellation
  ) {
    self.head = head
    self.chunks = chunks
    self.cancellation = cancellation
  }

  /// Closes the connection; the chunks end with ``HTTPClientError/cancelled``.
  func cancel() { cancellation.cancel() }

  /// The lines of the body as they arrive, without their ends (LF or CRLF); instead of the chunks.
  var lines: Lines { Lines(chunks: chunks) }

  /// The lines of a body; what follows the last line end is a line if it is not empty.
  struct Lines: AsyncSequence {
    let chunks: AsyncThrowingStream<[UInt8], any Error>

    func makeAsyncIterator() -> Iterator { Iterator(chunks: chunks.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
      var chunks: AsyncThrowingStream<[UInt8], any Error>.Iterator
      private var pending: [UInt8] = []

      init(chunks: AsyncThrowingStream<[UInt8], any Error>.Iterator) {
        self.chunks = chunks
      }

      mutating func next(isolation actor: isolated (any Actor)?) async throws -> String? {
        while true {
          if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Self.text(pending[..<end])
            pending.removeSubrange(...end)
            return line
          }
          guard let chunk = try await chunks.next(isolation: actor) else { break }
          pending += chunk
        }
        defer { pending = [] }
        return pending.isEmpty ? nil : Self.text(pending[...])
      }

      private static func text(_ line: ArraySlice<UInt8>) -> String {
        let isCarried = line.last == UInt8(ascii: "\r")
        return String(decoding: isCarried ? line.dropLast() : line, as: UTF8.self)
      }
    }
  }
}

/// Why no response, or no whole one, arrived.
enum HTTPClientError: Error, Hashable, CustomStringConvertible {
  /// libcurl gave up; the code is its `CURLcode`.
  case failed(code: UInt32, reason: String)
  case cancelled
  case endedWithoutHead
  case noHandle

  var description: String {
    switch self {
    case .failed(let code, let reason): "curl gave up: \(reason) (\(code))"
    case .cancelled: "the request was cancelled"
    case .endedWithoutHead: "the connection ended before the response's head"
    case .noHandle: "curl could not be set up"
    }
  }
}

extension Result {
  fileprivate var error: Failure? {
    guard case .failure(let error) = self else { return nil }
    return error
  }
}
