import KernelInstructions
import KernelReferenceV3
import Kernels
import TestSupport
import Testing

/// Instructions with numbers to run them on, run by the kernels and by the scalar reference.
struct Script {
  private(set) var layout = PaddedLayout()
  private(set) var instructions: [Instruction] = []
  private var values: [(matrix: Matrix, elements: [Float])] = []
  private var doubles: [Matrix] = []
  private var forgotten: [Matrix] = []

  /// How the kernels run.
  struct Run: CustomTestStringConvertible {
    let set: KernelSet
    let threads: Int
    var testDescription: String { "\(set), \(threads) threads" }

    /// Each set that this processor can run, alone and as teams.
    static let all = KernelSet.available.flatMap { set in
      [1, 2, 3].map { Run(set: set, threads: $0) }
    }

    static let alone = KernelSet.available.map { Run(set: $0, threads: 1) }
  }

  /// A matrix of the given numbers.
  mutating func matrix(_ rows: Int, _ columns: Int, _ elements: [Float]) -> Matrix {
    let matrix = layout.matrix(rows: rows, columns: columns)
    values.append((matrix, elements))
    return matrix
  }

  /// A row of doubles.
  mutating func doubles(_ numbers: [Double]) -> Matrix {
    let elements = numbers.flatMap { number -> [Float] in
      [
        Float(bitPattern: UInt32(truncatingIfNeeded: number.bitPattern)),
        Float(bitPattern: UInt32(truncatingIfNeeded: number.bitPattern >> 32)),
      ]
    }
    let matrix = layout.matrix(rows: 1, columns: 2 * numbers.count)
    values.append((matrix, elements))
    doubles.append(matrix)
    return matrix
  }

  mutating func append(_ instruction: Instruction) { instructions.append(instruction) }

  /// Leaves a matrix out of what is compared.
  mutating func forget(_ matrix: Matrix) { forgotten.append(matrix) }

  /// Whether what a matrix ends with is left open.
  func isForgotten(_ index: Int) -> Bool { forgotten.contains(values[index].matrix) }

  /// Work that makes a team share the whole program.
  mutating func appendWork() {
    let size = 200
    precondition(2 * size * size * size >= Team.sharedWorkMin, "It is enough to be shared")
    let operand = matrix(size, size, Array(repeating: 0.5, count: size * size))
    let result = matrix(size, size, Array(repeating: 0, count: size * size))
    append(.product(Product(left: operand, right: operand, result: result)))
  }

  /// The instructions as one program, joined where they can be.
  var program: Program {
    instructions.reduce(into: Program()) { $0.append($1) }
  }

  /// Every number after the kernels have run, matrix after matrix.
  func computed(_ run: Run, separately: Bool = false) -> [[Float]] {
    let team = run.threads == 1 ? Team.alone : ThreadPool(threads: run.threads).team()
    var arena = layout.arena(team: team, set: run.set)
    for (matrix, elements) in values { arena.fill(matrix, with: elements) }
    if separately {
      for instruction in instructions {
        var program = Program()
        program.append(instruction)
        arena.run(program)
      }
    } else {
      arena.run(program)
    }
    return values.map { arena.elements(of: $0.matrix) }
  }

  /// Every number after the reference has run.
  func expected() -> [[Float]] {
    var memory = ScalarMemory(size: layout.narrow.size)
    for (matrix, elements) in values { memory.fill(matrix, with: elements) }
    for instruction in instructions { memory.run(instruction) }
    return values.map { memory.elements(of: $0.matrix) }
  }

  /// Expects each run to give the reference's bits in every matrix, operands included.
  func expectReference(
    _ runs: [Run] = Run.alone, _ comment: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let expected = expected()
    for run in runs {
      let computed = computed(run)
      for (index, value) in values.enumerated() where !isForgotten(index) {
        let isDouble = doubles.contains(value.matrix)
        let isSame =
          isDouble
          ? sameDoubles(computed[index], expected[index])
          : sameBits(computed[index], expected[index])
        #expect(
          isSame, "\(comment()): \(run.testDescription), matrix \(index)",
          sourceLocation: sourceLocation)
      }
    }
  }
}

/// Whether pairs of numbers are the halves of equal doubles; any NaN is like any other.
private func sameDoubles(_ left: [Float], _ right: [Float]) -> Bool {
  func doubles(_ halves: [Float]) -> [Double] {
    stride(from: 0, to: halves.count, by: 2).map { index in
      Double(
        bitPattern: UInt64(halves[index].bitPattern) | UInt64(halves[index + 1].bitPattern) << 32)
    }
  }
  return doubles(left).elementsEqual(doubles(right)) {
    $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN)
  }
}

extension Program {
  /// Appends an instruction by the method that is named after it.
  mutating func append(_ instruction: Instruction) {
    switch instruction {
    case .product(let product): append(product)
    case .transpose(let matrix, let result): transpose(matrix, into: result)
    case .columnSums(let matrix, let result, .store(let destination)):
      columnSums(of: matrix, into: result, destination)
    case .columnSums: preconditionFailure("Only joining makes sums descend")
    case .fill(let matrix, let number): fill(matrix, with: number)
    case .activate(let activation, let input, let result): activate(activation, input, into: result)
    case .differentiate(let derivative):
      differentiate(
        derivative.activation, source: derivative.source,
        outputGradient: derivative.outputGradient, into: derivative.inputGradient,
        derivative.destination)
    case .combine(let combination, let first, let second, let result, let destination):
      combine(combination, first, second, into: result, destination)
    case .scale(let matrix, let factor, let result, let destination):
      scale(matrix, by: factor, into: result, destination)
    case .copyColumns(let copy):
      copyColumns(
        of: copy.matrix, from: copy.column, count: copy.columns, into: copy.result,
        at: copy.resultColumn, copy.destination)
    case .softmax(let input, let result): softmax(input, into: result)
    case .softmaxGradient(let output, let outputGradient, let result, let destination):
      softmaxGradient(output: output, outputGradient: outputGradient, into: result, destination)
    case .dropout(let dropout): self.dropout(dropout)
    case .normalization(let normalization): normalize(normalization)
    case .loss(let loss): self.loss(loss)
    case .update(let update): self.update(update)
    }
  }

  private mutating func append(_ product: Product) {
    precondition(product.end == .store, "Only joining makes products end otherwise")
    if product.isLeftTransposed {
      self.product(
        transposed: product.left, product.right, into: product.result, from: product.start)
    } else {
      self.product(product.left, product.right, into: product.result, from: product.start)
    }
  }
}
