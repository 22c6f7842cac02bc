/// Uniform in `[-b, b)` with `b = gain sqrt(3 / fan in)`.
///
/// The default gain, `1 / sqrt 3`, gives what PyTorch's `Linear` begins with, `b = 1 / sqrt(fan in)`.
/// Source: He, Zhang, Ren, Sun, "Delving Deep into Rectifiers" (2015).
package struct KaimingUniform: NamedInitializer {
  package static let type = "kaiming_uniform"

  /// What parameters begin with that nobody gives values: weight and bias alike.
  package static let standard = KaimingUniform(gain: nil)

  private static let gainDefault = 1 / 3.0.squareRoot()

  /// Nil for the default, whose bound is exact.
  private let gain: Double?

  package init?(reading reader: inout ConfigurationReader) {
    let written = reader.gain()
    gain = written == KaimingUniform.gainDefault ? nil : written
  }

  private init(gain: Double?) {
    self.gain = gain
  }

  package var options: [JSONValue.Member] {
    [JSONValue.Member("gain", .number(gain ?? KaimingUniform.gainDefault))]
  }

  /// Whether it is what parameters begin with anyway.
  var isStandard: Bool { gain == nil }

  package func values(
    for declaration: ParameterDeclaration, input: Tensor?, from generator: inout SeededGenerator
  ) -> [Float] {
    let fan = Double(declaration.fans.in)
    let bound = gain.map { $0 * (3 / fan).squareRoot() } ?? (1 / fan).squareRoot()
    return generator.uniform(declaration.count, bound: Float(bound))
  }
}
