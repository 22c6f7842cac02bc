package import KernelInstructions

extension ScalarMemory {
  /// Runs an instruction as its documentation says, one number at a time.
  package mutating func run(_ instruction: Instruction) {
    let old = self
    switch instruction {
    case .product(let product): run(product)
    case .transpose(let matrix, let result): map(result) { old[matrix, $1, $0] }
    case .columnSums(let matrix, let result, let end): run(columnSumsOf: matrix, result, end)
    case .fill(let matrix, let number): map(matrix) { _, _ in number }
    case .activate(let activation, let input, let result):
      map(result) { activation.value(old[input, $0, $1]) }
    case .differentiate(let derivative):
      map(derivative.inputGradient, derivative.destination) { row, column in
        derivative.activation.gradient(
          old[derivative.source, row, column], old[derivative.outputGradient, row, column])
      }
    case .combine(let combination, let first, let second, let result, let destination):
      map(result, destination) { row, column in
        combination.value(old[first, row, column], old[second, row, column])
      }
    case .scale(let matrix, let factor, let result, let destination):
      map(result, destination) { factor * old[matrix, $0, $1] }
    case .copyColumns(let copy): run(copy)
    case .softmax(let input, let result): run(softmaxOf: input, result)
    case .softmaxGradient(let output, let outputGradient, let result, let destination):
      for row in 0..<output.rows {
        let mean = rowSum(output.columns) {
          old[output, row, $0] * old[outputGradient, row, $0]
        }
        map(result.row(row), destination) { _, column in
          old[output, row, column] * (old[outputGradient, row, column] - mean)
        }
      }
    case .dropout(let dropout): run(dropout)
    case .normalization(let normalization): run(normalization)
    case .loss(let loss): run(loss)
    case .update(let update): run(update)
    }
  }

  private mutating func run(_ product: Product) {
    let old = self
    map(product.result) { row, column in
      var sum: Float =
        switch product.start {
        case .zero: 0
        case .row(let bias): old[bias, 0, column]
        case .existing: old[product.result, row, column]
        }
      for p in 0..<product.inner {
        let left =
          product.isLeftTransposed ? old[product.left, p, row] : old[product.left, row, p]
        sum.addProduct(left, old[product.right, p, column])
      }
      switch product.end {
      case .store: return sum
      case .relu: return sum < 0 ? 0 : sum
      case .whereAboveZero(let mask): return old[mask, row, column] <= 0 ? 0 : sum
      case .descend(let rate):
        return old[product.result, row, column].addingProduct(-old[rate, 0, 0], sum)
      }
    }
  }

  private mutating func run(columnSumsOf matrix: Matrix, _ result: Matrix, _ end: ColumnSumEnd) {
    let old = self
    map(result) { _, column in
      let sum = columnSum(matrix.rows) { old[matrix, $0, column] }
      switch end {
      case .store(.replace): return sum
      case .store(.add): return old[result, 0, column] + sum
      case .descend(let rate): return old[result, 0, column].addingProduct(-old[rate, 0, 0], sum)
      }
    }
  }

  private mutating func run(_ copy: ColumnCopy) {
    let old = self
    for row in 0..<copy.matrix.rows {
      for column in 0..<copy.columns {
        let value = old[copy.matrix, row, copy.column + column]
        let place = copy.resultColumn + column
        self[copy.result, row, place] =
          copy.destination == .add ? old[copy.result, row, place] + value : value
      }
    }
  }

  private mutating func run(softmaxOf input: Matrix, _ result: Matrix) {
    let old = self
    for row in 0..<input.rows {
      let most = greatest(old, input, row)
      let powers = (0..<input.columns).map { ElementaryFunction.exp(old[input, row, $0] - most) }
      let sum = rowSum(input.columns) { powers[$0] }
      map(result.row(row)) { powers[$1] / sum }
    }
  }

  private mutating func run(_ dropout: DropoutInstruction) {
    let old = self
    let state = (0..<3).map { old[dropout.state, 0, $0].bitPattern }
    let columns = dropout.matrix.columns
    let scale = 1 / (1 - dropout.rate)
    map(dropout.result, dropout.destination) { row, column in
      let words = philox(
        SIMD4(UInt32(row * ((columns + 3) / 4) + column / 4), state[2], 3, dropout.stream),
        SIMD2(state[0], state[1]))
      let isKept = Double(words[column % 4]) >= (Double(dropout.rate) * 0x1p32).rounded(.down)
      return isKept ? scale * old[dropout.matrix, row, column] : 0
    }
  }
}

/// The greatest number of a row by comparison from left to right.
func greatest(_ memory: ScalarMemory, _ matrix: Matrix, _ row: Int) -> Float {
  (1..<max(matrix.columns, 1)).reduce(memory[matrix, row, 0]) { greatest, column in
    memory[matrix, row, column] > greatest ? memory[matrix, row, column] : greatest
  }
}

/// Four chains over rows that are equal modulo 4, added as (0 + 1) + (2 + 3).
func columnSum(_ rows: Int, _ term: (Int) -> Float) -> Float {
  var chains: [Float] = [0, 0, 0, 0]
  for row in 0..<rows { chains[row % 4] += term(row) }
  return (chains[0] + chains[1]) + (chains[2] + chains[3])
}

/// Sixteen chains over columns that are equal modulo 16, added pairwise.
func rowSum(_ columns: Int, _ term: (Int) -> Float) -> Float {
  var chains = Array(repeating: Float(0), count: 16)
  for column in 0..<columns { chains[column % 16] += term(column) }
  for half in [8, 4, 2, 1] {
    for index in 0..<half { chains[index] += chains[index + half] }
  }
  return chains[0]
}

/// Philox4x32-10 as the paper gives it.
private func philox(_ counter: SIMD4<UInt32>, _ key: SIMD2<UInt32>) -> SIMD4<UInt32> {
  var (c, k) = (counter, key)
  for _ in 0..<10 {
    let first = UInt64(0xD251_1F53) * UInt64(c[0])
    let second = UInt64(0xCD9E_8D57) * UInt64(c[2])
    c = SIMD4(
      UInt32(second >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: second),
      UInt32(first >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: first))
    k = k &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
  }
  return c
}
