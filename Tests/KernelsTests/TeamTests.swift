import KernelInstructions
import Kernels
import Testing

/// How teams share the threads of a pool.
@Suite("Team")
struct TeamTests {
  /// An arena and a program that is worth sharing.
  private struct Load: ~Copyable {
    private var arena: Arena
    private let program: FinishedProgram

    init(_ team: Team) {
      let size = 200
      precondition(2 * size * size * size >= Team.sharedWorkMin, "It is enough to be shared")
      var layout = ArenaLayout()
      let operand = layout.matrix(rows: size, columns: size)
      let result = layout.matrix(rows: size, columns: size)
      var program = Program()
      program.product(operand, operand, into: result)
      arena = Arena(layout, team: team)
      self.program = FinishedProgram(program)
    }

    mutating func run() { arena.run(program) }
  }

  @Test("a team alone takes all threads, two take half each, and the rest comes back")
  func equalParts() {
    let pool = ThreadPool(threads: 4)
    let first = pool.team()
    var load = Load(first)
    #expect(first.threads == 1, "nobody helps before there is something to do")
    load.run()
    #expect(first.threads == 4)
    do {
      let second = pool.team()
      var other = Load(second)
      other.run()
      #expect(second.threads == 1, "the first has not yet given back what it has")
      load.run()
      #expect(first.threads == 2)
      other.run()
      #expect(second.threads == 2)
    }
    load.run()
    #expect(first.threads == 4)
  }

  @Test("as many teams as threads have one each")
  func oneEach() {
    let pool = ThreadPool(threads: 2)
    let teams = [pool.team(), pool.team(), pool.team()]
    for team in teams {
      var load = Load(team)
      load.run()
      #expect(team.threads == 1)
    }
  }

  @Test("no team has more threads than the pool allows one", arguments: [1, 2, 3])
  func limit(teamSizeMax: Int) {
    let team = ThreadPool(threads: 8, teamSizeMax: teamSizeMax).team()
    var load = Load(team)
    load.run()
    #expect(team.threads == teamSizeMax)
  }

  @Test("what is small is not shared")
  func small() {
    let team = ThreadPool(threads: 2).team()
    var layout = ArenaLayout()
    let matrix = layout.matrix(rows: 10, columns: 10)
    var program = Program()
    program.fill(matrix, with: 1)
    var arena = Arena(layout, team: team)
    arena.run(program)
    #expect(team.threads == 1)
  }
}

/// Matrices that lie last in an arena, so that nothing behind them could be read.
@Suite("Transposition")
struct TranspositionTests {
  @Test(
    "of few and long rows reads nothing behind them",
    arguments: [(1, 65_536), (3, 20_000), (17, 9_000), (16, 5_001)])
  func longRows(rows: Int, columns: Int) {
    for set in KernelSet.available {
      var layout = ArenaLayout()
      let result = layout.matrix(rows: columns, columns: rows)
      let matrix = layout.matrix(rows: rows, columns: columns)
      var arena = Arena(layout, set: set)
      let elements = (0..<(rows * columns)).map { Float($0 % 8_191) }
      arena.fill(matrix, with: elements)
      var program = Program()
      program.transpose(matrix, into: result)
      arena.run(program)
      let transposed = arena.elements(of: result)
      let expected = (0..<(rows * columns)).map { elements[$0 % rows * columns + $0 / rows] }
      #expect(transposed == expected)
    }
  }
}
