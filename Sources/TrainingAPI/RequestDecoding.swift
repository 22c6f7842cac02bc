internal import HTTPCore
internal import NeuralNetwork

extension HTTPRequest {
  /// Seconds of `Prefer: wait=N` (RFC 7240 4.3), at most 60; nil if it is not there.
  var waitSeconds: Int? {
    for element in headers.listElements("Prefer") {
      let parts = element.beforeSemicolon.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, parts[0].trimmingSpaces.lowercased() == "wait" else { continue }
      // RFC 7240 2: a value may be quoted, and a preference that cannot be understood is ignored.
      guard let seconds = decimal(parts[1].trimmingSpaces.withoutQuotes, atMost: 60) else {
        continue
      }
      return seconds
    }
    return nil
  }

  /// Whether the client asks for a stream of server-sent events.
  var acceptsEventStream: Bool {
    headers.listElements("Accept").contains { element in
      element.beforeSemicolon.lowercased() == "text/event-stream"
    }
  }

  /// Refuses query parameters that a route does not know, and any that comes twice.
  func checkQuery(_ names: String...) throws(Problem) {
    for (position, item) in query.enumerated() {
      if names.contains(item.name) {
        guard query[..<position].contains(where: { $0.name == item.name }) else { continue }
        throw .repeatedQuery(item.name)
      }
      let known = names.isEmpty ? "it takes none" : "it takes \(names.joined(separator: ", "))"
      let detail = "\(path) has no query parameter \"\(item.name.prefix(64))\"; \(known)"
      throw Problem(
        status: 422, code: "unknown_query_parameter", detail: detail,
        errors: [
          ConfigurationIssue(
            pointer: "?\(item.name)", code: "unknown_query_parameter", detail: detail)
        ])
    }
  }

  /// A whole number in the query.
  func queryInteger(
    _ name: String, in range: ClosedRange<Int>, default fallback: Int
  ) throws(Problem) -> Int {
    guard let text = queryValue(name) else { return fallback }
    guard let number = decimal(text), range.contains(number) else {
      throw .query(
        name, text, needs: "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// One of a few words in the query.
  func queryChoice(_ name: String, of choices: [String]) throws(Problem) -> String? {
    guard let text = queryValue(name) else { return nil }
    guard choices.contains(text) else {
      throw .query(name, text, needs: "one of \(choices.joined(separator: ", "))")
    }
    return text
  }
}

/// Reads digits alone: `Int("+5")` would succeed.
func decimal(_ text: some StringProtocol) -> Int? {
  guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
  return Int(text)
}

/// Reads digits alone; a greater number reads as the greatest.
func decimal(_ text: some StringProtocol, atMost greatest: Int) -> Int? {
  guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
  return min(Int(text) ?? greatest, greatest)
}

extension StringProtocol {
  /// A field's value without its parameters.
  var beforeSemicolon: String { prefix { $0 != ";" }.trimmingSpaces }

  /// The content of a quoted string, or the text as it is.
  var withoutQuotes: String {
    guard count >= 2, first == "\"", last == "\"" else { return String(self) }
    return String(dropFirst().dropLast())
  }

  var trimmingSpaces: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let start = drop(while: isSpace)
    return String(start.reversed().drop(while: isSpace).reversed())
  }
}
