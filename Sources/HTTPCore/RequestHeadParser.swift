/// Reads the head of one request, however its bytes are cut.
///
/// The same bytes give the same head or the same failure for every way of cutting them: each byte
/// is judged in its order, each line when it is whole.
package struct RequestHeadParser: Sendable {
  private let limits: HTTPLimits
  /// The bytes of the line under way; its storage is kept from line to line.
  private var line: [UInt8] = []
  private var emptyLines = 0
  private var requestLine: RequestLine?
  private var fields: [HTTPHeaders.Field] = []
  private var blockBytes = 0

  package init(limits: HTTPLimits) {
    self.limits = limits
  }

  /// Takes bytes from the front of `bytes` up to the end of the head; nil: more are needed.
  package mutating func consume(
    _ bytes: inout ArraySlice<UInt8>
  ) throws(HTTPFailure) -> RequestHead? {
    while !bytes.isEmpty {
      let lineEnd = bytes.firstIndex(of: ASCII.lineFeed)
      let piece = bytes[..<(lineEnd.map { $0 + 1 } ?? bytes.endIndex)]
      if requestLine == nil { try checkRequestLine(piece) } else { try checkField(piece) }
      line.append(contentsOf: piece)
      bytes = bytes[piece.endIndex...]
      guard lineEnd != nil else { return nil }
      if let head = try finishLine() { return head }
    }
    return nil
  }

  private mutating func finishLine() throws(HTTPFailure) -> RequestHead? {
    let content = line.dropLast(2)
    defer { line.removeAll(keepingCapacity: true) }
    guard let requestLine else {
      if content.isEmpty {
        // RFC 9112 2.2: an empty line before the request line should be ignored.
        emptyLines += 1
        if emptyLines > limits.emptyLinesMax { throw .malformedRequestLine(.emptyLines) }
      } else {
        self.requestLine = try RequestLine(content, limits: limits)
      }
      return nil
    }
    if content.isEmpty { return try RequestHead(checking: fields, of: requestLine) }
    guard fields.count < limits.headerCountMax else {
      throw .headersTooLarge(.count, max: limits.headerCountMax)
    }
    do {
      fields.append(try FieldLine.parse(content))
    } catch {
      throw .malformedHeader(error)
    }
    return nil
  }

  private func checkRequestLine(_ piece: ArraySlice<UInt8>) throws(HTTPFailure) {
    var previous = line.last
    var count = line.count
    for byte in piece {
      // RFC 9112 2.2: a lone CR must be refused; a lone LF may be, and is.
      guard (byte == ASCII.lineFeed) == (previous == ASCII.carriageReturn) else {
        throw .malformedRequestLine(.lineEnd)
      }
      if byte != ASCII.lineFeed && byte != ASCII.carriageReturn {
        guard (0x20...0x7E).contains(byte) else { throw .malformedRequestLine(.byte) }
        guard count < limits.requestLineBytesMax else { throw requestLineTooLong(with: piece) }
      }
      previous = byte
      count += 1
    }
  }

  /// RFC 9112 3: a target that is too long gets 414; a line that is all method is no request.
  private func requestLineTooLong(with piece: ArraySlice<UInt8>) -> HTTPFailure {
    let start = line + piece.prefix(limits.requestLineBytesMax - line.count)
    guard start.contains(ASCII.space) else { return .malformedRequestLine(.endless) }
    return .requestLineTooLong(bytesMax: limits.requestLineBytesMax)
  }

  private mutating func checkField(_ piece: ArraySlice<UInt8>) throws(HTTPFailure) {
    var previous = line.last
    var count = line.count
    for byte in piece {
      guard (byte == ASCII.lineFeed) == (previous == ASCII.carriageReturn) else {
        throw .malformedHeader(.lineEnd)
      }
      if byte != ASCII.lineFeed && byte != ASCII.carriageReturn {
        guard byte.isFieldValue else { throw .malformedHeader(.value) }
        guard count < limits.headerLineBytesMax else {
          throw .headersTooLarge(.line, max: limits.headerLineBytesMax)
        }
      }
      previous = byte
      count += 1
      blockBytes += 1
      guard blockBytes <= limits.headerBlockBytesMax else {
        throw .headersTooLarge(.block, max: limits.headerBlockBytesMax)
      }
    }
  }
}
