import Foundation
import HTTPCore

/// A target is taken apart in one way only, and what handlers get leads nowhere else.
func checkTarget(_ input: [UInt8]) throws(BrokenInvariant) {
  for method in ["GET", "OPTIONS"] {
    let target: RequestTarget
    do throws(HTTPFailure) {
      target = try RequestTarget(bytes: input[...], method: method)
    } catch {
      try checkFailure(error)
      continue
    }
    let isURL = String(decoding: input.prefix(4), as: UTF8.self).lowercased() == "http"
    try require((target.authority != nil) == isURL, "authority \(target.authority ?? "none")")
    try require(!target.isAsterisk || method == "OPTIONS", "* with \(method)")
    try checkDecoded(target)
  }
}

/// Segments and query items hold nothing dangerous, and mean the same when written once more.
func checkDecoded(_ target: RequestTarget) throws(BrokenInvariant) {
  guard !target.isAsterisk else {
    return try require(target.segments.isEmpty && target.query.isEmpty, "* with a path")
  }
  try require(target.path.hasPrefix("/"), "path \(target.path)")
  let parts =
    target.path == "/"
    ? [] : target.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
  // Foundation decodes by itself, so that ours is not compared with ours.
  let decoded = parts.map { String($0).removingPercentEncoding }
  try require(target.segments == decoded, "\(target.segments) of \(target.path)")
  for segment in target.segments {
    try require(segment != "." && segment != "..", "segment \(segment)")
    try require(
      segment.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F },
      "a control character in \(segment.utf8)")
  }
  for item in target.query {
    try require(!(item.name + item.value).utf8.contains(0), "a NUL in \(item)")
  }
  try checkWritten(target)
}

private func checkWritten(_ target: RequestTarget) throws(BrokenInvariant) {
  let path = "/" + target.segments.map(encoded).joined(separator: "/")
  let query = target.query.map { "\(encoded($0.name))=\(encoded($0.value))" }
  let written = path + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
  let again = try? RequestTarget(bytes: ArraySlice(written.utf8), method: "GET")
  try require(
    again?.segments == target.segments && again?.query == target.query,
    "\(target) is written \(written) and read \(again?.segments ?? []), \(again?.query ?? [])")
}

/// The text with every byte that is no letter or digit percent-encoded; dots too.
private func encoded(_ text: String) -> String {
  text.utf8.map { byte in
    let isPlain = byte.isToken && byte.hexadecimalValue != nil
    let digits = String(byte, radix: 16)
    return isPlain
      ? String(Unicode.Scalar(byte)) : "%" + (digits.count == 1 ? "0" : "") + digits
  }.joined()
}
