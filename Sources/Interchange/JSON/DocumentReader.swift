import NeuralNetwork

/// Reads values by the grammar of RFC 8259, one function for each kind.
struct DocumentReader {
  var cursor: ByteCursor
  let limits: JSONLimits
  private let isTensor: (JSONPath) -> Bool

  /// The value that is being read.
  private(set) var path = JSONPath()

  /// The number of open arrays and objects.
  private var depth = 0

  /// The number of values begun so far.
  private var values = 0

  /// False within a malformed tensor, whose grammar is checked and whose entries are dropped.
  private var keepsValues = true

  init(_ cursor: ByteCursor, limits: JSONLimits, isTensor: @escaping (JSONPath) -> Bool) {
    self.cursor = cursor
    self.limits = limits
    self.isTensor = isTensor
  }

  mutating func readDocument() throws(JSONError) -> JSONValue {
    cursor.skipWhitespace()
    let value = try readValue()
    cursor.skipWhitespace()
    guard cursor.isAtEnd else { throw unexpected(.endOfDocument) }
    return value
  }

  private mutating func readValue() throws(JSONError) -> JSONValue {
    if keepsValues {
      values += 1
      guard values <= limits.valuesMax else {
        throw error(.tooManyValues(limit: limits.valuesMax))
      }
    }
    switch cursor.current {
    case UInt8(ascii: "{"), UInt8(ascii: "["): return try readContainer()
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "t"): return try readLiteral("true", as: .bool(true), .trueLiteral)
    case UInt8(ascii: "f"): return try readLiteral("false", as: .bool(false), .falseLiteral)
    case UInt8(ascii: "n"): return try readLiteral("null", as: .null, .nullLiteral)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
    default: throw unexpected(.value)
    }
  }

  private mutating func readContainer() throws(JSONError) -> JSONValue {
    guard depth < limits.depthMax else { throw error(.tooDeep(limit: limits.depthMax)) }
    depth += 1
    let value = cursor.current == UInt8(ascii: "{") ? try readObject() : try readArray()
    depth -= 1
    return value
  }

  private mutating func readLiteral(
    _ literal: StaticString, as value: JSONValue, _ expected: JSONError.Expectation
  ) throws(JSONError) -> JSONValue {
    for offset in 0..<literal.utf8CodeUnitCount {
      let isEqual = literal.withUTF8Buffer { $0[offset] == cursor.current }
      guard isEqual else { throw unexpected(expected) }
      cursor.advance()
    }
    return value
  }

  func unexpected(_ expected: JSONError.Expectation) -> JSONError {
    error(.unexpected(found: cursor.found, expected: expected))
  }

  func error(_ problem: JSONError.Problem, at offset: Int? = nil) -> JSONError {
    JSONError(problem, offset: offset ?? cursor.position, path: path)
  }
}

extension DocumentReader {
  private mutating func readArray() throws(JSONError) -> JSONValue {
    guard keepsValues, isTensor(path) else { return .array(try readEntries()) }
    var tensors = TensorReader(at: cursor, limits: limits)
    do {
      let (tensor, end) = try tensors.read()
      cursor = end
      return .tensor(tensor)
    } catch {
      // Perhaps the JSON itself is broken: that matters more, and the entries tell.
      keepsValues = false
      _ = try readEntries()
      keepsValues = true
      return .malformedTensor(error.fault)
    }
  }

  private mutating func readEntries() throws(JSONError) -> [JSONValue] {
    var entries: [JSONValue] = []
    cursor.advance()
    cursor.skipWhitespace()
    if cursor.take(UInt8(ascii: "]")) { return entries }
    var index = 0
    path.append(.index(index))
    while true {
      cursor.skipWhitespace()
      let value = try readValue()
      if keepsValues { entries.append(value) }
      cursor.skipWhitespace()
      guard cursor.take(UInt8(ascii: ",")) else { break }
      index += 1
      path.replaceLast(with: .index(index))
    }
    path.removeLast()
    guard cursor.take(UInt8(ascii: "]")) else { throw unexpected(.commaOrBracket) }
    return entries
  }
}

extension DocumentReader {
  private mutating func readObject() throws(JSONError) -> JSONValue {
    var members: [JSONValue.Member] = []
    var names: Set<String> = []
    cursor.advance()
    cursor.skipWhitespace()
    if cursor.take(UInt8(ascii: "}")) { return .object(members) }
    var expected = JSONError.Expectation.memberNameOrEnd
    repeat {
      cursor.skipWhitespace()
      guard cursor.current == UInt8(ascii: "\"") else { throw unexpected(expected) }
      guard names.count < limits.membersMax else {
        throw error(.tooManyMembers(limit: limits.membersMax))
      }
      let name = try readName(notAmong: &names)
      path.append(.member(name))
      let value = try readMemberValue()
      path.removeLast()
      if keepsValues { members.append(JSONValue.Member(name, value)) }
      cursor.skipWhitespace()
      expected = .memberName
    } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "}")) else { throw unexpected(.commaOrBrace) }
    return .object(members)
  }

  private mutating func readName(notAmong names: inout Set<String>) throws(JSONError) -> String {
    let start = cursor.position
    let name = try readString()
    guard names.insert(name).inserted else {
      path.append(.member(name))
      throw error(.duplicateKey(name), at: start)
    }
    return name
  }

  private mutating func readMemberValue() throws(JSONError) -> JSONValue {
    cursor.skipWhitespace()
    guard cursor.take(UInt8(ascii: ":")) else { throw unexpected(.colon) }
    cursor.skipWhitespace()
    return try readValue()
  }
}

extension DocumentReader {
  private mutating func readNumber() throws(JSONError) -> JSONValue {
    let start = cursor.position
    let number: DecimalNumber
    do {
      number = try cursor.readDecimal()
    } catch {
      throw unexpected(Self.expectation(after: error))
    }
    guard cursor.position - start <= limits.numberBytesMax else {
      throw error(.numberTooLong(limit: limits.numberBytesMax), at: start)
    }
    guard keepsValues else { return .null }
    if let integer = number.integer { return .integer(integer) }
    // The standard library reads all that JSON calls a number; nil could only mean too large.
    let value = number.exactDouble ?? Double(cursor.text(from: start)) ?? .infinity
    guard value.isFinite else { throw error(.numberTooLarge, at: start) }
    return .number(value)
  }

  private static func expectation(after fault: DecimalNumber.Fault) -> JSONError.Expectation {
    switch fault {
    case .noDigit: .digit
    case .leadingZero: .noLeadingZero
    case .noFractionDigit: .fractionDigit
    case .noExponentDigit: .exponentDigit
    }
  }
}
