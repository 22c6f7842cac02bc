/// The values that the client wrote.
package struct ExplicitValues: Initializer {
  package let tensor: Tensor

  package init(_ tensor: Tensor) {
    self.tensor = tensor
  }

  package func values(count: Int, from generator: inout SeededGenerator) -> [Float] {
    precondition(tensor.elements.count == count, "Shapes are checked when the operator is read")
    return tensor.elements
  }
}
