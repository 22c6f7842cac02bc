/// The row, or rows, of markers with their meanings.
struct FigureLegend {
  /// The classes that the figure shows, in ascending order.
  let labels: [Int]

  private let rows: [[Entry]]

  private static let rowHeight = 20.0
  private static let textLeft = 12.0
  private static let gap = 22.0

  /// One marker and what it means.
  private struct Entry {
    let symbol: Symbol
    let text: String

    var width: Double { FigureLegend.textLeft + SVGText.width(of: text, fontSize: 12) }
  }

  private enum Symbol {
    case marker(label: Int)
    case cross
    case boundary
  }

  init(of figure: ScatterFigure, width: Double) {
    let shown = figure.panels.flatMap { $0.points.map(\.label) }
    let shaded = figure.panels.compactMap(\.region).flatMap { RegionOutline(region: $0).labels }
    labels = Set(shown + shaded).sorted()
    var entries = labels.map { label in
      let name = figure.classNames.indices.contains(label) ? figure.classNames[label] : nil
      let text = SVGText.fitted(name ?? "class \(label)", width: width / 2, fontSize: 12)
      return Entry(symbol: .marker(label: label), text: text)
    }
    if figure.panels.contains(where: { $0.points.contains(where: \.isMisclassified) }) {
      entries.append(Entry(symbol: .cross, text: "misclassified"))
    }
    if figure.panels.contains(where: { $0.region != nil }) {
      entries.append(Entry(symbol: .boundary, text: "decision boundary"))
    }
    rows = Self.rows(of: entries, width: width)
  }

  /// The height in pixels.
  var height: Double { Double(rows.count) * Self.rowHeight }

  private static func rows(of entries: [Entry], width: Double) -> [[Entry]] {
    var rows: [[Entry]] = []
    for entry in entries {
      if let last = rows.last, self.width(of: last + [entry]) <= width {
        rows[rows.count - 1].append(entry)
      } else {
        rows.append([entry])
      }
    }
    return rows
  }

  private static func width(of row: [Entry]) -> Double {
    row.reduce(0) { $0 + $1.width } + gap * Double(row.count - 1)
  }

  func draw(into svg: inout SVGText, centre: Double, top: Double) {
    for (index, row) in rows.enumerated() {
      var left = centre - Self.width(of: row) / 2
      let middle = top + (Double(index) + 0.5) * Self.rowHeight
      for entry in row {
        draw(entry.symbol, into: &svg, x: left, y: middle)
        svg.add(
          "text",
          ["x": SVGText.number(left + Self.textLeft), "y": SVGText.number(middle + 4)],
          content: entry.text)
        left += entry.width + Self.gap
      }
    }
  }

  private func draw(_ symbol: Symbol, into svg: inout SVGText, x: Double, y: Double) {
    let place = "translate(\(SVGText.number(x)) \(SVGText.number(y)))"
    switch symbol {
    case .marker(let label):
      let marker = Marker(label: label)
      svg.add(
        "path", ["d": marker.path, "transform": place + " scale(1.3)", "fill": marker.colour])
    case .cross:
      svg.add("path", ["d": Marker.cross, "transform": place, "class": "crosses"])
    case .boundary:
      svg.add("path", ["d": "M-12 0H6", "transform": place, "class": "boundary"])
    }
  }
}
