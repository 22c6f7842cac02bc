import Testing

@testable import Interchange

@Suite("Contour")
struct ContourTests {
  @Test("a half-plane has one straight line, from edge to edge")
  func halfPlane() {
    // The score is x / 4, so that it is 0.4 at x = 1.6 in each of the three rows.
    let scores = (0..<15).map { Float($0 % 5) / 4 }
    let lines = Contour(of: scores, columns: 5, rows: 3, level: 0.4).lines
    #expect(lines.count == 1)
    #expect(lines.first?.count == 3)
    for (row, node) in (lines.first ?? []).enumerated() {
      #expect(node.y == Double(row))
      #expect(abs(node.x - 1.6) < 1e-6)
    }
  }

  @Test("a peak has one closed line about it")
  func peak() {
    let lines = Contour(of: [0, 0, 0, 0, 1, 0, 0, 0, 0], columns: 3, rows: 3, level: 0.5).lines
    let about: [Contour.Node] = [.init(x: 1, y: 0.5), .init(x: 1.5, y: 1), .init(x: 1, y: 1.5)]
    #expect(lines.count == 1)
    #expect(lines.first?.count == 5)
    #expect(lines.first?.first == lines.first?.last)
    #expect(about.allSatisfy { lines.first?.contains($0) == true })
  }

  @Test(
    "a saddle's lines cut off the corners that differ from its middle",
    arguments: [
      // Above the level at (0, 0) and (1, 1); the middle is 0.55, above, so the other two are cut off.
      ([1, 0.1, 0.1, 1] as [Float], Contour.Node(x: 1, y: 0)),
      // The middle is 0.4, below: the corner at the origin is cut off, and that across.
      ([0.8, 0, 0, 0.8], Contour.Node(x: 0, y: 0)),
    ])
  func saddle(scores: [Float], corner: Contour.Node) {
    let lines = Contour(of: scores, columns: 2, rows: 2, level: 0.5).lines
    #expect(lines.count == 2)
    let cut = lines.filter { line in
      line.allSatisfy { abs($0.x - corner.x) + abs($0.y - corner.y) < 1 }
    }
    #expect(cut.count == 1)
  }

  @Test("there is no line where all scores are on one side", arguments: [0, 1, .nan] as [Float])
  func none(score: Float) {
    let scores = [Float](repeating: score, count: 9)
    #expect(Contour(of: scores, columns: 3, rows: 3, level: 0.5).lines.isEmpty)
  }

  @Test("a score that is not finite moves the line to the middle or to the node, never elsewhere")
  func notFinite() {
    let scores: [Float] = [.nan, 1, .infinity, -.infinity, .infinity, .nan, 0, 1, 0]
    for line in Contour(of: scores, columns: 3, rows: 3, level: 0.5).lines {
      for node in line { #expect((0...2).contains(node.x) && (0...2).contains(node.y)) }
    }
  }
}

@Suite("RegionOutline")
struct RegionOutlineTests {
  @Test("shades equal stretches of rows as one rectangle")
  func shading() {
    let region = ScatterFigure.Region.labels(columns: 3, rows: 3, [0, 1, 1, 0, 1, 1, 0, 0, 1])
    let outline = RegionOutline(region: region)
    #expect(outline.labels == [0, 1])
    #expect(outline.shading(of: 0) == "M0 0h1v2h-1zM0 2h2v1h-2z")
    #expect(outline.shading(of: 1) == "M1 0h2v2h-2zM2 2h1v1h-1z")
    #expect(outline.shading(of: 2).isEmpty)
  }

  @Test("the boundary of classes runs between their squares")
  func boundary() {
    let region = ScatterFigure.Region.labels(columns: 2, rows: 2, [0, 1, 2, 2])
    let expected: [[Contour.Node]] = [
      [.init(x: 0.5, y: -0.5), .init(x: 0.5, y: 0.5)],
      [.init(x: -0.5, y: 0.5), .init(x: 1.5, y: 0.5)],
    ]
    #expect(RegionOutline(region: region).boundary == expected)
  }

  @Test("the nodes span the ranges, the lowest row first")
  func positions() {
    let positions = ScatterFigure.Region.positions(columns: 3, rows: 2, x: 0...1, y: -2...2)
    #expect(positions == [0, -2, 0.5, -2, 1, -2, 0, 2, 0.5, 2, 1, 2])
  }
}

@Suite("AxisTicks")
struct AxisTicksTests {
  @Test(
    "are round numbers within the range",
    arguments: [
      (0...1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (-3.2...4.1, ["-3", "-2", "-1", "0", "1", "2", "3", "4"]),
      (-0.04...0.05, ["-0.04", "-0.02", "0.00", "0.02", "0.04"]),
      (0...20_000, ["0", "5000", "10000", "15000", "20000"]),
      (0...2e7, ["0", "5e6", "10e6", "15e6", "20e6"]),
      (0...2e-7, ["0", "5e-8", "10e-8", "15e-8", "20e-8"]),
      (0...0.0, []), (1e15...1e15.nextUp, []), (-1e308...1e308, []),
    ] as [(ClosedRange<Double>, [String])])
  func areRound(range: ClosedRange<Double>, texts: [String]) {
    #expect(AxisTicks(of: range).marks.map(\.text) == texts)
  }
}
