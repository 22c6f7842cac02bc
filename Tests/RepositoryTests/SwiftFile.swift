import Foundation

/// A Swift file with what the rules of the house look at.
struct SwiftFile {
  /// A function, initializer or deinitializer with a body.
  struct Function: Hashable {
    /// The line on which its declaration begins, counted from 1.
    let line: Int
    /// From there to the closing brace.
    let lineCount: Int
  }

  let path: String
  let text: String

  /// The text with comments and the contents of strings blanked, line by line as before.
  let code: String

  init(path: String, text: String) {
    self.path = path
    self.text = text
    code = SwiftFile.blanked(text)
  }

  var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 }

  /// The functions with their lengths.
  func functions() throws -> [Function] {
    let declaration = try NSRegularExpression(
      pattern: #"^[ \t]*(?:[a-z@(][\w@()]*[ \t]+)*(?:func\b|init[?(<]|deinit\b)"#,
      options: [.anchorsMatchLines])
    let whole = NSRange(code.startIndex..., in: code)
    return declaration.matches(in: code, range: whole).compactMap { match in
      guard let range = Range(match.range, in: code), let end = bodyEnd(from: range.upperBound)
      else { return nil }
      return Function(
        line: code[..<range.lowerBound].count { $0 == "\n" } + 1,
        lineCount: code[range.lowerBound...end].count { $0 == "\n" } + 1)
    }
  }

  /// The brace that closes the body of a declaration; nil for one without a body.
  private func bodyEnd(from start: String.Index) -> String.Index? {
    var parentheses = 0
    var braces = 0
    var index = start
    while index < code.endIndex {
      switch code[index] {
      case "(": parentheses += 1
      case ")": parentheses -= 1
      case "{": braces += 1
      case "}":
        braces -= 1
        if braces == 0 { return index }
        if braces < 0 { return nil }
      case "\n" where parentheses <= 0 && braces == 0:
        if !signatureGoesOn(after: index) { return nil }
      default: break
      }
      index = code.index(after: index)
    }
    return nil
  }

  private func signatureGoesOn(after index: String.Index) -> Bool {
    let rest = code[index...].drop(while: \.isWhitespace)
    return ["->", "where ", "throws", "async", "{", ")"].contains { rest.hasPrefix($0) }
  }

  /// Replaces what is no code by spaces; strings may hold strings in interpolations.
  private static func blanked(_ text: String) -> String {
    var reader = CodeReader(text)
    return reader.read()
  }
}

/// Reads Swift far enough to tell code from comments and strings.
private struct CodeReader {
  private let characters: [Character]
  private var position = 0
  private var result: [Character] = []

  init(_ text: String) {
    characters = Array(text)
    result.reserveCapacity(characters.count)
  }

  mutating func read() -> String {
    while position < characters.count { readCode() }
    return String(result)
  }

  private func isAt(_ text: String) -> Bool {
    characters[position...].starts(with: text)
  }

  private mutating func blank(_ count: Int) {
    for _ in 0..<count where position < characters.count {
      result.append(characters[position] == "\n" ? "\n" : " ")
      position += 1
    }
  }

  private mutating func readCode() {
    if isAt("//") {
      while position < characters.count, characters[position] != "\n" { blank(1) }
      return
    }
    let hashes = characters[position...].prefix { $0 == "#" }.count
    if position + hashes < characters.count, characters[position + hashes] == "\"" {
      return readString(hashes: hashes)
    }
    result.append(characters[position])
    position += 1
  }

  private mutating func readString(hashes: Int) {
    let fence = String(repeating: "#", count: hashes)
    let isLong = isAt(fence + "\"\"\"")
    let quote = isLong ? "\"\"\"" : "\""
    blank(hashes + quote.count)
    while position < characters.count, !isAt(quote + fence) {
      if isAt("\\" + fence + "(") {
        blank(2 + hashes)
        readInterpolation()
      } else {
        blank(isAt("\\") && hashes == 0 ? 2 : 1)
      }
    }
    blank(hashes + quote.count)
  }

  private mutating func readInterpolation() {
    let start = result.count
    var depth = 1
    while position < characters.count, depth > 0 {
      if characters[position] == "(" { depth += 1 }
      if characters[position] == ")" { depth -= 1 }
      readCode()
    }
    for index in start..<result.count where result[index] != "\n" { result[index] = " " }
  }
}
