/// One number everywhere.
package struct Constant: NamedInitializer {
  package static let type = "constant"

  private let value: Double

  package init?(reading reader: inout ConfigurationReader) {
    guard let value = reader.number("value", in: -1e6...1e6, required: true) else { return nil }
    self.value = value
  }

  init(_ value: Double) {
    self.value = value
  }

  package var options: [JSONValue.Member] { [JSONValue.Member("value", .number(value))] }

  package func values(
    for declaration: ParameterDeclaration, input: Tensor?, from generator: inout SeededGenerator
  ) -> [Float] {
    Array(repeating: Float(value), count: declaration.count)
  }
}
