import NeuralNetwork
import TestSupport
import Testing

@Suite("Initializers")
struct InitializerTests {
  /// What the numbers of a weight of 300 outputs and 100 inputs must look like.
  struct Entry: CustomTestStringConvertible {
    let type: String
    let options: [JSONValue.Member]
    let mean: Double
    let deviation: Double
    /// Nil where there is none.
    let bounds: ClosedRange<Float>?

    var testDescription: String { "\(type) \(options.map(\.name))" }

    init(
      _ type: String, _ options: KeyValuePairs<String, JSONValue> = [:], mean: Double = 0,
      deviation: Double, bounds: ClosedRange<Float>? = nil
    ) {
      self.type = type
      self.options = options.map { .init($0.key, $0.value) }
      self.mean = mean
      self.deviation = deviation
      self.bounds = bounds
    }

    /// Uniform within plus and minus a bound, whose deviation is a third of it under the root.
    static func uniform(
      _ type: String, _ options: KeyValuePairs<String, JSONValue> = [:], bound: Double
    ) -> Entry {
      Entry(
        type, options, deviation: bound / 3.0.squareRoot(),
        bounds: (-Float(bound)).nextDown...Float(bound).nextUp)
    }
  }

  static let table: [Entry] = [
    // 1 / sqrt(100), and 2 sqrt(3 / 100).
    .uniform("kaiming_uniform", bound: 0.1),
    .uniform("kaiming_uniform", ["gain": .number(2)], bound: 0.346_410_16),
    // sqrt(2) / sqrt(100), and 3 / sqrt(100).
    Entry("kaiming_normal", deviation: 0.141_421_36),
    Entry("kaiming_normal", ["gain": .integer(3)], deviation: 0.3),
    // sqrt(6 / 400), and half of that.
    .uniform("xavier_uniform", bound: 0.122_474_49),
    .uniform("xavier_uniform", ["gain": .number(0.5)], bound: 0.061_237_24),
    // sqrt(2 / 400), and twice that.
    Entry("xavier_normal", deviation: 0.070_710_68),
    Entry("xavier_normal", ["gain": .integer(2)], deviation: 0.141_421_36),
    Entry("normal", deviation: 0.05),
    Entry(
      "normal", ["mean": .integer(-3), "standard_deviation": .number(0.5)], mean: -3,
      deviation: 0.5),
    .uniform("uniform", bound: 0.05),
    // A width of 4 over sqrt(12).
    Entry(
      "uniform", ["minimum": .integer(1), "maximum": .integer(5)], mean: 3, deviation: 1.154_700_5,
      bounds: 1...5),
    Entry("zeros", deviation: 0, bounds: 0...0),
    Entry(
      "constant", ["value": .number(-0.75)], mean: -0.75, deviation: 0, bounds: -0.75...(-0.75)),
  ]

  private func weight(
    _ entry: Entry, seed: UInt64, member: String = "initializer"
  ) throws -> [Float] {
    let initializer = JSONValue.object([.init("type", .string(entry.type))] + entry.options)
    let graph = try graph(
      chain([
        written(
          "linear",
          ["in_features": .integer(100), "out_features": .integer(300), member: initializer])
      ]))
    return Model(graph: graph, seed: seed).parameters[member == "initializer" ? 0 : 1].elements
  }

  @Test("draw numbers of the right mean, deviation and bounds", arguments: table)
  func distribution(entry: Entry) throws {
    let numbers = try weight(entry, seed: 1)
    let count = Double(numbers.count)
    let mean = numbers.reduce(0) { $0 + Double($1) } / count
    let squares = numbers.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    // The mean of n numbers has a deviation of theirs over sqrt n; the deviation's is smaller.
    #expect((mean - entry.mean).magnitude <= 4 * entry.deviation / count.squareRoot() + 1e-7)
    let deviation = (squares / count).squareRoot()
    #expect((deviation - entry.deviation).magnitude <= 0.02 * entry.deviation + 1e-7)
    guard let bounds = entry.bounds else { return }
    #expect(numbers.allSatisfy { bounds.contains($0) })
    // Uniform ones reach both ends.
    let (least, most) = try (#require(numbers.min()), #require(numbers.max()))
    let width = bounds.upperBound - bounds.lowerBound
    #expect(least - bounds.lowerBound <= 0.001 * width)
    #expect(bounds.upperBound - most <= 0.001 * width)
  }

  @Test("give the same numbers for the same seed, and others for another", arguments: table)
  func determinism(entry: Entry) throws {
    #expect(try weight(entry, seed: 9) == weight(entry, seed: 9))
    if entry.deviation > 0 { #expect(try weight(entry, seed: 9) != weight(entry, seed: 10)) }
  }

  @Test("of a bias use the inputs of the weight", arguments: table)
  func bias(entry: Entry) throws {
    let numbers = try weight(entry, seed: 2, member: "bias_initializer")
    #expect(numbers.count == 300)
    if let bounds = entry.bounds { #expect(numbers.allSatisfy { bounds.contains($0) }) }
    let mean = numbers.reduce(0) { $0 + Double($1) } / 300
    #expect((mean - entry.mean).magnitude <= 4 * entry.deviation / 300.0.squareRoot() + 1e-7)
  }

  @Test("tell bounds that are the wrong way round, and a constant without value")
  func faults() {
    func issues(_ initializer: JSONValue) -> [ConfigurationIssue] {
      check(
        chain([
          written(
            "linear",
            [
              "in_features": .integer(2), "out_features": .integer(1), "initializer": initializer,
            ])
        ])
      ).issues
    }
    let place = "#/network/operators/1/initializer"
    #expect(
      issues(written("uniform", ["minimum": .number(0.5)])) == [
        ConfigurationIssue(
          pointer: "\(place)/maximum", code: "invalid_value",
          detail: "maximum of initializer uniform is 0.05, but minimum is 0.5")
      ])
    #expect(
      issues(.string("constant")) == [
        ConfigurationIssue(
          pointer: place, code: "missing_member",
          detail: "initializer constant needs value, a number from -1000000 to 1000000")
      ])
  }

  @Test("standardising numbers are fitted to the training samples, constant features left alone")
  func fitted() throws {
    let graph = try graph(
      chain([.string("standardize"), linear(1)]), features: ["x": 3])
    let samples = Tensor(shape: [4, 3], elements: [1, 5, 2, 3, 5, 2, 5, 5, 2, 7, 5, 4])
    let model = Model(graph: graph, seed: 1, fittedTo: [samples])
    // Means 16/4, 5, 10/4; variances (9 + 1 + 1 + 9)/4, 0, (0.25 * 3 + 2.25)/4.
    #expect(model.parameters[0].elements == [4, 5, 2.5])
    #expect(
      model.parameters[1].elements == [Float(5.0.squareRoot()), 1, Float(0.75.squareRoot())])
    let unfitted = Model(graph: graph, seed: 1)
    #expect(unfitted.parameters[0].elements == [0, 0, 0])
    #expect(unfitted.parameters[1].elements == [1, 1, 1])
  }
}
