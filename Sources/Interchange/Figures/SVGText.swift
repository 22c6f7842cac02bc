/// The text of an SVG document as it grows, an element a line.
///
/// Names of elements and attributes are ours; values and contents are escaped.
struct SVGText {
  private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
  private var open: [String] = []

  /// Begins an element that holds others.
  mutating func begin(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) {
    text += startTag(name, attributes) + ">\n"
    open.append(name)
  }

  /// Ends the element begun last.
  mutating func end() {
    guard let name = open.popLast() else { return }
    text += "</\(name)>\n"
  }

  /// Adds an element that holds nothing.
  mutating func add(_ name: String, _ attributes: KeyValuePairs<String, String>) {
    text += startTag(name, attributes) + "/>\n"
  }

  /// Adds an element that holds text.
  mutating func add(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], content: String
  ) {
    text += startTag(name, attributes) + ">\(Self.escaped(content))</\(name)>\n"
  }

  private func startTag(_ name: String, _ attributes: KeyValuePairs<String, String>) -> String {
    "<" + name + attributes.map { " \($0.key)=\"\(Self.escaped($0.value))\"" }.joined()
  }

  /// XML 1.0 2.2 and 2.4: what marks up is escaped, and what no document may hold is replaced.
  static func escaped(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
      case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
      case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
      case "\t", "\n", "\r": escaped.append(" ")
      case "\0"..<" ", "\u{fffe}", "\u{ffff}": escaped.append("\u{fffd}")
      default: escaped.append(scalar)
      }
    }
    return String(escaped)
  }

  /// A coordinate in pixels to one decimal; 0 if it is far outside any figure.
  static func number(_ value: Double) -> String {
    guard value.magnitude < 1e6 else { return "0" }
    let tenths = Int(value * 10 + (value < 0 ? -0.5 : 0.5))
    let sign = tenths < 0 ? "-" : ""
    let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
  }

  /// The text, or as much of it as fits in a width in pixels, then with an ellipsis.
  static func fitted(_ text: String, width: Double, fontSize: Double) -> String {
    guard self.width(of: text, fontSize: fontSize) > width else { return text }
    var kept = text
    while !kept.isEmpty, self.width(of: kept + "…", fontSize: fontSize) > width {
      kept.removeLast()
    }
    return kept + "…"
  }

  /// About the width in pixels that a text takes in a sans-serif font.
  static func width(of text: String, fontSize: Double) -> Double {
    fontSize * text.unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 0.58 : 1) }
  }
}
