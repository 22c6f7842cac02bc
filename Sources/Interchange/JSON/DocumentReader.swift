import NeuralNetwork

/// Reads values by the grammar of RFC 8259, from one piece of the document after the other.
///
/// What a recursive reader has on the stack is here in ``open`` and ``place``, so that reading can
/// stop wherever a piece ends.
struct DocumentReader: Sendable {
  let limits: JSONLimits
  private let isTensor: @Sendable (JSONPath) -> Bool

  /// What is to be read next.
  var place = Place.value

  /// The value that is being read.
  var path = JSONPath()

  /// The arrays and objects that have not ended, outermost first; those of a good tensor not
  /// among them.
  var open: [Container] = []

  /// The number of values begun so far.
  private var values = 0

  /// The number of entries of the tensors that have ended.
  private var elements = 0

  /// What the document takes in memory; see ``JSONPieceReader/bytesHeld``.
  var bytesHeld: Int {
    let underway = place == .tensor ? tensor.elementCount : 0
    return values * 64 + (elements + underway) * MemoryLayout<Float>.size + text.bytesHeld
  }

  /// The string that is being read.
  var text = Text()

  /// The tensor that is being read.
  private var tensor = TensorReader(depthMax: 0, numberBytesMax: 0)

  /// Known within a malformed tensor, whose grammar is checked and whose entries are dropped.
  private var malformed: Malformed?

  /// True where values are checked and dropped.
  var isWithinMalformedTensor: Bool { malformed != nil }

  /// The document, once it has been read.
  private(set) var value = JSONValue.null

  init(limits: JSONLimits, isTensor: @escaping @Sendable (JSONPath) -> Bool) {
    self.limits = limits
    self.isTensor = isTensor
  }

  /// Reads to the end of the piece, or to a number that may go on after it.
  mutating func read(_ cursor: inout ByteCursor) throws(JSONError) {
    while true {
      if !place.isWithinToken { cursor.skipWhitespace() }
      if cursor.isWaiting || place == .end && cursor.isAtEnd { return }
      guard try readNext(&cursor) else { return }
    }
  }

  func unexpected(_ expected: JSONError.Expectation, at cursor: ByteCursor) -> JSONError {
    error(.unexpected(found: cursor.found, expected: expected), at: cursor.offset)
  }

  func error(_ problem: JSONError.Problem, at offset: Int) -> JSONError {
    JSONError(problem, offset: offset, path: path)
  }
}

extension DocumentReader {
  /// What may stand at a place of a document.
  enum Place: Hashable {
    case value
    case firstEntry
    case separatorInArray
    case firstName
    case name
    case colon
    case separatorInObject
    case number
    case tensor
    case literal(Literal, matched: Int)
    case text(isName: Bool)
    /// Nothing but white space.
    case end

    /// True if white space may not stand here.
    var isWithinToken: Bool {
      switch self {
      case .number, .literal, .text: true
      case .value, .firstEntry, .separatorInArray, .firstName, .name, .colon, .separatorInObject,
        .tensor, .end:
        false
      }
    }
  }

  /// An array or object that has not ended.
  struct Container {
    let isObject: Bool

    /// The number of values that have ended in it.
    var count = 0

    var entries: [JSONValue] = []
    var members: [JSONValue.Member] = []

    /// The names of the members, that of the one being read among them.
    var names: Set<String> = []

    /// The name of the member that is being read.
    var name = ""
  }

  private struct Malformed {
    let fault: JSONValue.TensorFault

    /// The number of containers around the tensor.
    let depth: Int
  }

  /// - Returns: False if a number must be read again with more bytes.
  private mutating func readNext(_ cursor: inout ByteCursor) throws(JSONError) -> Bool {
    switch place {
    case .value: try beginValue(&cursor)
    case .firstEntry: beginEntries(&cursor)
    case .separatorInArray: try readSeparatorInArray(&cursor)
    case .firstName:
      if cursor.take(UInt8(ascii: "}")) {
        endContainer()
      } else {
        try beginName(&cursor, .memberNameOrEnd)
      }
    case .name: try beginName(&cursor, .memberName)
    case .colon:
      guard cursor.take(UInt8(ascii: ":")) else { throw unexpected(.colon, at: cursor) }
      place = .value
    case .separatorInObject: try readSeparatorInObject(&cursor)
    case .number: return try readNumber(&cursor)
    case .tensor: return readTensor(&cursor)
    case .literal(let literal, let matched): try read(literal, from: matched, &cursor)
    case .text(let isName): try readText(&cursor, isName: isName)
    case .end: throw unexpected(.endOfDocument, at: cursor)
    }
    return true
  }
}

extension DocumentReader {
  private mutating func beginValue(_ cursor: inout ByteCursor) throws(JSONError) {
    if !isWithinMalformedTensor {
      values += 1
      guard values <= limits.valuesMax else {
        throw error(.tooManyValues(limit: limits.valuesMax), at: cursor.offset)
      }
    }
    switch cursor.current {
    case UInt8(ascii: "{"), UInt8(ascii: "["): try beginContainer(&cursor)
    case UInt8(ascii: "\""): beginText(&cursor, isName: false)
    case UInt8(ascii: "t"): place = .literal(.true, matched: 0)
    case UInt8(ascii: "f"): place = .literal(.false, matched: 0)
    case UInt8(ascii: "n"): place = .literal(.null, matched: 0)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): place = .number
    default: throw unexpected(.value, at: cursor)
    }
  }

  private mutating func beginContainer(_ cursor: inout ByteCursor) throws(JSONError) {
    guard open.count < limits.depthMax else {
      throw error(.tooDeep(limit: limits.depthMax), at: cursor.offset)
    }
    let isObject = cursor.current == UInt8(ascii: "{")
    if !isObject, !isWithinMalformedTensor, isTensor(path) {
      // A tensor that is too deep for the document stops where this reader then refuses it.
      tensor = TensorReader(
        depthMax: min(limits.tensorDepthMax, limits.depthMax - open.count),
        numberBytesMax: limits.numberBytesMax)
      place = .tensor
    } else {
      cursor.advance()
      open.append(Container(isObject: isObject))
      place = isObject ? .firstName : .firstEntry
    }
  }

  /// Takes a value that has ended to where it belongs.
  mutating func end(_ value: JSONValue) {
    guard let last = open.indices.last else {
      self.value = value
      place = .end
      return
    }
    path.removeLast()
    open[last].count += 1
    place = open[last].isObject ? .separatorInObject : .separatorInArray
    guard !isWithinMalformedTensor else { return }
    if open[last].isObject {
      open[last].members.append(JSONValue.Member(open[last].name, value))
    } else {
      open[last].entries.append(value)
    }
  }

  private mutating func endContainer() {
    guard let container = open.popLast() else { return }
    if let fault = malformed?.fault, malformed?.depth == open.count {
      malformed = nil
      return end(.malformedTensor(fault))
    }
    end(container.isObject ? .object(container.members) : .array(container.entries))
  }
}

extension DocumentReader {
  private mutating func beginEntries(_ cursor: inout ByteCursor) {
    if cursor.take(UInt8(ascii: "]")) { return endContainer() }
    path.append(.index(0))
    place = .value
  }

  private mutating func readSeparatorInArray(_ cursor: inout ByteCursor) throws(JSONError) {
    if cursor.take(UInt8(ascii: "]")) { return endContainer() }
    guard cursor.take(UInt8(ascii: ",")) else { throw unexpected(.commaOrBracket, at: cursor) }
    path.append(.index(open.last?.count ?? 0))
    place = .value
  }

  private mutating func readSeparatorInObject(_ cursor: inout ByteCursor) throws(JSONError) {
    if cursor.take(UInt8(ascii: "}")) { return endContainer() }
    guard cursor.take(UInt8(ascii: ",")) else { throw unexpected(.commaOrBrace, at: cursor) }
    place = .name
  }

  private mutating func beginName(
    _ cursor: inout ByteCursor, _ expected: JSONError.Expectation
  ) throws(JSONError) {
    guard cursor.current == UInt8(ascii: "\"") else { throw unexpected(expected, at: cursor) }
    guard open.last.map({ $0.count < limits.membersMax }) ?? false else {
      throw error(.tooManyMembers(limit: limits.membersMax), at: cursor.offset)
    }
    beginText(&cursor, isName: true)
  }

  /// Takes the name of the member whose value follows.
  mutating func endName(_ name: String) throws(JSONError) {
    path.append(.member(name))
    let last = open.count - 1
    guard open[last].names.insert(name).inserted else {
      throw error(.duplicateKey(name), at: text.start)
    }
    open[last].name = name
    place = .colon
  }
}

extension DocumentReader {
  private mutating func readTensor(_ cursor: inout ByteCursor) -> Bool {
    do {
      guard let tensor = try tensor.read(&cursor) else { return false }
      elements += tensor.elements.count
      end(.tensor(tensor))
    } catch {
      enterMalformedTensor(error.fault)
    }
    return true
  }

  /// Opens the tensor's arrays as those of any other value, to go on where it has its fault.
  private mutating func enterMalformedTensor(_ fault: JSONValue.TensorFault) {
    malformed = Malformed(fault: fault, depth: open.count)
    for (level, count) in tensor.counts.enumerated() {
      if level > 0, let outer = open.last { path.append(.index(outer.count)) }
      open.append(Container(isObject: false, count: count))
    }
    switch tensor.place {
    case .firstEntry: place = .firstEntry
    case .separator: place = .separatorInArray
    case .entry:
      path.append(.index(tensor.counts.last ?? 0))
      place = .value
    }
  }
}
