/// A rectangular array of numbers in row-major order: data of a client, never of a training step.
package struct Tensor: Hashable, Sendable {
  /// The number of entries along each dimension; empty for a single number.
  package let shape: [Int]

  /// All entries, the last dimension varying fastest; as many as the product of ``shape``.
  package let elements: [Float]

  /// Makes a tensor of the given entries.
  ///
  /// - Parameters:
  ///   - shape: The number of entries along each dimension, each at least 0.
  ///   - elements: As many numbers as the product of `shape`.
  package init(shape: [Int], elements: [Float]) {
    precondition(
      shape.reduce(1, *) == elements.count, "A tensor has as many elements as its shape says")
    self.shape = shape
    self.elements = elements
  }

  /// The number of entries along the first dimension, the samples of a data set.
  package var rows: Int { shape.first ?? 1 }

  /// The number of entries of one row, the features of a sample.
  package var columns: Int { shape.dropFirst().reduce(1, *) }
}
