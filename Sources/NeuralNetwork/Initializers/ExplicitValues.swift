/// The values that the client wrote.
package struct ExplicitValues: Initializer {
  package let tensor: Tensor

  package init(_ tensor: Tensor) {
    self.tensor = tensor
  }

  package func values(
    for declaration: ParameterDeclaration, input: Tensor?, from generator: inout SeededGenerator
  ) -> [Float] {
    precondition(
      tensor.elements.count == declaration.count, "Shapes are checked when the operator is read")
    return tensor.elements
  }
}
