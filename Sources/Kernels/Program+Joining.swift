internal import KernelInstructions

extension Program {
  /// Lets an earlier instruction do what this one would, so that a result need not be stored and
  /// read again.
  ///
  /// - Returns: Whether it was joined; else it has to be appended.
  mutating func join(_ instruction: Instruction) -> Bool {
    switch instruction {
    case .activate(.relu, let input, let result) where input == result:
      join(to: input) { product in
        product.end = .relu
      }
    case .differentiate(let derivative):
      joinMask(derivative)
    case .update(.descend(let value, let gradient, let rate)):
      joinStep(value, gradient: gradient, rate: rate)
    case .transpose(let matrix, let result):
      joinTransposedStep(of: matrix, into: result)
    default: false
    }
  }

  /// Changes the product that made a matrix, if it was the last to touch it and ends plainly.
  ///
  /// - Parameters:
  ///   - matrix: The product's result.
  ///   - source: What the change makes the product read, which nothing may have changed since.
  ///   - change: What to do.
  /// - Returns: Whether there is such a product.
  private mutating func join(
    to matrix: Matrix, reading source: Matrix? = nil, _ change: (inout Product) -> Void
  ) -> Bool {
    guard let index = operands.lastIndex(where: { $0.touches(matrix) }),
      case .product(var product) = instructions[index], product.result == matrix,
      product.end == .store
    else { return false }
    if let source, results[index...].contains(where: { $0.touches(source) }) { return false }
    change(&product)
    replace(at: index, by: product)
    return true
  }

  private mutating func joinMask(_ derivative: Derivative) -> Bool {
    guard derivative.activation == .relu, derivative.destination == .replace,
      derivative.outputGradient == derivative.inputGradient
    else { return false }
    return join(to: derivative.outputGradient, reading: derivative.source) { product in
      product.end = .whereAboveZero(derivative.source)
    }
  }

  /// Takes a step while the gradient is still in registers.
  ///
  /// Sums of more products than fit the registers' turn are stored in between, where the parameter
  /// already stands; and nothing but the step may want the gradient.
  private mutating func joinStep(_ value: Matrix, gradient: Matrix, rate: Matrix) -> Bool {
    let users = operands.indices.filter { operands[$0].touches(gradient) }
    guard users.count == 1, let index = users.first,
      !operands[index...].contains(where: { $0.touches(value) }),
      !results[index...].contains(where: { $0.touches(rate) })
    else { return false }
    switch instructions[index] {
    case .product(var product):
      guard product.result == gradient, product.end == .store, product.start == .zero,
        product.inner <= Product.innerAtOnce
      else { return false }
      product.result = value
      product.end = .descend(rate: rate)
      replace(at: index, by: product)
    case .columnSums(let matrix, into: gradient, .store(.replace)):
      replace(
        at: index,
        by: InstructionList.ColumnSums(matrix: matrix, result: value, end: .descend(rate: rate)))
    default: return false
    }
    return true
  }

  /// The most products of a sum for which a second product costs less than a transposition.
  private static let transposedInnerMax = 12

  /// Takes the step of a product on the transposed parameter too, instead of transposing it.
  ///
  /// Factors may be exchanged, so the sums have the same bits. What stands there is the transposed
  /// parameter already, from before the step.
  private mutating func joinTransposedStep(of matrix: Matrix, into result: Matrix) -> Bool {
    guard let index = operands.lastIndex(where: { $0.touches(matrix) }),
      case .product(let product) = instructions[index], product.result == matrix,
      case .descend(let rate) = product.end, product.isLeftTransposed,
      product.inner <= Program.transposedInnerMax,
      !operands[index...].contains(where: { $0.touches(result) }),
      !results[index...].contains(where: {
        $0.touches(product.left) || $0.touches(product.right) || $0.touches(rate)
      })
    else { return false }
    appendJoined(
      .product(
        Product(
          left: product.right, isLeftTransposed: true, right: product.left, result: result,
          end: product.end)))
    return true
  }
}

extension [Matrix] {
  fileprivate func touches(_ matrix: Matrix) -> Bool {
    contains { $0.overlaps(matrix) }
  }
}
