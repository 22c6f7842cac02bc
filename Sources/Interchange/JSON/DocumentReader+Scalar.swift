import NeuralNetwork

extension DocumentReader {
  /// A value that is a word.
  enum Literal: Hashable {
    case null
    case `true`
    case `false`

    var word: StaticString {
      switch self {
      case .null: "null"
      case .true: "true"
      case .false: "false"
      }
    }

    var value: JSONValue {
      switch self {
      case .null: .null
      case .true: .bool(true)
      case .false: .bool(false)
      }
    }

    var expectation: JSONError.Expectation {
      switch self {
      case .null: .nullLiteral
      case .true: .trueLiteral
      case .false: .falseLiteral
      }
    }
  }

  /// Reads a word of which some bytes have been read.
  mutating func read(
    _ literal: Literal, from matched: Int, _ cursor: inout ByteCursor
  ) throws(JSONError) {
    for index in matched..<literal.word.utf8CodeUnitCount {
      if cursor.isWaiting {
        place = .literal(literal, matched: index)
        return
      }
      let isEqual = literal.word.withUTF8Buffer { $0[index] == cursor.current }
      guard isEqual else { throw unexpected(literal.expectation, at: cursor) }
      cursor.advance()
    }
    end(literal.value)
  }
}

extension DocumentReader {
  /// Reads a number.
  ///
  /// - Returns: False if it may go on after the piece; the cursor then stands where it did.
  mutating func readNumber(_ cursor: inout ByteCursor) throws(JSONError) -> Bool {
    let start = cursor
    let number: DecimalNumber
    do {
      number = try cursor.readDecimal(bytesMax: limits.numberBytesMax)
    } catch {
      switch error {
      case .noDigit: throw unexpected(.digit, at: cursor)
      case .leadingZero: throw unexpected(.noLeadingZero, at: cursor)
      case .noFractionDigit: throw unexpected(.fractionDigit, at: cursor)
      case .noExponentDigit: throw unexpected(.exponentDigit, at: cursor)
      case .tooLong:
        throw self.error(.numberTooLong(limit: limits.numberBytesMax), at: start.offset)
      case .incomplete:
        cursor = start
        return false
      }
    }
    if isWithinMalformedTensor {
      end(.null)
    } else if let integer = number.integer {
      end(.integer(integer))
    } else {
      // The standard library reads all that JSON calls a number; nil could only mean too large.
      let value = number.exactDouble ?? Double(cursor.text(from: start.position)) ?? .infinity
      guard value.isFinite else { throw error(.numberTooLarge, at: start.offset) }
      end(.number(value))
    }
    return true
  }
}
