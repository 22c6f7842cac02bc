import NeuralNetwork

/// Reads nested arrays of numbers into one tensor.
///
/// It knows good arrays only. At whatever else it meets it stops with a fault, and the document's
/// reader, which knows the whole grammar, decides whether that is broken JSON or a wrong tensor.
struct TensorReader {
  private var cursor: ByteCursor
  private let limits: JSONLimits
  private var elements: [Float] = []

  /// The number of entries so far in each open array, outermost first.
  private var counts: [Int] = []

  /// The length that the arrays of each level must have, once one of them has ended.
  private var lengths: [Int?] = []

  /// The number of dimensions, known from the first number or the first empty array on.
  private var rank: Int?

  init(at cursor: ByteCursor, limits: JSONLimits) {
    self.cursor = cursor
    self.limits = limits
  }

  /// Reads the array that begins here.
  ///
  /// - Returns: The tensor and the place after it.
  /// - Throws: The first fault.
  /// - Complexity: O(its bytes); allocates for the result only.
  mutating func read() throws(Stop) -> (tensor: Tensor, end: ByteCursor) {
    try open()
    while !counts.isEmpty {
      try readNext()
    }
    return (Tensor(shape: lengths.map { $0 ?? 0 }, elements: elements), cursor)
  }
}

extension TensorReader {
  /// The end of the reading at the first fault.
  struct Stop: Error {
    let fault: JSONValue.TensorFault

    init(path: [Int], code: String, detail: String) {
      fault = JSONValue.TensorFault(path: path, code: code, detail: detail)
    }
  }

  /// Reads what stands after an array's beginning, or after an array that is an entry of another.
  private mutating func readNext() throws(Stop) {
    cursor.skipWhitespace()
    if cursor.take(UInt8(ascii: "]")) { return try close() }
    if counts[counts.count - 1] > 0 {
      guard cursor.take(UInt8(ascii: ",")) else { throw wrongEntry() }
      cursor.skipWhitespace()
    }
    if cursor.current == UInt8(ascii: "[") { return try open() }
    try readRow()
  }

  private mutating func open() throws(Stop) {
    guard counts.count != rank else { throw wrongEntry() }
    guard counts.count < limits.tensorDepthMax else { throw tooDeep() }
    cursor.advance()
    counts.append(0)
    if lengths.count < counts.count { lengths.append(nil) }
  }

  private mutating func close() throws(Stop) {
    let level = counts.count - 1
    let count = counts[level]
    if count == 0, rank == nil { rank = counts.count }
    if let length = lengths[level], length != count { throw ragged(expected: length) }
    lengths[level] = count
    counts.removeLast()
    if level > 0 { counts[level - 1] += 1 }
  }

  /// Reads the numbers of an array from its first one on, and the bracket that ends it.
  @inline(__always)
  private mutating func readRow() throws(Stop) {
    let level = counts.count - 1
    if rank == nil { rank = counts.count }
    guard counts.count == rank else { throw wrongEntry() }
    var next = cursor
    var count = 0
    repeat {
      next.skipWhitespace()
      let entry = next
      guard let number = readNumber(&next), number.isFinite else {
        cursor = entry
        counts[level] = count
        throw wrongEntry()
      }
      elements.append(number)
      count += 1
      next.skipWhitespace()
    } while next.take(UInt8(ascii: ","))
    cursor = next
    counts[level] = count
    guard cursor.take(UInt8(ascii: "]")) else { throw wrongEntry() }
    try close()
  }

  /// Reads a number, infinite if it is too large; nil if none stands here.
  @inline(__always)
  private func readNumber(_ cursor: inout ByteCursor) -> Float? {
    let start = cursor.position
    // Why it is no number does not matter here: see the comment on the type.
    guard let number = try? cursor.readDecimal() else { return nil }
    guard cursor.position - start <= limits.numberBytesMax else { return nil }
    return number.provenFloat ?? slowFloat(cursor.text(from: start))
  }

  /// The nearest 32-bit float by the standard library, which reads all that JSON calls a number.
  @inline(never)
  private func slowFloat(_ text: String) -> Float? { Float(text) }
}

extension TensorReader {
  /// The fault of an array whose length is not that of the first at its level.
  private func ragged(expected: Int) -> Stop {
    let path = Array(counts.dropLast())
    let count = counts.last ?? 0
    return Stop(
      path: path, code: "ragged_rows",
      detail: "\(name(of: path)) has \(count) \(count == 1 ? "entry" : "entries")"
        + " but \(name(of: path.map { _ in 0 })) has \(expected)")
  }

  private func tooDeep() -> Stop {
    Stop(
      path: counts, code: "too_deep",
      detail: "\(name(of: counts)) is an array within \(counts.count) others,"
        + " but a tensor has at most \(limits.tensorDepthMax) dimensions")
  }

  /// The fault of the entry that begins at the cursor, which may not stand there.
  private func wrongEntry() -> Stop {
    let found = Self.kind(beginningWith: cursor.current)
    let isRow = rank.map { counts.count < $0 } ?? false
    if found == "a number", !isRow { return tooLarge() }
    let isRagged = found == "a number" || found == "an array"
    return Stop(
      path: counts, code: isRagged ? "ragged_rows" : "not_a_number",
      detail: "\(name(of: counts)) is \(found), expected \(isRow ? "an array" : "a number")")
  }

  private func tooLarge() -> Stop {
    var end = cursor
    // A text that is no number after all is broken JSON, which the document's reader refuses.
    _ = try? end.readDecimal()
    return Stop(
      path: counts, code: "number_too_large",
      detail: "\(name(of: counts)) is \(end.text(from: cursor.position).prefix(32)),"
        + " beyond the range of a 32-bit float, \(Float.greatestFiniteMagnitude)")
  }

  /// What people call an entry: "row 3" or, deeper, "entry [3][1]".
  private func name(of path: [Int]) -> String {
    let noun = path.count == (rank ?? path.count) ? "entry" : "row"
    if path.count == 1 { return "\(noun) \(path[0])" }
    return noun + " " + path.map { "[\($0)]" }.joined()
  }

  private static func kind(beginningWith byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\""): "a string"
    case UInt8(ascii: "{"): "an object"
    case UInt8(ascii: "["): "an array"
    case UInt8(ascii: "t"), UInt8(ascii: "f"): "a boolean"
    case UInt8(ascii: "n"): "null"
    default: "a number"
    }
  }
}
