package import KernelInstructions

/// A tensor of an operator that is kept with the model, before it has values.
package struct ParameterDeclaration: Sendable {
  /// The name within the operator: `weight`, `bias`.
  package let name: String

  /// Rows and columns; a bias has the shape `[columns]` for clients and one row within.
  package let shape: [Int]

  /// What initializers make their bounds of.
  package let fans: Fans

  /// Whether steps change it; else it is a statistic, such as a running mean.
  package let isTrained: Bool

  /// How the first values are chosen.
  package let initializer: any Initializer

  package init(
    name: String, shape: [Int], fans: Fans, isTrained: Bool = true, initializer: any Initializer
  ) {
    self.name = name
    self.shape = shape
    self.fans = fans
    self.isTrained = isTrained
    self.initializer = initializer
  }

  /// The number of its numbers.
  package var count: Int { shape.reduce(1, *) }

  /// Rows of the matrix that holds it.
  var rows: Int { shape.count < 2 ? 1 : shape[0] }

  /// Columns of the matrix that holds it.
  var columns: Int { shape.last ?? 1 }
}

/// How many inputs each output sums, and how many outputs each input feeds.
package struct Fans: Hashable, Sendable {
  package let `in`: Int
  package let out: Int

  package init(in: Int, out: Int) {
    self.in = `in`
    self.out = out
  }
}

/// Where a parameter and what its training needs lie.
package struct ParameterSite: Sendable {
  package let value: Matrix
  /// Where the gradient of the loss with respect to the value goes; nil unless it is trained.
  package let gradient: GradientTarget?
  /// What the optimizer keeps between steps, as many matrices as it asks for.
  package let state: [Matrix]
}
