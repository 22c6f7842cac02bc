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
  func arena() -> Arena {
    var arena = Arena(narrow)
    for cover in covers {
      arena.fill(
        cover, with: Array(repeating: .nan, count: cover.rows * cover.columns))
    }
    return arena
  }
}

/// A matrix's numbers without padding, for the scalar reference.
struct Numbers {
  let rows: Int
  let columns: Int
  var elements: [Float]

  subscript(row: Int, column: Int) -> Float { elements[row * columns + column] }

  /// Makes each number from its place.
  init(rows: Int, columns: Int, _ element: (Int, Int) -> Float) {
    self.rows = rows
    self.columns = columns
    elements = (0..<(rows * columns)).map { element($0 / columns, $0 % columns) }
  }
}
