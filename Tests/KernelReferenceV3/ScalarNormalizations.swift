internal import KernelInstructions

extension ScalarMemory {
  mutating func run(_ normalization: Normalization) {
    let old = self
    switch normalization {
    case .columnStatistics(let matrix, let mean, let variance):
      measure(matrix, mean: mean, variance: variance)
    case .blend(
      let mean, let variance, let runningMean, let runningVariance, let momentum, let rows):
      let unbiased = rows > 1 ? Float(rows) / Float(rows - 1) : 1
      map(runningMean) { _, column in
        (1 - momentum) * old[runningMean, 0, column] + momentum * old[mean, 0, column]
      }
      map(runningVariance) { _, column in
        (1 - momentum) * old[runningVariance, 0, column]
          + momentum * (unbiased * old[variance, 0, column])
      }
    case .columns(
      let matrix, let mean, let variance, let epsilon, let weight, let bias, let result):
      map(result) { row, column in
        let normal =
          (old[matrix, row, column] - old[mean, 0, column])
          * inverseDeviation(old[variance, 0, column], epsilon)
        return old[bias, 0, column].addingProduct(normal, old[weight, 0, column])
      }
    case .columnGradientSums(let site, let sums, let products):
      map(sums) { _, column in
        columnSum(site.input.rows) { old[site.outputGradient, $0, column] }
      }
      map(products) { _, column in
        columnSum(site.input.rows) {
          old[site.outputGradient, $0, column] * old.normal(site, $0, column)
        }
      }
    case .columnGradient(let site, let weight, let sums, let products, let result, let end):
      let rows = Float(site.input.rows)
      map(result, end) { row, column in
        let rest =
          old[site.outputGradient, row, column] - old[sums, 0, column] / rows
          - old.normal(site, row, column) * (old[products, 0, column] / rows)
        let scale =
          inverseDeviation(old[site.variance, 0, column], site.epsilon) * old[weight, 0, column]
        return scale * rest
      }
    case .rows(let matrix, let epsilon, let weight, let bias, let result):
      for row in 0..<matrix.rows {
        let normals = old.normals(matrix, row, epsilon).numbers
        map(result.row(row)) { _, column in
          old[bias, 0, column].addingProduct(normals[column], old[weight, 0, column])
        }
      }
    case .rowGradient(let site): run(site)
    case .standardize(let matrix, let mean, let deviation, let result):
      map(result) { row, column in
        (old[matrix, row, column] - old[mean, 0, column]) / old[deviation, 0, column]
      }
    }
  }

  private mutating func measure(_ matrix: Matrix, mean: Matrix, variance: Matrix) {
    let old = self
    let rows = Float(matrix.rows)
    map(mean) { _, column in columnSum(matrix.rows) { old[matrix, $0, column] } / rows }
    let means = elements(of: mean)
    map(variance) { _, column in
      columnSum(matrix.rows) { row in
        let distance = old[matrix, row, column] - means[column]
        return distance * distance
      } / rows
    }
  }

  private func normal(_ site: BatchNormSite, _ row: Int, _ column: Int) -> Float {
    (self[site.input, row, column] - self[site.mean, 0, column])
      * inverseDeviation(self[site.variance, 0, column], site.epsilon)
  }

  /// The normalised numbers of a row, and the factor that made them.
  private func normals(
    _ matrix: Matrix, _ row: Int, _ epsilon: Float
  ) -> (numbers: [Float], scale: Float) {
    let columns = Float(matrix.columns)
    let mean = rowSum(matrix.columns) { self[matrix, row, $0] } / columns
    let squares = rowSum(matrix.columns) { column in
      let distance = self[matrix, row, column] - mean
      return distance * distance
    }
    let scale = inverseDeviation(squares / columns, epsilon)
    return ((0..<matrix.columns).map { (self[matrix, row, $0] - mean) * scale }, scale)
  }

  private mutating func run(_ site: LayerNormSite) {
    let old = self
    let isAdded = site.parameterDestination == .add
    for column in 0..<site.input.columns where !isAdded {
      self[site.weightGradient, 0, column] = 0
      self[site.biasGradient, 0, column] = 0
    }
    let columns = Float(site.input.columns)
    for row in 0..<site.input.rows {
      let (normals, scale) = old.normals(site.input, row, site.epsilon)
      for column in 0..<site.input.columns {
        let gradient = old[site.outputGradient, row, column]
        self[site.biasGradient, 0, column] += gradient
        self[site.weightGradient, 0, column] += gradient * normals[column]
      }
      guard let result = site.inputGradient else { continue }
      func weighted(_ column: Int) -> Float {
        old[site.outputGradient, row, column] * old[site.weight, 0, column]
      }
      let sum = rowSum(site.input.columns, weighted) / columns
      let product = rowSum(site.input.columns) { weighted($0) * normals[$0] } / columns
      map(result.row(row), site.destination) { _, column in
        scale * (weighted(column) - sum - normals[column] * product)
      }
    }
  }
}

private func inverseDeviation(_ variance: Float, _ epsilon: Float) -> Float {
  1 / (variance + epsilon).squareRoot()
}
