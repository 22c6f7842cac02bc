package import Kernels

/// A trained tensor of an operator, before it has values: its name, its shape, how it begins.
package struct ParameterDeclaration: Sendable {
  /// The name within the operator: `weight`, `bias`.
  package let name: String

  /// Rows and columns; a bias has the shape `[columns]` for clients and one row within.
  package let shape: [Int]

  /// How the first values are chosen.
  package let initializer: any Initializer

  package init(name: String, shape: [Int], initializer: any Initializer) {
    self.name = name
    self.shape = shape
    self.initializer = initializer
  }

  /// The number of trained numbers.
  package var count: Int { shape.reduce(1, *) }

  /// Rows of the matrix that holds it.
  var rows: Int { shape.count < 2 ? 1 : shape[0] }

  /// Columns of the matrix that holds it.
  var columns: Int { shape.last ?? 1 }
}

/// Where a parameter and what its training needs lie.
package struct ParameterSite: Sendable {
  package let value: Matrix
  /// The gradient of the loss with respect to the value.
  package let gradient: Matrix
  /// What the optimizer keeps between steps, as many matrices as it asks for.
  package let state: [Matrix]
}
