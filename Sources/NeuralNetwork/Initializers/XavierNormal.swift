/// Normal with deviation `gain sqrt(2 / (fan in + fan out))`.
///
/// Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural
/// networks" (2010).
package struct XavierNormal: NamedInitializer {
  package static let type = "xavier_normal"

  private let gain: Double

  package init?(reading reader: inout ConfigurationReader) {
    gain = reader.gain() ?? 1
  }

  package var options: [JSONValue.Member] { [JSONValue.Member("gain", .number(gain))] }

  package func values(
    for declaration: ParameterDeclaration, input: Tensor?, from generator: inout SeededGenerator
  ) -> [Float] {
    let fans = Double(declaration.fans.in + declaration.fans.out)
    return generator.normal(declaration.count, deviation: gain * (2 / fans).squareRoot())
  }
}
