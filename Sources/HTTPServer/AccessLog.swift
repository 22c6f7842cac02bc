package import Dispatch
package import HTTPCore
internal import Synchronization

/// Writes a line for every answer to a file or to standard error, on a queue of its own.
///
/// Event loops only put a record into a list of bounded length; what does not fit, or cannot be
/// written, is counted and lost. Safe from every thread.
package final class AccessLog: Sendable {
  /// Records that may wait to be written.
  package static let waitingMax = 8192

  private let format: AccessLogFormat
  /// Nil for standard error.
  private let path: String?
  private let queue = DispatchQueue(label: "http.access-log")
  private let waiting = Mutex<[AccessLogEntry]>([])
  private let file: Mutex<LogFile>
  private let dropped = Atomic(0)

  /// Opens the log.
  ///
  /// - Parameters:
  ///   - path: A file, made if it is not there and appended to if it is; nil for standard error.
  ///   - format: How a line is written.
  /// - Throws: Why the file cannot be opened.
  package init(path: String?, format: AccessLogFormat) throws(AccessLogError) {
    self.format = format
    self.path = path
    file = Mutex(try path.map(LogFile.init(appendingTo:)) ?? .standardError)
  }

  /// Lines that were lost so far.
  package var droppedLines: Int { dropped.load(ordering: .relaxed) }

  /// Takes note of an answer; returns at once.
  package func append(_ record: ExchangeRecord) {
    let entry = AccessLogEntry(record, unixMilliseconds: ServerClock.unixMilliseconds())
    let count = waiting.withLock { waiting in
      guard waiting.count < Self.waitingMax else { return 0 }
      waiting.append(entry)
      return waiting.count
    }
    // The first of a list wakes the queue, which then takes all that have come.
    switch count {
    case 0: dropped.add(1, ordering: .relaxed)
    case 1: queue.async { [self] in writeWaiting() }
    case _: break
    }
  }

  /// Opens the file again under its name, after another program has moved it away.
  ///
  /// - Throws: Why it cannot be opened; the log then goes on into the old one.
  package func reopen() throws(AccessLogError) {
    guard let path else { return }
    let opened = try LogFile(appendingTo: path)
    // The lines before belong into the old file.
    flush()
    file.withLock { $0 = opened }
  }

  /// Returns when everything taken note of so far is written, or after the limit: a file that takes
  /// nothing, such as a pipe that nobody reads, must not keep a program from its end.
  ///
  /// - Returns: Whether everything is written.
  @discardableResult
  package func flush(within limit: DispatchTimeInterval = .seconds(5)) -> Bool {
    let isDone = DispatchSemaphore(value: 0)
    queue.async { [self] in
      writeWaiting()
      isDone.signal()
    }
    return isDone.wait(timeout: .now() + limit) == .success
  }

  private func writeWaiting() {
    let entries = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    guard !entries.isEmpty else { return }
    var bytes: [UInt8] = []
    for entry in entries {
      bytes += format.line(entry)
    }
    let isWritten = file.withLock { $0.write(bytes) }
    if !isWritten { dropped.add(entries.count, ordering: .relaxed) }
  }
}
