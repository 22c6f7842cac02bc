import CCurl
import Dispatch
import Synchronization

/// libcurl's handles with the connection they keep, and the thread they are used on.
///
/// It is `@unchecked Sendable` because the handles are used on the queue alone; what others may do
/// at any time is in ``CurlCancellation``.
final class CurlSession: @unchecked Sendable {
  private let easy: UnsafeMutableRawPointer
  private let multi: UnsafeMutableRawPointer
  private let queue = DispatchQueue(label: "http-client")

  private static let isSetUp: Bool = ccurl_global_init() == CURLE_OK

  init() throws(HTTPClientError) {
    guard Self.isSetUp, let easy = curl_easy_init() else { throw .noHandle }
    guard let multi = curl_multi_init() else {
      curl_easy_cleanup(easy)
      throw .noHandle
    }
    self.easy = easy
    self.multi = multi
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_multi_cleanup(multi)
  }

  func makeCancellation() -> CurlCancellation { CurlCancellation(self) }

  /// Runs a transfer after those that were started before it.
  func start(_ transfer: CurlTransfer) {
    queue.async { self.run(transfer) }
  }

  /// Makes the running transfer look whether it is cancelled.
  ///
  /// libcurl allows this call, alone of all that take the handle, on any thread.
  fileprivate func wakeUp() { curl_multi_wakeup(multi) }

  private func run(_ transfer: CurlTransfer) {
    curl_easy_reset(easy)
    let list = transfer.configure(easy)
    defer { curl_slist_free_all(list) }
    curl_multi_add_handle(multi, easy)
    let result = perform(until: transfer.cancellation)
    var connections = 0
    ccurl_get_long(easy, CURLINFO_NUM_CONNECTS, &connections)
    curl_multi_remove_handle(multi, easy)
    transfer.end(with: result, newConnections: connections)
  }

  private func perform(until cancellation: CurlCancellation) -> Result<Void, HTTPClientError> {
    var running: Int32 = 1
    while true {
      if cancellation.isCancelled { return .failure(.cancelled) }
      curl_multi_perform(multi, &running)
      if running == 0 { return result() }
      curl_multi_poll(multi, nil, 0, 1_000, nil)
    }
  }

  /// What libcurl says about the transfer that has ended.
  private func result() -> Result<Void, HTTPClientError> {
    var left: Int32 = 0
    guard let message = curl_multi_info_read(multi, &left) else {
      return .failure(.endedWithoutHead)
    }
    let code = CURLcode(rawValue: UInt32(bitPattern: ccurl_result(message)))
    if code == CURLE_OK { return .success(()) }
    return .failure(.failed(code: code.rawValue, reason: String(cString: curl_easy_strerror(code))))
  }
}

/// The wish to end a transfer, which any thread may utter.
final class CurlCancellation: Sendable {
  private let session: CurlSession
  private let flag = Mutex(false)

  fileprivate init(_ session: CurlSession) {
    self.session = session
  }

  var isCancelled: Bool { flag.withLock { $0 } }

  func cancel() {
    flag.withLock { $0 = true }
    session.wakeUp()
  }
}
