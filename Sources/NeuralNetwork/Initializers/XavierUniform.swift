/// Uniform in `[-b, b)` with `b = gain sqrt(6 / (fan in + fan out))`.
///
/// Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural
/// networks" (2010).
package struct XavierUniform: NamedInitializer {
  package static let type = "xavier_uniform"

  private let gain: Double

  package init?(reading reader: inout ConfigurationReader) {
    gain = reader.gain() ?? 1
  }

  package var options: [JSONValue.Member] { [JSONValue.Member("gain", .number(gain))] }

  package func values(
    for declaration: ParameterDeclaration, input: Tensor?, from generator: inout SeededGenerator
  ) -> [Float] {
    let fans = Double(declaration.fans.in + declaration.fans.out)
    return generator.uniform(
      declaration.count, bound: Float(gain * (6 / fans).squareRoot()))
  }
}
