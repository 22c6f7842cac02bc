package import NeuralNetwork

/// Reads a document while it is received, as ``JSONReader`` reads a whole one.
///
/// However the document is cut into pieces, the value or the error is the same. Between pieces it
/// keeps what was read and the beginning of a number that a piece ended in, but no piece; it can be
/// moved to another thread then.
package struct JSONPieceReader: Sendable {
  private var document: DocumentReader

  /// The number of bytes consumed so far.
  private var offset = 0

  /// The last of these bytes if they are a number, or the beginning of one.
  private var carried: [UInt8] = []

  private var failure: JSONError?

  /// Bytes that what was read so far takes in memory, roughly: 64 for each value, 4 for each entry of
  /// a tensor, and the bytes of strings and names.
  package var bytesHeld: Int { document.bytesHeld }

  /// Makes a reader of one document; see ``JSONReader/read(_:limits:tensorsAt:)``.
  package init(
    limits: JSONLimits = JSONLimits(),
    tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool = { _ in false }
  ) {
    document = DocumentReader(limits: limits, isTensor: isTensor)
  }

  /// Reads the document's next bytes.
  ///
  /// - Throws: The document's first error; then again, whatever comes.
  /// - Complexity: O(bytes), in however many pieces they come.
  package mutating func consume(_ bytes: Span<UInt8>) throws(JSONError) {
    let start = offset - carried.count
    try ByteCursor.read(bytes, offset: offset, isLast: false) { cursor throws(JSONError) in
      if !carried.isEmpty, carry(from: &cursor) { try readCarried(from: start, isLast: false) }
      try read(&cursor)
    }
    offset += bytes.count
  }

  /// Reads the document's next bytes from an array.
  package mutating func consume(_ bytes: [UInt8]) throws(JSONError) {
    try consume(bytes.span)
  }

  /// Ends the document after the bytes consumed so far.
  ///
  /// - Returns: The document's value.
  /// - Throws: The first error, which may be that the document should go on.
  package mutating func finish() throws(JSONError) -> JSONValue {
    try readCarried(from: offset - carried.count, isLast: true)
    return document.value
  }
}

extension JSONPieceReader {
  /// Adds the rest of the number that is carried, and the byte that ends it.
  ///
  /// - Returns: Whether the number has ended, or is too long whatever follows.
  private mutating func carry(from cursor: inout ByteCursor) -> Bool {
    while let byte = cursor.found {
      carried.append(byte)
      cursor.advance()
      if !byte.mayBeInNumber || carried.count > document.limits.numberBytesMax { return true }
    }
    return false
  }

  /// Reads what is carried.
  ///
  /// After a number any byte that may be in one is an error, and the byte that is carried with it
  /// begins nothing that may follow: so nothing is left.
  private mutating func readCarried(from start: Int, isLast: Bool) throws(JSONError) {
    let bytes = carried
    carried = []
    try ByteCursor.read(bytes.span, offset: start, isLast: isLast) { cursor throws(JSONError) in
      try read(&cursor)
    }
  }

  private mutating func read(_ cursor: inout ByteCursor) throws(JSONError) {
    if let failure { throw failure }
    do {
      try document.read(&cursor)
      carried.append(contentsOf: cursor.rest)
    } catch {
      failure = error
      throw error
    }
  }
}

extension UInt8 {
  fileprivate var mayBeInNumber: Bool {
    isDigit || "+-.eE".utf8.contains(self)
  }
}
