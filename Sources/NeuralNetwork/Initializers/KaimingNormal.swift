/// Normal with deviation `gain / sqrt(fan in)`; the default gain, `sqrt 2`, suits `relu`.
///
/// Source: He, Zhang, Ren, Sun, "Delving Deep into Rectifiers" (2015).
package struct KaimingNormal: NamedInitializer {
  package static let type = "kaiming_normal"

  private let gain: Double

  package init?(reading reader: inout ConfigurationReader) {
    gain = reader.gain() ?? 2.0.squareRoot()
  }

  package var options: [JSONValue.Member] { [JSONValue.Member("gain", .number(gain))] }

  package func values(
    for declaration: ParameterDeclaration, input: Tensor?, from generator: inout SeededGenerator
  ) -> [Float] {
    generator.normal(
      declaration.count, deviation: gain / Double(declaration.fans.in).squareRoot())
  }
}
