/// A figure of classified points with two coordinates, in one panel or several side by side.
///
/// It is a value that knows nothing of training; ``svg()`` draws it. Classes differ in colour (of
/// Okabe and Ito's set, for all kinds of colour vision) and in the shape of their markers, eight of
/// each; misclassified points are crossed out in black.
///
/// ```swift
/// let panel = ScatterFigure.Panel(
///   title: "test", caption: "error rate 0.5 %", points: points,
///   region: .scores(columns: 200, rows: 200, scores, level: 0.5), x: 0...1, y: 0...1)
/// let bytes = Array(ScatterFigure(title: "disc", panels: [panel]).svg().utf8)
/// ```
package struct ScatterFigure: Hashable, Sendable {
  package var title: String

  /// Drawn from left to right; two fill a page's width.
  package var panels: [Panel]

  /// The names of the classes from 0 on, for the legend; `class 2` where there is none.
  package var classNames: [String]

  package var xLabel: String
  package var yLabel: String

  /// Makes a figure.
  package init(
    title: String, panels: [Panel], classNames: [String] = [], xLabel: String = "x1",
    yLabel: String = "x2"
  ) {
    self.title = title
    self.panels = panels
    self.classNames = classNames
    self.xLabel = xLabel
    self.yLabel = yLabel
  }

  /// Returns the figure as a document of SVG 1.1 that needs nothing else.
  ///
  /// Equal figures give equal text. Points outside the panel's ranges are left out; texts that are
  /// too long for their place end in an ellipsis.
  ///
  /// - Complexity: O(points + entries of the regions); 1,200 points and two regions of 200 x 200
  ///   take less than 150 kB.
  package func svg() -> String {
    ScatterFigureDrawing(self).svg()
  }
}

extension ScatterFigure {
  /// One pair of axes with points.
  package struct Panel: Hashable, Sendable {
    package var title: String

    /// A line beneath the axes, such as the error rate.
    package var caption: String

    package var points: [Point]

    /// What the model says about the whole panel, or nil to show the points alone.
    package var region: Region?

    /// The part of the plane that is shown.
    package var x: ClosedRange<Double>
    package var y: ClosedRange<Double>

    /// Makes a panel.
    package init(
      title: String, caption: String, points: [Point], region: Region? = nil,
      x: ClosedRange<Double>, y: ClosedRange<Double>
    ) {
      self.title = title
      self.caption = caption
      self.points = points
      self.region = region
      self.x = x
      self.y = y
    }
  }

  /// One sample.
  package struct Point: Hashable, Sendable {
    package var x: Double
    package var y: Double

    /// The class it belongs to, whatever the model says; from 0.
    package var label: Int

    /// True if the model says another class.
    package var isMisclassified: Bool

    /// Makes a point.
    package init(x: Double, y: Double, label: Int, isMisclassified: Bool = false) {
      self.x = x
      self.y = y
      self.label = label
      self.isMisclassified = isMisclassified
    }
  }

  /// What a model says at the nodes of a grid that spans a panel, its edges included.
  package struct Region: Hashable, Sendable {
    /// The number of nodes along x and along y, each at least 2.
    package let columns: Int
    package let rows: Int

    let values: Values

    enum Values: Hashable, Sendable {
      case scores([Float], level: Float)
      case labels([Int])
    }

    /// A score at each node, class 1 where it is above `level`; the boundary is interpolated.
    ///
    /// There is one score for each of ``positions(columns:rows:x:y:)``.
    package static func scores(
      columns: Int, rows: Int, _ scores: [Float], level: Float = 0.5
    ) -> Region {
      Region(
        columns: columns, rows: rows, values: .scores(scores, level: level), count: scores.count)
    }

    /// A class at each node; the boundary follows the cells around them.
    ///
    /// There is one class for each of ``positions(columns:rows:x:y:)``.
    package static func labels(columns: Int, rows: Int, _ labels: [Int]) -> Region {
      Region(columns: columns, rows: rows, values: .labels(labels), count: labels.count)
    }

    private init(columns: Int, rows: Int, values: Values, count: Int) {
      precondition(columns >= 2 && rows >= 2, "A region has at least two nodes along each axis")
      precondition(columns * rows == count, "A region has as many values as nodes")
      self.columns = columns
      self.rows = rows
      self.values = values
    }

    /// The coordinates of all nodes, x and y in turn: the rows of a model's input.
    ///
    /// The lowest row of nodes comes first, and within it the leftmost node.
    package static func positions(
      columns: Int, rows: Int, x: ClosedRange<Double>, y: ClosedRange<Double>
    ) -> [Float] {
      (0..<rows).flatMap { row in
        (0..<columns).flatMap { column in
          [
            Float(interpolate(x, Double(column) / Double(max(columns - 1, 1)))),
            Float(interpolate(y, Double(row) / Double(max(rows - 1, 1)))),
          ]
        }
      }
    }

    private static func interpolate(_ range: ClosedRange<Double>, _ fraction: Double) -> Double {
      range.lowerBound * (1 - fraction) + range.upperBound * fraction
    }

    /// The class at a node.
    func label(column: Int, row: Int) -> Int {
      switch values {
      case .scores(let scores, let level): scores[row * columns + column] > level ? 1 : 0
      case .labels(let labels): labels[row * columns + column]
      }
    }
  }

  /// A range that shows all finite values with a margin of 4 % on each side; `0...1` without any.
  package static func range(covering values: some Sequence<Double>) -> ClosedRange<Double> {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return 0...1 }
    let margin = low == high ? 0.5 : (high - low) * 0.04
    return (low - margin)...(high + margin)
  }
}
