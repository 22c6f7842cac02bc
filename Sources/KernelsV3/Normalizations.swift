internal import KernelInstructions

extension Normalization {
  @inline(never)
  func run(_ memory: Memory) {
    switch self {
    case .columnStatistics(let matrix, let mean, let variance):
      measureColumns(memory, matrix, mean: mean, variance: variance)
    case .blend(
      let mean, let variance, let runningMean, let runningVariance, let momentum, let rows):
      // PyTorch keeps the unbiased variance, which one row does not have.
      let unbiased = rows > 1 ? Float(rows) / Float(rows &- 1) : 1
      move(memory, mean, into: runningMean, momentum: momentum, factor: 1)
      move(memory, variance, into: runningVariance, momentum: momentum, factor: unbiased)
    case .columns(
      let matrix, let mean, let variance, let epsilon, let weight, let bias, let result):
      forEachVector(matrix.columns) { column in
        let mean = memory[lanes: mean.offset &+ column]
        let scale = inverseDeviation(memory[lanes: variance.offset &+ column], epsilon)
        let weight = memory[lanes: weight.offset &+ column]
        let bias = memory[lanes: bias.offset &+ column]
        for row in 0..<matrix.rows {
          let input = memory[lanes: matrix.offset &+ row &* matrix.stride &+ column]
          memory[lanes: result.offset &+ row &* result.stride &+ column] =
            bias.addingProduct((input - mean) * scale, weight)
        }
      }
    case .columnGradientSums(let site, let sums, let products):
      forEachVector(site.input.columns) { column in
        memory[lanes: sums.offset &+ column] = columnSum(rows: site.input.rows) {
          site.gradient(memory, $0, column)
        }
        let normalized = site.normalized(memory, column)
        memory[lanes: products.offset &+ column] = columnSum(rows: site.input.rows) {
          site.gradient(memory, $0, column) * normalized($0)
        }
      }
    case .columnGradient(let site, let weight, let sums, let products, let result, let destination):
      site.inputGradient(
        memory, weight: weight, sums: sums, products: products, into: result, destination)
    case .rows(let matrix, let epsilon, let weight, let bias, let result):
      for row in 0..<matrix.rows {
        let statistics = RowStatistics(memory, matrix, row, epsilon)
        forEachVector(matrix.columns) { column in
          memory[lanes: result.offset &+ row &* result.stride &+ column] =
            memory[lanes: bias.offset &+ column].addingProduct(
              statistics.normalized(memory, column), memory[lanes: weight.offset &+ column])
        }
      }
    case .rowGradient(let site): site.run(memory)
    case .standardize(let matrix, let mean, let deviation, let result):
      forEachVector(matrix.columns) { column in
        let mean = memory[lanes: mean.offset &+ column]
        let deviation = memory[lanes: deviation.offset &+ column]
        for row in 0..<matrix.rows {
          memory[lanes: result.offset &+ row &* result.stride &+ column] =
            (memory[lanes: matrix.offset &+ row &* matrix.stride &+ column] - mean) / deviation
        }
      }
    }
  }
}

@inline(__always)
private func inverseDeviation(_ variance: Lanes, _ epsilon: Float) -> Lanes {
  1 / Elementary.squareRoot(variance + epsilon)
}

@inline(__always)
private func measureColumns(_ memory: Memory, _ matrix: Matrix, mean: Matrix, variance: Matrix) {
  let rows = Float(matrix.rows)
  forEachVector(matrix.columns) { column in
    @inline(__always)
    func number(_ row: Int) -> Lanes {
      memory[lanes: matrix.offset &+ row &* matrix.stride &+ column]
    }
    let center = columnSum(rows: matrix.rows, number) / rows
    memory[lanes: mean.offset &+ column] = center
    memory[lanes: variance.offset &+ column] =
      columnSum(rows: matrix.rows) { row in
        let distance = number(row) - center
        return distance * distance
      } / rows
  }
}

@inline(__always)
private func move(
  _ memory: Memory, _ statistic: Matrix, into running: Matrix, momentum: Float, factor: Float
) {
  forEachVector(statistic.columns) { column in
    let new = factor * memory[lanes: statistic.offset &+ column]
    memory[lanes: running.offset &+ column] =
      (1 - momentum) * memory[lanes: running.offset &+ column] + momentum * new
  }
}

extension BatchNormSite {
  @inline(__always)
  fileprivate func gradient(_ memory: Memory, _ row: Int, _ column: Int) -> Lanes {
    memory[lanes: outputGradient.offset &+ row &* outputGradient.stride &+ column]
  }

  /// The normalised number of each row in the columns from the given one on.
  @inline(__always)
  fileprivate func normalized(_ memory: Memory, _ column: Int) -> (Int) -> Lanes {
    let mean = memory[lanes: mean.offset &+ column]
    let scale = inverseDeviation(memory[lanes: variance.offset &+ column], epsilon)
    return { row in
      (memory[lanes: input.offset &+ row &* input.stride &+ column] - mean) * scale
    }
  }

  @inline(__always)
  fileprivate func inputGradient(
    _ memory: Memory, weight: Matrix, sums: Matrix, products: Matrix, into result: Matrix,
    _ destination: Destination
  ) {
    let rows = Float(input.rows)
    forEachVector(input.columns) { column in
      let normalized = normalized(memory, column)
      let scale =
        inverseDeviation(memory[lanes: variance.offset &+ column], epsilon)
        * memory[lanes: weight.offset &+ column]
      let sum = memory[lanes: sums.offset &+ column] / rows
      let product = memory[lanes: products.offset &+ column] / rows
      for row in 0..<input.rows {
        let rest = gradient(memory, row, column) - sum - normalized(row) * product
        memory.put(
          scale * rest, result.offset &+ row &* result.stride &+ column, destination)
      }
    }
  }
}

/// Mean and deviation of one row.
private struct RowStatistics {
  let start: Int
  let mean: Lanes
  let scale: Lanes

  @inline(__always)
  init(_ memory: Memory, _ matrix: Matrix, _ row: Int, _ epsilon: Float) {
    start = matrix.offset &+ row &* matrix.stride
    let start = start
    let columns = Float(matrix.columns)
    let center = RowChains.sum(matrix.columns) { memory[lanes: start &+ $0] } / columns
    let squares = RowChains.sum(matrix.columns) { column in
      let distance = memory[lanes: start &+ column] - center
      return distance * distance
    }
    mean = Lanes(repeating: center)
    scale = inverseDeviation(Lanes(repeating: squares / columns), epsilon)
  }

  @inline(__always)
  func normalized(_ memory: Memory, _ column: Int) -> Lanes {
    (memory[lanes: start &+ column] - mean) * scale
  }
}

extension LayerNormSite {
  @inline(__always)
  fileprivate func run(_ memory: Memory) {
    if parameterDestination == .replace {
      forEachVector(input.columns) { column in
        memory[lanes: weightGradient.offset &+ column] = .zero
        memory[lanes: biasGradient.offset &+ column] = .zero
      }
    }
    for row in 0..<input.rows {
      let statistics = RowStatistics(memory, input, row, epsilon)
      let gradients = outputGradient.offset &+ row &* outputGradient.stride
      forEachVector(input.columns) { column in
        let gradient = memory[lanes: gradients &+ column]
        memory[lanes: biasGradient.offset &+ column] += gradient
        memory[lanes: weightGradient.offset &+ column] +=
          gradient * statistics.normalized(memory, column)
      }
      guard let inputGradient else { continue }
      @inline(__always)
      func weighted(_ column: Int) -> Lanes {
        memory[lanes: gradients &+ column] * memory[lanes: weight.offset &+ column]
      }
      let columns = Float(input.columns)
      let sum = RowChains.sum(input.columns, weighted) / columns
      let product =
        RowChains.sum(input.columns) {
          weighted($0) * statistics.normalized(memory, $0)
        } / columns
      forEachVector(input.columns) { column in
        let rest = weighted(column) - sum - statistics.normalized(memory, column) * product
        memory.put(
          statistics.scale * rest,
          inputGradient.offset &+ row &* inputGradient.stride &+ column, destination)
      }
    }
  }
}
