import KernelInstructions
import Kernels
import Testing

@Suite("Matrix")
struct MatrixTests {
  @Test(
    "rows are padded to whole vectors",
    arguments: [(0, 0), (1, 16), (15, 16), (16, 16), (17, 32), (70, 80)])
  func padding(columns: Int, stride: Int) {
    var layout = ArenaLayout()
    let matrix = layout.matrix(rows: 3, columns: columns)
    #expect(matrix.stride == stride)
    #expect(matrix.size == 3 * stride)
    #expect(layout.size == 3 * stride)
  }

  @Test("matrices of one layout do not overlap")
  func matricesAreApart() {
    var layout = ArenaLayout()
    let first = layout.matrix(rows: 2, columns: 3)
    let second = layout.matrix(rows: 2, columns: 9)
    var arena = Arena(layout)
    arena.fill(first, with: [1, 2, 3, 4, 5, 6])
    arena.fill(second, with: Array(repeating: 7, count: 18))
    let firstElements = arena.elements(of: first)
    #expect(firstElements == [1, 2, 3, 4, 5, 6])
    var program = Program()
    program.fill(first, with: 0)
    arena.run(program)
    let secondElements = arena.elements(of: second)
    #expect(secondElements == Array(repeating: 7, count: 18))
  }

  @Test("an arena begins with zeros")
  func arenaBeginsWithZeros() {
    var layout = ArenaLayout()
    let matrix = layout.matrix(rows: 5, columns: 11)
    let elements = Arena(layout).elements(of: matrix)
    #expect(elements == Array(repeating: 0, count: 55))
  }

  @Test("first rows and single rows are parts of the matrix")
  func parts() {
    var layout = ArenaLayout()
    _ = layout.matrix(rows: 1, columns: 1)
    let matrix = layout.matrix(rows: 3, columns: 2)
    var arena = Arena(layout)
    arena.fill(matrix, with: [1, 2, 3, 4, 5, 6])
    let (first, last) = (arena.elements(of: matrix.first(2)), arena.elements(of: matrix.row(2)))
    #expect(first == [1, 2, 3, 4])
    #expect(last == [5, 6])
    #expect(matrix.first(2).offset % Matrix.lanes == 0)
    #expect(matrix.row(1).offset % Matrix.lanes == 0)
  }
}
