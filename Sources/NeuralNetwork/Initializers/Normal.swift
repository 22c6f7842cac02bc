/// Normal with a given mean and deviation.
package struct Normal: NamedInitializer {
  package static let type = "normal"

  private let mean: Double
  private let deviation: Double

  package init?(reading reader: inout ConfigurationReader) {
    mean = reader.number("mean", in: -1e6...1e6) ?? 0
    deviation = reader.number("standard_deviation", in: 0...1e6) ?? 0.05
  }

  package var options: [JSONValue.Member] {
    [
      JSONValue.Member("mean", .number(mean)),
      JSONValue.Member("standard_deviation", .number(deviation)),
    ]
  }

  package func values(
    for declaration: ParameterDeclaration, input: Tensor?, from generator: inout SeededGenerator
  ) -> [Float] {
    generator.normal(declaration.count, deviation: deviation).map { Float(mean) + $0 }
  }
}
