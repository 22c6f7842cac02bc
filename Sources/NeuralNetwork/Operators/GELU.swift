package import KernelInstructions

/// `y = x / 2 (1 + erf(x / sqrt 2))`, or its approximation by tanh.
///
/// `dx = (P(x) + x p(x)) dy` with the standard normal distribution `P` and its density `p`.
/// Source: Hendrycks, Gimpel, "Gaussian Error Linear Units" (2016).
package struct GELU: ElementwiseOperator {
  package static let type = "gelu"

  private enum Approximation: String, CaseIterable {
    case none
    case tanh
  }

  private let approximation: Approximation

  package init?(reading reader: inout ConfigurationReader) {
    let name = reader.choice("approximate", of: Approximation.allCases.map(\.rawValue))
    approximation = name.flatMap(Approximation.init(rawValue:)) ?? .none
  }

  package func options(inputs: [Int]) -> [JSONValue.Member] {
    [JSONValue.Member("approximate", .string(approximation.rawValue))]
  }

  package var activation: Activation {
    switch approximation {
    case .none: .gelu
    case .tanh: .geluTanh
    }
  }
}
