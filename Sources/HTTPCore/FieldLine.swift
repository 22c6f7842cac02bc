/// The grammar of one header or trailer line (RFC 9112 5).
enum FieldLine {
  /// Parses a line without its CRLF; nothing is repaired.
  static func parse(_ line: ArraySlice<UInt8>) throws(HeaderDefect) -> HTTPHeaders.Field {
    // RFC 9112 5.2 and 2.2: neither a folded line nor a blank before the first field.
    guard let first = line.first, first != ASCII.space, first != ASCII.tab else { throw .folded }
    guard let colon = line.firstIndex(of: ASCII.colon) else { throw .colon }
    // RFC 9112 5.1: a blank between name and colon must be refused; it is no token byte.
    let name = line[..<colon]
    guard !name.isEmpty, name.allSatisfy(\.isToken) else { throw .name }
    let value = trimmingBlanks(line[(colon + 1)...])
    guard value.allSatisfy(\.isFieldValue) else { throw .value }
    return HTTPHeaders.Field(name: String(decoding: name, as: UTF8.self), value: text(value))
  }

  /// The value as UTF-8 if it is that, and otherwise each byte as the scalar of its number.
  private static func text(_ value: ArraySlice<UInt8>) -> String {
    if let text = String(validating: value, as: UTF8.self) { return text }
    var text = ""
    for byte in value { text.unicodeScalars.append(Unicode.Scalar(byte)) }
    return text
  }
}
