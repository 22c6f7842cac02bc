/// Draws a figure: the title and the legend above, then the panels side by side.
struct ScatterFigureDrawing {
  private let figure: ScatterFigure
  private let legend: FigureLegend
  private var text = SVGText()

  init(_ figure: ScatterFigure) {
    self.figure = figure
    legend = FigureLegend(of: figure, width: Self.width(panels: figure.panels.count) - 2 * 24)
  }

  /// The width in pixels of a figure of so many panels; an empty one is as wide as one.
  private static func width(panels: Int) -> Double {
    Double(max(panels, 1)) * PanelDrawing.width + 16
  }

  consuming func svg() -> String {
    let width = Self.width(panels: figure.panels.count)
    let panelsTop = 48 + legend.height
    beginDocument(width: width, height: panelsTop + PanelDrawing.height)
    addDefinitions()
    let title = SVGText.fitted(figure.title, width: width - 48, fontSize: 18)
    text.add(
      "text",
      ["x": SVGText.number(width / 2), "y": "30", "class": "title", "text-anchor": "middle"],
      content: title)
    legend.draw(into: &text, centre: width / 2, top: 44)
    for (index, panel) in figure.panels.enumerated() {
      let drawing = PanelDrawing(
        panel, index: index, left: 8 + Double(index) * PanelDrawing.width, top: panelsTop,
        xLabel: figure.xLabel, yLabel: figure.yLabel)
      drawing.draw(into: &text)
    }
    text.end()
    return text.text
  }

  private mutating func beginDocument(width: Double, height: Double) {
    let (width, height) = (SVGText.number(width), SVGText.number(height))
    text.begin(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink",
        "version": "1.1", "width": width, "height": height, "viewBox": "0 0 \(width) \(height)",
        "role": "img", "aria-label": description,
      ])
    text.add("title", content: figure.title)
    text.add("desc", content: description)
    text.add("rect", ["width": width, "height": height, "fill": "#FFFFFF"])
  }

  /// What the figure shows, for those who cannot see it.
  private var description: String {
    let panels = figure.panels.map { panel in
      let misclassified = panel.points.count { $0.isMisclassified }
      return "\(panel.title): \(panel.points.count) points, \(misclassified) of them misclassified"
        + (panel.caption.isEmpty ? "" : "; \(panel.caption)")
    }
    return ([figure.title] + panels).joined(separator: ". ")
  }

  private mutating func addDefinitions() {
    text.add("style", ["type": "text/css"], content: Self.style)
    text.begin("defs")
    for label in legend.labels {
      text.add("path", ["id": "class\(label)", "d": Marker(label: label).path])
    }
    text.add("path", ["id": "cross", "d": Marker.cross])
    text.end()
  }

  private static let style =
    "text{font-family:Helvetica,Arial,'DejaVu Sans',sans-serif;font-size:12px;fill:#333333}"
    + ".title{font-size:18px;font-weight:bold;fill:#111111}"
    + ".panel{font-size:14px;font-weight:bold;fill:#111111}"
    + ".points{stroke:#FFFFFF;stroke-width:0.6}"
    + ".crosses{stroke:#000000;stroke-width:1.4;fill:none;stroke-linecap:round}"
    + ".boundary{stroke:#222222;stroke-width:1.6;fill:none;stroke-linejoin:round}"
    + ".axis{stroke:#333333;stroke-width:1;fill:none}"
}
