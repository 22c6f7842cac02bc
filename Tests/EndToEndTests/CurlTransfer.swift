import CCurl

/// One request and what has arrived of its response.
///
/// It is `@unchecked Sendable` because, once started, only the session's queue uses it.
final class CurlTransfer: @unchecked Sendable {
  let cancellation: CurlCancellation

  private let request: HTTPClientRequest
  private var response = HTTPClientResponse()
  private let onHead: (HTTPClientResponse) -> Void
  private let onChunk: (([UInt8]) -> Void)?
  private let onEnd: (HTTPClientResponse, Result<Void, HTTPClientError>) -> Void

  /// Makes a transfer that keeps the body and tells of its end only.
  init(
    request: HTTPClientRequest, cancellation: CurlCancellation,
    onEnd: @escaping @Sendable (HTTPClientResponse, Result<Void, any Error>) -> Void
  ) {
    self.request = request
    self.cancellation = cancellation
    onHead = { _ in }
    onChunk = nil
    self.onEnd = { response, result in onEnd(response, result.mapError { $0 as any Error }) }
  }

  /// Makes a transfer that tells of each part as it arrives.
  init(
    request: HTTPClientRequest, cancellation: CurlCancellation,
    onHead: @escaping @Sendable (HTTPClientResponse) -> Void,
    onChunk: @escaping @Sendable ([UInt8]) -> Void,
    onEnd: @escaping @Sendable (Result<Void, HTTPClientError>) -> Void
  ) {
    self.request = request
    self.cancellation = cancellation
    self.onHead = onHead
    self.onChunk = onChunk
    self.onEnd = { _, result in onEnd(result) }
  }

  /// Tells of the end.
  func end(with result: Result<Void, HTTPClientError>, newConnections: Int) {
    response.newConnections = newConnections
    onEnd(response, result)
  }

  /// Sets a handle's options; the list that is returned must be freed after the transfer.
  func configure(_ easy: UnsafeMutableRawPointer) -> UnsafeMutablePointer<curl_slist>? {
    ccurl_set_string(easy, CURLOPT_URL, request.url)
    ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method)
    ccurl_set_string(easy, CURLOPT_PROXY, "")
    ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    ccurl_set_long(easy, CURLOPT_PATH_AS_IS, 1)
    ccurl_set_long(easy, CURLOPT_NOBODY, request.method == "HEAD" ? 1 : 0)
    let (seconds, attoseconds) = request.timeout.components
    ccurl_set_long(
      easy, CURLOPT_TIMEOUT_MS, Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
    if let body = request.body {
      ccurl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
      _ = body.withUnsafeBytes { bytes in
        // An empty array may have no address, and without one there is no body at all.
        ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress ?? .init(bitPattern: 1))
      }
    }
    let list = headerList()
    ccurl_set_list(easy, CURLOPT_HTTPHEADER, list)
    setCallbacks(of: easy)
    return list
  }

  private func headerList() -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    let names = request.headers.map { $0.name.lowercased() }
    // curl would say that a body is a form.
    if request.body != nil, !names.contains("content-type") {
      list = curl_slist_append(list, "Content-Type:")
    }
    for header in request.headers {
      let field = header.value.isEmpty ? "\(header.name):" : "\(header.name): \(header.value)"
      list = curl_slist_append(list, field)
    }
    return list
  }

  private func setCallbacks(of easy: UnsafeMutableRawPointer) {
    // The session keeps the transfer for as long as libcurl may call back.
    let context = Unmanaged.passUnretained(self).toOpaque()
    ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    ccurl_set_write_function(easy) { bytes, _, count, context in
      CurlTransfer.of(context)?.receiveChunk(UnsafeRawBufferPointer(start: bytes, count: count))
      return count
    }
    ccurl_set_header_function(easy) { bytes, _, count, context in
      CurlTransfer.of(context)?.receiveLine(UnsafeRawBufferPointer(start: bytes, count: count))
      return count
    }
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
    context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  private func receiveChunk(_ bytes: UnsafeRawBufferPointer) {
    if let onChunk {
      onChunk(Array(bytes))
    } else {
      response.body.append(contentsOf: bytes)
    }
  }

  /// Takes a line of a head: its status, a field, or the empty line that ends it.
  private func receiveLine(_ bytes: UnsafeRawBufferPointer) {
    var line = String(decoding: bytes, as: UTF8.self)[...]
    while line.last?.isNewline == true { line.removeLast() }
    if line.hasPrefix("HTTP/") {
      // A head of its own, after that of an interim response such as 100.
      response.headers = []
      response.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    } else if line.isEmpty {
      if response.status >= 200 { onHead(response) }
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      response.headers.append(HTTPHeader(String(line[..<colon]), String(value)))
    }
  }
}
