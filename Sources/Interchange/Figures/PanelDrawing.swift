/// Draws one panel: title, region, points, axes and caption.
struct PanelDrawing {
  /// The size of a panel in pixels with all that stands around its axes.
  static let width = 444.0
  static let height = 448.0

  /// The side of the square that the axes frame.
  private static let side = 360.0

  private let panel: ScatterFigure.Panel
  private let index: Int
  private let frameLeft: Double
  private let frameTop: Double
  private let xLabel: String
  private let yLabel: String
  private let x: ClosedRange<Double>
  private let y: ClosedRange<Double>

  init(
    _ panel: ScatterFigure.Panel, index: Int, left: Double, top: Double, xLabel: String,
    yLabel: String
  ) {
    self.panel = panel
    self.index = index
    frameLeft = left + 68
    frameTop = top + 28
    self.xLabel = xLabel
    self.yLabel = yLabel
    x = Self.drawable(panel.x)
    y = Self.drawable(panel.y)
  }

  /// The range itself if it has a length that can be drawn, else one about its beginning.
  private static func drawable(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    let length = range.upperBound - range.lowerBound
    if length > 0, length.isFinite { return range }
    let middle = range.lowerBound.magnitude < 1e15 ? range.lowerBound : 0
    return (middle - 0.5)...(middle + 0.5)
  }

  func draw(into svg: inout SVGText) {
    svg.begin("g", ["id": "panel\(index)"])
    drawTitles(into: &svg)
    if let region = panel.region { draw(region, into: &svg) }
    drawPoints(into: &svg)
    drawAxes(into: &svg)
    svg.end()
  }

  private var middle: Double { frameLeft + Self.side / 2 }

  private func horizontal(_ value: Double) -> Double {
    frameLeft + (value - x.lowerBound) / (x.upperBound - x.lowerBound) * Self.side
  }

  private func vertical(_ value: Double) -> Double {
    frameTop + (y.upperBound - value) / (y.upperBound - y.lowerBound) * Self.side
  }
}

extension PanelDrawing {
  private func drawTitles(into svg: inout SVGText) {
    drawText(panel.title, x: middle, y: frameTop - 9, size: 14, style: "panel", into: &svg)
    drawText(xLabel, x: middle, y: frameTop + Self.side + 34, size: 12, into: &svg)
    drawText(panel.caption, x: middle, y: frameTop + Self.side + 54, size: 12, into: &svg)
    let (left, centre) = (frameLeft - 54, frameTop + Self.side / 2)
    svg.add(
      "text",
      [
        "transform": "translate(\(SVGText.number(left)) \(SVGText.number(centre))) rotate(-90)",
        "text-anchor": "middle",
      ], content: SVGText.fitted(yLabel, width: Self.side, fontSize: 12))
  }

  private func drawText(
    _ text: String, x: Double, y: Double, size: Double, style: String = "text",
    into svg: inout SVGText
  ) {
    guard !text.isEmpty else { return }
    svg.add(
      "text",
      [
        "x": SVGText.number(x), "y": SVGText.number(y), "class": style, "text-anchor": "middle",
      ], content: SVGText.fitted(text, width: Self.side + 40, fontSize: size))
  }
}

extension PanelDrawing {
  private func draw(_ region: ScatterFigure.Region, into svg: inout SVGText) {
    let outline = RegionOutline(region: region)
    let stepX = Self.side / Double(region.columns - 1)
    let stepY = Self.side / Double(region.rows - 1)
    svg.begin("clipPath", ["id": "frame\(index)"])
    addFrame("clip", into: &svg)
    svg.end()
    svg.begin("g", ["clip-path": "url(#frame\(index))"])
    // The path counts nodes upward from the lowest row, and each stands in its square's middle.
    let origin =
      "\(SVGText.number(frameLeft)) \(SVGText.number(frameTop + Self.side))"
    svg.begin(
      "g",
      [
        "transform": "translate(\(origin)) scale(\(stepX) \(-stepY)) translate(-0.5 -0.5)",
        "fill-opacity": "0.16", "shape-rendering": "crispEdges",
      ])
    for label in outline.labels {
      svg.add("path", ["fill": Marker(label: label).colour, "d": outline.shading(of: label)])
    }
    svg.end()
    let lines = outline.boundary.map { nodes in
      "M"
        + nodes.map { node in
          SVGText.number(frameLeft + node.x * stepX) + " "
            + SVGText.number(frameTop + Self.side - node.y * stepY)
        }.joined(separator: "L")
    }
    if !lines.isEmpty { svg.add("path", ["class": "boundary", "d": lines.joined()]) }
    svg.end()
  }

  private func addFrame(_ style: String, into svg: inout SVGText) {
    let side = SVGText.number(Self.side)
    svg.add(
      "rect",
      [
        "x": SVGText.number(frameLeft), "y": SVGText.number(frameTop), "width": side,
        "height": side, "class": style,
      ])
  }
}

extension PanelDrawing {
  private func drawPoints(into svg: inout SVGText) {
    let visible = panel.points.filter { x.contains($0.x) && y.contains($0.y) }
    for label in Set(visible.map(\.label)).sorted() {
      svg.begin("g", ["class": "points", "fill": Marker(label: label).colour])
      for point in visible where point.label == label {
        use("class\(label)", at: point, into: &svg)
      }
      svg.end()
    }
    svg.begin("g", ["class": "crosses"])
    for point in visible where point.isMisclassified { use("cross", at: point, into: &svg) }
    svg.end()
  }

  private func use(_ id: String, at point: ScatterFigure.Point, into svg: inout SVGText) {
    svg.add(
      "use",
      [
        "xlink:href": "#\(id)", "x": SVGText.number(horizontal(point.x)),
        "y": SVGText.number(vertical(point.y)),
      ])
  }
}

extension PanelDrawing {
  private func drawAxes(into svg: inout SVGText) {
    addFrame("axis", into: &svg)
    let bottom = frameTop + Self.side
    var path = ""
    for mark in AxisTicks(of: x).marks {
      let place = SVGText.number(horizontal(mark.value))
      path += "M\(place) \(SVGText.number(bottom))v5"
      svg.add(
        "text", ["x": place, "y": SVGText.number(bottom + 18), "text-anchor": "middle"],
        content: mark.text)
    }
    for mark in AxisTicks(of: y).marks {
      let place = vertical(mark.value)
      path += "M\(SVGText.number(frameLeft)) \(SVGText.number(place))h-5"
      svg.add(
        "text",
        [
          "x": SVGText.number(frameLeft - 8), "y": SVGText.number(place + 4), "text-anchor": "end",
        ], content: mark.text)
    }
    svg.add("path", ["class": "axis", "d": path])
  }
}
