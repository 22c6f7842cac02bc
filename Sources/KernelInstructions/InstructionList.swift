/// Instructions in the order in which they are run, those that a step runs most often apart.
///
/// An instruction is a value of many forms, and to look into one is to copy it. What small networks
/// run by the dozen in less than a microsecond lies in lists of one form each, where nothing needs
/// to be copied.
package struct InstructionList: Sendable {
  /// Where an instruction lies: in which list, and at which index of it.
  package struct Step: BitwiseCopyable, Sendable {
    package let form: Form
    package let index: UInt32
  }

  /// The lists.
  package enum Form: UInt8, BitwiseCopyable, Sendable {
    case product
    case columnSums
    case loss
    case other
  }

  /// A ``Instruction/columnSums(_:into:_:)``.
  package struct ColumnSums: BitwiseCopyable, Sendable {
    package let matrix: Matrix
    package let result: Matrix
    package let end: ColumnSumEnd

    package init(matrix: Matrix, result: Matrix, end: ColumnSumEnd) {
      self.matrix = matrix
      self.result = result
      self.end = end
    }
  }

  private(set) var steps: [Step] = []
  private(set) var products: [Product] = []
  private(set) var columnSums: [ColumnSums] = []
  private(set) var losses: [LossInstruction] = []
  private(set) var others: [Instruction] = []

  package init() {}

  /// Adds an instruction at the end.
  package mutating func append(_ instruction: Instruction) {
    switch instruction {
    case .product(let product):
      steps.append(Step(form: .product, index: UInt32(products.count)))
      products.append(product)
    case .columnSums(let matrix, let result, let end):
      steps.append(Step(form: .columnSums, index: UInt32(columnSums.count)))
      columnSums.append(ColumnSums(matrix: matrix, result: result, end: end))
    case .loss(let loss):
      steps.append(Step(form: .loss, index: UInt32(losses.count)))
      losses.append(loss)
    case .transpose, .fill, .activate, .differentiate, .combine, .scale, .copyColumns, .softmax,
      .softmaxGradient, .dropout, .normalization, .update:
      steps.append(Step(form: .other, index: UInt32(others.count)))
      others.append(instruction)
    }
  }
}

extension InstructionList: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { steps.count }

  package subscript(position: Int) -> Instruction {
    let index = Int(steps[position].index)
    switch steps[position].form {
    case .product: return .product(products[index])
    case .columnSums:
      let sums = columnSums[index]
      return .columnSums(sums.matrix, into: sums.result, sums.end)
    case .loss: return .loss(losses[index])
    case .other: return others[index]
    }
  }

  /// Changes a product, which stays one.
  package mutating func replace(at position: Int, by product: Product) {
    precondition(steps[position].form == .product, "A product takes a product's place")
    products[Int(steps[position].index)] = product
  }

  /// Changes sums of columns, which stay such.
  package mutating func replace(at position: Int, by sums: ColumnSums) {
    precondition(steps[position].form == .columnSums, "Sums take the place of sums")
    columnSums[Int(steps[position].index)] = sums
  }
}
