/// Uniform between two bounds.
package struct Uniform: NamedInitializer {
  package static let type = "uniform"

  private let minimum: Double
  private let maximum: Double

  package init?(reading reader: inout ConfigurationReader) {
    minimum = reader.number("minimum", in: -1e6...1e6) ?? -0.05
    maximum = reader.number("maximum", in: -1e6...1e6) ?? 0.05
    if minimum > maximum {
      reader.report(
        "invalid_value", member: "maximum",
        "maximum of \(reader.subject) is \(maximum), but minimum is \(minimum)")
    }
  }

  package var options: [JSONValue.Member] {
    [
      JSONValue.Member("minimum", .number(minimum)),
      JSONValue.Member("maximum", .number(maximum)),
    ]
  }

  package func values(
    for declaration: ParameterDeclaration, input: Tensor?, from generator: inout SeededGenerator
  ) -> [Float] {
    let width = Float(maximum - minimum)
    return (0..<declaration.count).map { _ in Float(minimum) + generator.unit() * width }
  }
}
