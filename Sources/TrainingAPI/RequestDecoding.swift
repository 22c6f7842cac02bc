internal import HTTPCore
internal import Interchange
internal import NeuralNetwork

extension HTTPRequest {
  /// Reads a JSON body.
  ///
  /// - Parameter isTensor: Tells the places whose arrays are tensors.
  /// - Returns: The document.
  /// - Throws: A ``Problem`` for another content type, a `JSONError` for what is no JSON.
  func json(tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool) throws -> JSONValue {
    if let type = headers.first("Content-Type") {
      let essence = type.split(separator: ";", omittingEmptySubsequences: false)[0]
        .trimmingSpaces.lowercased()
      guard essence == "application/json" || essence.hasSuffix("+json") else {
        throw Problem(
          status: 415, code: "unsupported_media_type",
          detail: "The body must be application/json, but Content-Type is \(essence.prefix(64)); "
            + "with curl use --json or -H 'Content-Type: application/json'")
      }
    }
    return try JSONReader.read(body, tensorsAt: isTensor)
  }

  /// Seconds of `Prefer: wait=N` (RFC 7240 4.3), at most 60; nil if it is not there.
  var waitSeconds: Int? {
    for element in headers.listElements("Prefer") {
      let parts = element.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, parts[0].trimmingSpaces.lowercased() == "wait" else { continue }
      // RFC 7240 2: a preference that cannot be understood is ignored.
      guard let seconds = decimal(parts[1].trimmingSpaces) else { continue }
      return min(seconds, 60)
    }
    return nil
  }

  /// Whether the client asks for a stream of server-sent events.
  var acceptsEventStream: Bool {
    headers.listElements("Accept").contains { element in
      element.split(separator: ";")[0].trimmingSpaces.lowercased() == "text/event-stream"
    }
  }

  /// Refuses query parameters that a route does not know.
  func checkQuery(_ names: String...) throws(Problem) {
    for item in query where !names.contains(item.name) {
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

extension StringProtocol {
  var trimmingSpaces: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let start = drop(while: isSpace)
    return String(start.reversed().drop(while: isSpace).reversed())
  }
}
