/// How a parameter gets its first values.
package protocol Initializer: Sendable {
  /// The values, row by row.
  ///
  /// - Parameters:
  ///   - declaration: Whose values.
  ///   - input: The training samples of the input that feeds the operator, if one does.
  ///   - generator: A stream that belongs to this parameter alone.
  /// - Returns: As many numbers as the declaration says.
  func values(
    for declaration: ParameterDeclaration, input: Tensor?, from generator: inout SeededGenerator
  ) -> [Float]
}

/// An initializer that a client may name.
package protocol NamedInitializer: Initializer, Kind {
  /// The members that write it so that it can be read again, without `type`.
  var options: [JSONValue.Member] { get }
}

/// The kinds of initializer that an operator may name.
package enum InitializerCatalogue {
  /// One line for each kind.
  package static let kinds: [any NamedInitializer.Type] = [
    Constant.self,
    KaimingNormal.self,
    KaimingUniform.self,
    Normal.self,
    Uniform.self,
    XavierNormal.self,
    XavierUniform.self,
    Zeros.self,
  ]
}

extension ConfigurationReader {
  /// Reads a member that names an initializer; nil if it is absent, at fault, or names what
  /// parameters begin with anyway.
  mutating func initializer(_ name: String) -> (any NamedInitializer)? {
    let kind = kind(name, of: InitializerCatalogue.kinds, default: KaimingUniform.type)
    if let standard = kind as? KaimingUniform, standard.isStandard { return nil }
    return kind as? any NamedInitializer
  }

  /// Reads an initializer's factor.
  mutating func gain() -> Double? { number("gain", in: 0...1_000) }
}

extension NamedInitializer {
  /// The initializer as a client may write it.
  var document: JSONValue {
    .object([JSONValue.Member("type", .string(type))] + options)
  }
}

extension SeededGenerator {
  /// Numbers uniform in `[-bound, bound)`.
  mutating func uniform(_ count: Int, bound: Float) -> [Float] {
    (0..<count).map { _ in (2 * unit() - 1) * bound }
  }

  /// Normal numbers of mean 0.
  mutating func normal(_ count: Int, deviation: Double) -> [Float] {
    (0..<count).map { _ in normal() * Float(deviation) }
  }
}
