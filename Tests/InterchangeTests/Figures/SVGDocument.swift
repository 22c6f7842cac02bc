import Foundation
import FoundationXML

/// A parsed document, for questions about it; throws if it is not well formed.
struct SVGDocument {
  private let reader = Reader()

  init(_ text: String) throws {
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    guard parser.parse() else { throw parser.parserError ?? NotWellFormed() }
  }

  /// The names of all elements, in the order in which they begin.
  var names: [String] { reader.elements.map(\.name) }

  /// The texts of all elements that hold one.
  var texts: [String] { reader.texts }

  /// The attributes of all elements of a name.
  func elements(_ name: String) -> [[String: String]] {
    reader.elements.filter { $0.name == name }.map(\.attributes)
  }

  /// How often a symbol is used.
  func uses(_ reference: String) -> Int {
    elements("use").count { $0["xlink:href"] == reference }
  }

  private struct NotWellFormed: Error {}

  private final class Reader: NSObject, XMLParserDelegate {
    var elements: [(name: String, attributes: [String: String])] = []
    var texts: [String] = []
    private var text = ""

    func parser(
      _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String] = [:]
    ) {
      elements.append((elementName, attributes))
      text = ""
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(
      _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?,
      qualifiedName: String?
    ) {
      if !text.allSatisfy(\.isNewline) { texts.append(text) }
      text = ""
    }
  }
}
