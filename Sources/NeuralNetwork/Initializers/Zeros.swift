/// Zeros.
package struct Zeros: NamedInitializer {
  package static let type = "zeros"

  package init?(reading reader: inout ConfigurationReader) {}

  package var options: [JSONValue.Member] { [] }

  package func values(
    for declaration: ParameterDeclaration, input: Tensor?, from generator: inout SeededGenerator
  ) -> [Float] {
    Array(repeating: 0, count: declaration.count)
  }
}
