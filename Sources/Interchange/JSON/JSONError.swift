package import NeuralNetwork

/// A document that is not JSON, or is more or other JSON than is accepted here.
package struct JSONError: Error, Hashable, Sendable {
  /// What is wrong.
  package let problem: Problem

  /// The number of bytes before the byte at fault.
  package let offset: Int

  /// The innermost value that was being read.
  package let path: JSONPath

  /// Makes an error about a place in a document.
  package init(_ problem: Problem, offset: Int, path: JSONPath) {
    self.problem = problem
    self.offset = offset
    self.path = path
  }

  /// A stable identifier for programs; published in `openapi.yaml`.
  package var code: String { problem.code }

  /// One sentence for people: what was expected and what was found.
  package var message: String { problem.description }

  /// The place as the fragment of a URI, `#/network/operators/4`.
  package var pointer: String { path.fragment }

  /// True if the bytes are no JSON text at all (a status of 400), false if they are JSON that is
  /// not accepted here (422).
  package var isBroken: Bool { problem.isBroken }
}

extension JSONError: CustomStringConvertible {
  package var description: String { "\(message), at byte \(offset) in \(pointer)" }
}

extension JSONError {
  /// Everything that can be wrong with a document.
  package enum Problem: Hashable, Sendable {
    /// The grammar of RFC 8259 asks for something else here; `found` is nil at the end.
    case unexpected(found: UInt8?, expected: Expectation)
    /// A byte within a string that no UTF-8 text has at this place.
    case invalidUTF8(found: UInt8)
    /// An escape such as `\ud800` that is half a character, without its other half.
    case loneSurrogate(UInt16)
    case duplicateKey(String)
    case tooDeep(limit: Int)
    case tooManyMembers(limit: Int)
    case tooManyValues(limit: Int)
    case stringTooLong(limit: Int)
    case numberTooLong(limit: Int)
    /// A number beyond the range of a 64-bit float.
    case numberTooLarge
  }

  /// What may stand at a place of a document.
  package enum Expectation: String, Hashable, Sendable, CaseIterable {
    case value = "a value"
    case memberName = "a member name in quotes"
    case memberNameOrEnd = "a member name in quotes or '}'"
    case colon = "':' after the member name"
    case commaOrBrace = "',' or '}' after the member"
    case commaOrBracket = "',' or ']' after the entry"
    case endOfDocument = "nothing after the document"
    case trueLiteral = "the word true"
    case falseLiteral = "the word false"
    case nullLiteral = "the word null"
    case digit = "a digit"
    case fractionDigit = "a digit after '.'"
    case exponentDigit = "a digit in the exponent"
    case noLeadingZero = "no digit after a leading zero"
    case closingQuote = "the string's closing quote"
    case escapedControl = "control characters in strings to be escaped"
    case escape = "one of \"\\/bfnrtu after '\\'"
    case hexDigit = "four hexadecimal digits after '\\u'"
  }
}

extension JSONError.Problem {
  var code: String {
    switch self {
    case .unexpected: "invalid_json"
    case .invalidUTF8: "invalid_utf8"
    case .loneSurrogate: "lone_surrogate"
    case .duplicateKey: "duplicate_key"
    case .tooDeep: "too_deep"
    case .tooManyMembers: "too_many_members"
    case .tooManyValues: "too_many_values"
    case .stringTooLong: "string_too_long"
    case .numberTooLong: "number_too_long"
    case .numberTooLarge: "number_too_large"
    }
  }

  var isBroken: Bool {
    switch self {
    case .unexpected, .invalidUTF8, .loneSurrogate: true
    case .duplicateKey, .tooDeep, .tooManyMembers, .tooManyValues, .stringTooLong, .numberTooLong,
      .numberTooLarge:
      false
    }
  }
}

extension JSONError.Problem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unexpected(let found, let expected):
      "expected \(expected.rawValue) but found \(Self.name(of: found))"
    case .invalidUTF8(let found):
      "expected UTF-8 text but found \(Self.name(of: found))"
    case .loneSurrogate(let unit):
      "expected a pair of surrogates but found \\u\(String(unit, radix: 16)) alone"
    case .duplicateKey(let name):
      "expected member names that differ but found \"\(name.prefix(64))\" twice"
    case .tooDeep(let limit):
      "expected at most \(limit) arrays and objects within each other but found more"
    case .tooManyMembers(let limit):
      "expected at most \(limit) members in an object but found more"
    case .tooManyValues(let limit):
      "expected at most \(limit) values in a document but found more"
    case .stringTooLong(let limit):
      "expected strings of at most \(limit) bytes but found a longer one"
    case .numberTooLong(let limit):
      "expected numbers of at most \(limit) bytes but found a longer one"
    case .numberTooLarge:
      "expected a number within the range of a 64-bit float but found a larger one"
    }
  }

  private static func name(of byte: UInt8?) -> String {
    guard let byte else { return "the end of the document" }
    guard (0x21...0x7e).contains(byte) else {
      return "byte 0x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
    return "'\(Character(Unicode.Scalar(byte)))'"
  }
}
