import FoundationXML
import Glibc
import Testing

@testable import Interchange

@Suite("ScatterFigure")
struct ScatterFigureTests {
  @Test("has a marker for each point, a cross for each misclassified one, and no more")
  func marksPoints() throws {
    let document = try SVGDocument(Self.example.svg())
    #expect(document.uses("#class0") == 3)
    #expect(document.uses("#class1") == 2)
    #expect(document.uses("#cross") == 1)
  }

  @Test("leaves out points beyond the axes and those that are not finite")
  func leavesOutInvisiblePoints() throws {
    let values = [0, 1, -0.001, 1.001, .nan, .infinity, -.infinity]
    let points = values.flatMap { value in
      [
        ScatterFigure.Point(x: value, y: 0.5, label: 0, isMisclassified: true),
        ScatterFigure.Point(x: 0.5, y: value, label: 0, isMisclassified: true),
      ]
    }
    let panel = ScatterFigure.Panel(title: "", caption: "", points: points, x: 0...1, y: 0...1)
    let document = try SVGDocument(ScatterFigure(title: "", panels: [panel]).svg())
    #expect(document.uses("#class0") == 4)
    #expect(document.uses("#cross") == 4)
  }

  @Test("puts a point where its axes say: left to right, and upward")
  func placesPoints() throws {
    let point = ScatterFigure.Point(x: 0.25, y: 0.75, label: 0)
    let panel = ScatterFigure.Panel(title: "", caption: "", points: [point], x: 0...1, y: 0...1)
    let document = try SVGDocument(ScatterFigure(title: "", panels: [panel]).svg())
    let frame = try #require(document.elements("rect").first { $0["class"] == "axis" })
    let use = try #require(document.elements("use").first)
    // 360 pixels wide: a quarter is 90 from the left, and from the top.
    #expect(try number(use["x"]) == number(frame["x"]) + 90)
    #expect(try number(use["y"]) == number(frame["y"]) + 90)
  }

  @Test("is well formed and shows texts as they are, whatever they hold")
  func escapesTexts() throws {
    let hostile = "<script>&\"'\u{0}\u{b}\u{fffe}]]>\n é😀"
    let shown = "<script>&\"'\u{fffd}\u{fffd}\u{fffd}]]>  é😀"
    var figure = Self.example
    figure.title = hostile
    figure.classNames = [hostile]
    figure.xLabel = hostile
    figure.yLabel = hostile
    figure.panels[0].title = hostile
    figure.panels[0].caption = hostile
    let document = try SVGDocument(figure.svg())
    // The title for readers and for eyes, a class, two labels in two panels, a panel, its caption.
    #expect(document.texts.count { $0 == shown } == 9)
  }

  @Test("names itself to screen readers")
  func isAccessible() throws {
    let document = try SVGDocument(Self.example.svg())
    let root = try #require(document.elements("svg").first)
    #expect(root["role"] == "img")
    #expect(
      root["aria-label"]
        == "disc. train: 5 points, 1 of them misclassified; error rate 20 %. test: 0 points,"
        + " 0 of them misclassified")
    #expect(document.names[1] == "title")
    #expect(document.texts.first == "disc")
  }

  @Test("shortens a text that does not fit, and keeps one that does")
  func fitsTexts() {
    #expect(SVGText.fitted("abc", width: 3 * 5.8, fontSize: 10) == "abc")
    // Three characters take 17.4 pixels; with the ellipsis' 10 only one of them fits in 17.
    #expect(SVGText.fitted("abc", width: 17, fontSize: 10) == "a…")
    #expect(SVGText.fitted("abc", width: 0, fontSize: 10) == "…")
  }

  @Test("survives ranges, labels and scores that nobody should send")
  func survivesOddInput() throws {
    let odd: [ClosedRange<Double>] = [
      0...0, -.infinity ... .infinity, 1e300...1e300, -1e308...1e308, 1e15...1e15.nextUp,
      0...Double.leastNonzeroMagnitude, 1e-9...2e-9,
    ]
    let scores: [Float] = [.nan, .infinity, -.infinity, 0, 1, 0.5, .nan, 1e38, -1e38]
    for range in odd {
      for region in [
        ScatterFigure.Region.scores(columns: 3, rows: 3, scores, level: 0.5),
        .labels(columns: 3, rows: 3, [.min, .max, -1, 0, 1, 8, 9, 0, 0]),
      ] {
        let point = ScatterFigure.Point(x: 0, y: range.lowerBound, label: .min)
        let panel = ScatterFigure.Panel(
          title: "", caption: "", points: [point], region: region, x: range, y: range)
        #expect(throws: Never.self) {
          try SVGDocument(ScatterFigure(title: "", panels: [panel]).svg())
        }
      }
    }
    #expect(throws: Never.self) { try SVGDocument(ScatterFigure(title: "", panels: []).svg()) }
  }

  @Test("stays below 150 kB with 1,200 points and two regions of 200 x 200")
  func staysModerate() {
    let positions = ScatterFigure.Region.positions(columns: 200, rows: 200, x: 0...1, y: 0...1)
    let scores = stride(from: 0, to: positions.count, by: 2).map { index in
      hypotf(positions[index] - 0.5, positions[index + 1] - 0.5)
    }
    let panels = [1_000, 200].map { count in
      let points = (0..<count).map { index in
        ScatterFigure.Point(
          x: Double(index % 37) / 37, y: Double(index % 41) / 41, label: index % 2,
          isMisclassified: index % 50 == 0)
      }
      return ScatterFigure.Panel(
        title: "train", caption: "", points: points,
        region: .scores(columns: 200, rows: 200, scores, level: 0.4), x: 0...1, y: 0...1)
    }
    #expect(ScatterFigure(title: "disc", panels: panels).svg().utf8.count < 150_000)
  }

  @Test("covers values with a margin")
  func coversValues() {
    #expect(ScatterFigure.range(covering: []) == 0...1)
    #expect(ScatterFigure.range(covering: [.nan, .infinity]) == 0...1)
    #expect(ScatterFigure.range(covering: [2]) == 1.5...2.5)
    #expect(ScatterFigure.range(covering: [100, 0, .nan]) == -4...104)
  }

  /// Drawn once, looked at, and kept; `DESCENT_UPDATE_FIXTURES=1` writes it anew.
  @Test("draws the same bytes as the kept figure")
  func equalsGoldenFile() throws {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = "/\(folder)/Fixtures/figures/scatter.svg"
    let svg = Self.example.svg()
    if getenv("DESCENT_UPDATE_FIXTURES") != nil {
      let file = try #require(fopen(path, "w"))
      fputs(svg, file)
      fclose(file)
    }
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    #expect(String(decoding: bytes[..<count], as: UTF8.self) == svg)
  }

  private func number(_ text: String?) throws -> Double {
    try #require(text.flatMap(Double.init))
  }

  static let example = ScatterFigure(
    title: "disc",
    panels: [
      ScatterFigure.Panel(
        title: "train", caption: "error rate 20 %",
        points: [
          .init(x: 0.2, y: 0.3, label: 0), .init(x: 0.3, y: 0.2, label: 0),
          .init(x: 0.9, y: 0.1, label: 0, isMisclassified: true),
          .init(x: 0.8, y: 0.8, label: 1), .init(x: 0.7, y: 0.9, label: 1),
        ],
        region: .scores(
          columns: 5, rows: 5,
          // The score is x: class 1 to the right of 0.5.
          (0..<25).map { Float($0 % 5) / 4 + 0.01 }), x: 0...1, y: 0...1),
      ScatterFigure.Panel(
        title: "test", caption: "", points: [],
        region: .labels(columns: 2, rows: 2, [0, 1, 2, 2]), x: -10...10, y: 0...0.001),
    ], classNames: ["inside", "outside"])
}
