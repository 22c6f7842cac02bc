package import KernelInstructions

/// A list of instructions, written down once and run at each step.
///
/// Each method checks the shapes and appends what it is named after; ``Instruction`` has the
/// formulas. What can be done together is joined (``Program/join(_:)``), which changes no bit.
package struct Program: Sendable {
  private(set) var instructions = InstructionList()

  /// What each instruction reads or writes, and what it may write; as it is asked for often.
  private(set) var operands: [[Matrix]] = []
  private(set) var results: [[Matrix]] = []

  /// One more than the greatest index that an instruction touches.
  private(set) var extent = 0

  /// About how many multiplications and additions it takes, to decide whether threads pay.
  private(set) var work = 0

  package init() {}

  /// Copies each matrix into the other of the same place.
  package init(copying matrices: [Matrix], into results: [Matrix]) {
    for (matrix, result) in zip(matrices, results) { copy(matrix, into: result) }
  }

  /// The number of instructions.
  package var count: Int { instructions.count }

  private mutating func append(_ instruction: Instruction, work: Int) {
    for matrix in instruction.matrices {
      precondition(matrix.offset >= 0, "A matrix lies in an arena")
      extent = max(extent, matrix.offset + matrix.size)
    }
    if join(instruction) { return }
    self.work += work
    appendJoined(instruction)
  }

  /// Appends what an instruction was turned into.
  mutating func appendJoined(_ instruction: Instruction) {
    instructions.append(instruction)
    operands.append(instruction.matrices)
    results.append(instruction.results)
  }

  /// Changes the product at an index; only what joins instructions does so.
  mutating func replace(at index: Int, by product: Product) {
    instructions.replace(at: index, by: product)
    note(index)
  }

  /// Changes the sums of columns at an index; only what joins instructions does so.
  mutating func replace(at index: Int, by sums: InstructionList.ColumnSums) {
    instructions.replace(at: index, by: sums)
    note(index)
  }

  private mutating func note(_ index: Int) {
    operands[index] = instructions[index].matrices
    results[index] = instructions[index].results
  }

  /// Multiplies two matrices.
  ///
  /// - Parameters:
  ///   - left: Shape `[n, k]`.
  ///   - right: Shape `[k, m]`.
  ///   - result: Shape `[n, m]`; overlaps neither operand.
  ///   - start: What each sum begins with.
  package mutating func product(
    _ left: Matrix, _ right: Matrix, into result: Matrix, from start: Product.Start = .zero
  ) {
    append(Product(left: left, right: right, result: result, start: start))
  }

  /// Multiplies the transposed left matrix.
  ///
  /// - Parameters:
  ///   - left: Shape `[k, n]`.
  ///   - right: Shape `[k, m]`.
  ///   - result: Shape `[n, m]`; overlaps neither operand.
  ///   - start: What each sum begins with.
  package mutating func product(
    transposed left: Matrix, _ right: Matrix, into result: Matrix, from start: Product.Start = .zero
  ) {
    append(
      Product(left: left, isLeftTransposed: true, right: right, result: result, start: start))
  }

  private mutating func append(_ product: Product) {
    let (left, right, result) = (product.left, product.right, product.result)
    precondition(
      product.inner == right.rows && right.columns == result.columns
        && (product.isLeftTransposed ? left.columns : left.rows) == result.rows,
      "A product's shapes fit")
    precondition(
      !result.overlaps(left) && !result.overlaps(right), "A product overlaps no operand")
    if case .row(let row) = product.start {
      precondition(row.rows == 1 && row.columns == result.columns, "A bias has the result's width")
    }
    append(.product(product), work: 2 * result.size * product.inner)
  }

  /// Copies the matrix with rows and columns exchanged; the two do not overlap.
  package mutating func transpose(_ matrix: Matrix, into result: Matrix) {
    precondition(
      matrix.rows == result.columns && matrix.columns == result.rows, "The shapes are each other's")
    append(.transpose(matrix, into: result), work: matrix.size)
  }

  /// Sums each column.
  package mutating func columnSums(
    of matrix: Matrix, into result: Matrix, _ destination: Destination = .replace
  ) {
    checkRow(result, matrix)
    append(.columnSums(matrix, into: result, .store(destination)), work: matrix.size)
  }

  /// Sets every number.
  package mutating func fill(_ matrix: Matrix, with number: Float) {
    append(.fill(matrix, with: number), work: matrix.size)
  }

  /// Applies a function to each number; `result` may be `input`.
  package mutating func activate(_ activation: Activation, _ input: Matrix, into result: Matrix) {
    checkShapes(input, result)
    append(.activate(activation, input, into: result), work: 8 * result.size)
  }

  /// Takes a gradient back through an activation.
  ///
  /// - Parameters:
  ///   - activation: The function.
  ///   - source: Its input, or its output where ``Activation/isDerivedFromOutput``.
  ///   - outputGradient: The gradient with respect to its output; may be the result.
  ///   - inputGradient: Receives the gradient with respect to its input.
  ///   - destination: Whether it replaces what is there.
  package mutating func differentiate(
    _ activation: Activation, source: Matrix, outputGradient: Matrix, into inputGradient: Matrix,
    _ destination: Destination
  ) {
    checkShapes(source, outputGradient)
    checkShapes(source, inputGradient)
    append(
      .differentiate(
        Derivative(
          activation, source: source, outputGradient: outputGradient, inputGradient: inputGradient,
          destination)), work: 4 * source.size)
  }

  /// Combines two matrices number by number; the result may be one of them.
  package mutating func combine(
    _ combination: Combination, _ first: Matrix, _ second: Matrix, into result: Matrix,
    _ destination: Destination = .replace
  ) {
    checkShapes(first, second)
    checkShapes(first, result)
    append(
      .combine(combination, first, second, into: result, destination), work: result.size)
  }

  /// `result = factor * matrix`, or adds that.
  package mutating func scale(
    _ matrix: Matrix, by factor: Float, into result: Matrix, _ destination: Destination
  ) {
    checkShapes(matrix, result)
    append(.scale(matrix, by: factor, into: result, destination), work: result.size)
  }

  /// `result = matrix`, or `result += matrix`.
  package mutating func copy(
    _ matrix: Matrix, into result: Matrix, _ destination: Destination = .replace
  ) {
    scale(matrix, by: 1, into: result, destination)
  }

  /// Copies neighbouring columns of each row.
  package mutating func copyColumns(
    of matrix: Matrix, from column: Int = 0, count: Int, into result: Matrix,
    at resultColumn: Int = 0, _ destination: Destination
  ) {
    precondition(
      matrix.rows == result.rows && column >= 0 && column + count <= matrix.columns
        && resultColumn >= 0 && resultColumn + count <= result.columns, "The columns exist")
    append(
      .copyColumns(
        ColumnCopy(
          matrix, column: column, columns: count, into: result, resultColumn: resultColumn,
          destination)), work: matrix.rows * count)
  }

  /// The softmax of each row.
  package mutating func softmax(_ input: Matrix, into result: Matrix) {
    checkShapes(input, result)
    append(.softmax(input, into: result), work: 16 * input.size)
  }

  /// Takes a gradient back through a softmax.
  package mutating func softmaxGradient(
    output: Matrix, outputGradient: Matrix, into inputGradient: Matrix, _ destination: Destination
  ) {
    checkShapes(output, outputGradient)
    checkShapes(output, inputGradient)
    append(
      .softmaxGradient(
        output: output, outputGradient: outputGradient, into: inputGradient, destination),
      work: 8 * output.size)
  }

  /// Drops numbers by chance.
  package mutating func dropout(_ dropout: DropoutInstruction) {
    checkShapes(dropout.matrix, dropout.result)
    precondition(dropout.rate >= 0 && dropout.rate < 1, "Something is kept")
    precondition(dropout.state.columns >= 3, "The state has a seed and a step")
    append(.dropout(dropout), work: 16 * dropout.matrix.size)
  }

  /// Shifts and scales by means and deviations.
  package mutating func normalize(_ normalization: Normalization) {
    normalization.check()
    append(
      .normalization(normalization),
      work: 8 * (Instruction.normalization(normalization).matrices.map(\.size).max() ?? 0))
  }

  /// Computes losses or where their gradients begin.
  package mutating func loss(_ loss: LossInstruction) {
    loss.check()
    append(.loss(loss), work: 16 * (Instruction.loss(loss).matrices.map(\.size).max() ?? 0))
  }

  /// Changes parameters or their gradients.
  package mutating func update(_ update: UpdateInstruction) {
    update.check()
    append(
      .update(update), work: 4 * (Instruction.update(update).matrices.first?.size ?? 0))
  }
}

/// A program to which nothing is added any more, ready to be run many times.
package final class FinishedProgram: Sendable {
  let code: InstructionCode
  let extent: Int
  let work: Int

  package init(_ program: Program) {
    code = InstructionCode(program.instructions)
    extent = program.extent
    work = program.work
  }
}

func checkShapes(_ first: Matrix, _ second: Matrix) {
  precondition(first.rows == second.rows && first.columns == second.columns, "Equal shapes")
}

func checkRow(_ row: Matrix, _ matrix: Matrix) {
  precondition(row.rows == 1 && row.columns == matrix.columns, "A number for each column")
}
