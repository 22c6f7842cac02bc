import KernelInstructions
import Kernels

/// An arena whose every number, padding included, is NaN until a matrix is filled.
///
/// A second layout, in which each matrix is as wide as its stride, gives matrices that cover the
/// padding of the first's.
struct PaddedLayout {
  private(set) var narrow = ArenaLayout()
  private var wide = ArenaLayout()
  private var covers: [Matrix] = []

  mutating func matrix(rows: Int, columns: Int) -> Matrix {
    covers.append(wide.matrix(rows: rows, columns: Matrix.padded(columns)))
    return narrow.matrix(rows: rows, columns: columns)
  }

  /// The memory.
  func arena(team: Team = .alone, set: KernelSet = .best) -> Arena {
    var arena = Arena(narrow, team: team, set: set)
    for cover in covers {
      arena.fill(
        cover, with: Array(repeating: .nan, count: cover.rows * cover.columns))
    }
    return arena
  }
}
