/// Paths that shade a region's classes and draw the lines between them.
///
/// Coordinates count the region's nodes from its first one, so that most are whole numbers; each
/// node stands for the square around it.
struct RegionOutline {
  let region: ScatterFigure.Region

  /// The classes of the region, in ascending order.
  var labels: [Int] {
    var labels: Set<Int> = []
    for row in 0..<region.rows {
      for column in 0..<region.columns { labels.insert(region.label(column: column, row: row)) }
    }
    return labels.sorted()
  }

  /// A path that fills the squares of all nodes of a class.
  ///
  /// Equal stretches of rows that follow each other become one rectangle.
  func shading(of label: Int) -> String {
    var path = ""
    var pending: [Stretch: Int] = [:]
    for row in 0...region.rows {
      let stretches = row < region.rows ? self.stretches(of: label, in: row) : []
      for ended in pending.keys.filter({ !stretches.contains($0) }).sorted() {
        let first = pending.removeValue(forKey: ended) ?? row
        path += "M\(ended.start) \(first)h\(ended.count)v\(row - first)h-\(ended.count)z"
      }
      for stretch in stretches where pending[stretch] == nil { pending[stretch] = row }
    }
    return path
  }

  private func stretches(of label: Int, in row: Int) -> [Stretch] {
    var stretches: [Stretch] = []
    var start: Int?
    for column in 0...region.columns {
      let isInside = column < region.columns && region.label(column: column, row: row) == label
      if isInside {
        start = start ?? column
      } else if let first = start {
        stretches.append(Stretch(start: first, count: column - first))
        start = nil
      }
    }
    return stretches
  }

  /// The lines between the classes.
  var boundary: [[Contour.Node]] {
    switch region.values {
    case .scores(let scores, let level):
      Contour(of: scores, columns: region.columns, rows: region.rows, level: level).lines
    case .labels:
      upright + level
    }
  }

  /// The sides of squares between columns, joined along each column.
  private var upright: [[Contour.Node]] {
    (1..<region.columns).flatMap { column in
      runs(count: region.rows) {
        region.label(column: column - 1, row: $0) != region.label(column: column, row: $0)
      }.map { run in
        [
          Contour.Node(x: Double(column) - 0.5, y: Double(run.lowerBound) - 0.5),
          Contour.Node(x: Double(column) - 0.5, y: Double(run.upperBound) - 0.5),
        ]
      }
    }
  }

  /// The sides of squares between rows, joined along each row.
  private var level: [[Contour.Node]] {
    (1..<region.rows).flatMap { row in
      runs(count: region.columns) {
        region.label(column: $0, row: row - 1) != region.label(column: $0, row: row)
      }.map { run in
        [
          Contour.Node(x: Double(run.lowerBound) - 0.5, y: Double(row) - 0.5),
          Contour.Node(x: Double(run.upperBound) - 0.5, y: Double(row) - 0.5),
        ]
      }
    }
  }

  /// The longest ranges of indices for which a condition holds.
  private func runs(count: Int, where holds: (Int) -> Bool) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for index in 0..<count where holds(index) {
      if let last = runs.last, last.upperBound == index {
        runs[runs.count - 1] = last.lowerBound..<index + 1
      } else {
        runs.append(index..<index + 1)
      }
    }
    return runs
  }
}

extension RegionOutline {
  /// Nodes of one class beside each other.
  private struct Stretch: Hashable, Comparable {
    let start: Int
    let count: Int

    static func < (left: Stretch, right: Stretch) -> Bool { left.start < right.start }
  }
}
