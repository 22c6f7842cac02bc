/// The line along which a grid of scores crosses a level, found by marching squares.
///
/// Coordinates count the grid's nodes from its first one, in columns and rows.
struct Contour: Equatable {
  /// Each from node to node along the line; a closed one ends where it begins.
  let lines: [[Node]]

  /// A place in the grid, in fractions of columns and rows.
  struct Node: Equatable {
    let x: Double
    let y: Double
  }

  /// Finds the line.
  ///
  /// Each square of four nodes is crossed by none, one or two pieces of the line; a saddle, whose
  /// corners are above and below in turn, is decided by the mean of its corners. A score that is
  /// not a number counts as below the level.
  ///
  /// - Parameters:
  ///   - scores: Row by row, as many as `columns * rows`.
  ///   - columns: The number of nodes of a row, at least 2.
  ///   - rows: The number of rows, at least 2.
  ///   - level: Scores greater than this one are above.
  /// - Complexity: O(scores).
  init(of scores: [Float], columns: Int, rows: Int, level: Float) {
    let grid = Grid(scores: scores, columns: columns, rows: rows, level: level)
    var neighbours: [Int: [Int]] = [:]
    for row in 0..<rows - 1 {
      for column in 0..<columns - 1 {
        for (one, other) in grid.pieces(column: column, row: row) {
          neighbours[one, default: []].append(other)
          neighbours[other, default: []].append(one)
        }
      }
    }
    lines = Self.chains(of: neighbours).map { $0.map(grid.node) }
  }

  /// Joins pieces end to end: first the lines with two ends, then the closed ones.
  private static func chains(of neighbours: [Int: [Int]]) -> [[Int]] {
    let edges = neighbours.keys.sorted()
    let ends = edges.filter { neighbours[$0]?.count == 1 }
    var isDone: Set<Int> = []
    var chains: [[Int]] = []
    for start in ends + edges where !isDone.contains(start) {
      var chain = [start]
      isDone.insert(start)
      while let next = neighbours[chain[chain.count - 1]]?.first(where: { !isDone.contains($0) }) {
        chain.append(next)
        isDone.insert(next)
      }
      if neighbours[start]?.count == 2 { chain.append(start) }
      chains.append(chain)
    }
    return chains
  }
}

extension Contour {
  /// The scores, and the edges between neighbouring nodes: two for each node, to the right and up.
  private struct Grid {
    let scores: [Float]
    let columns: Int
    let rows: Int
    let level: Float

    private func score(_ column: Int, _ row: Int) -> Float { scores[row * columns + column] }

    /// The pieces of the line within the square whose first corner is at a column and row, each
    /// from an edge to an edge.
    func pieces(column: Int, row: Int) -> [(Int, Int)] {
      let corners = [
        score(column, row), score(column + 1, row), score(column + 1, row + 1),
        score(column, row + 1),
      ]
      let bottom = 2 * (row * columns + column)
      // Edge k leads from corner k to the next: bottom, right, top, left.
      let edges = [bottom, bottom + 3, bottom + 2 * columns, bottom + 1]
      let isAbove = corners.map { $0 > level }
      let crossed = (0..<4).filter { isAbove[$0] != isAbove[($0 + 1) % 4] }
      if crossed.count == 2 { return [(edges[crossed[0]], edges[crossed[1]])] }
      guard crossed.count == 4 else { return [] }
      let isCentreAbove = corners.reduce(0, +) / 4 > level
      return isAbove[0] == isCentreAbove
        ? [(edges[0], edges[1]), (edges[2], edges[3])]
        : [(edges[3], edges[0]), (edges[1], edges[2])]
    }

    /// Where the line crosses an edge.
    func node(on edge: Int) -> Node {
      let (row, column) = (edge / 2).quotientAndRemainder(dividingBy: columns)
      let isUpward = edge % 2 == 1
      let from = score(column, row)
      let to = isUpward ? score(column, row + 1) : score(column + 1, row)
      let fraction = Double((level - from) / (to - from))
      let along = fraction.isFinite ? min(max(fraction, 0), 1) : 0.5
      return isUpward
        ? Node(x: Double(column), y: Double(row) + along)
        : Node(x: Double(column) + along, y: Double(row))
    }
  }
}
