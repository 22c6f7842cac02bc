internal import KernelInstructions

extension ScalarMemory {
  mutating func run(_ loss: LossInstruction) {
    switch loss {
    case .rows(let function, let predictions, let targets, let result):
      for row in 0..<predictions.rows {
        self[double: result, row] = value(function, predictions, targets, row)
      }
    case .batch(let rows, let weights, let result):
      var (sum, total) = (0.0, 0.0)
      for row in 0..<(rows.columns / 2) {
        let weight = weights.map { Double(self[$0, row, 0]) } ?? 1
        sum += weight * self[double: rows, row]
        total += weight
      }
      self[double: result, 0] = total == 0 ? 0 : sum / total
      self[double: result, 1] = total
    case .gradient(
      let function, let predictions, let targets, let weights, let batch, let factor, let result):
      let total = self[double: batch, 1]
      for row in 0..<predictions.rows {
        let weight = weights.map { Double(self[$0, row, 0]) } ?? 1
        let part = total == 0 ? 0 : Float(Double(factor) * weight / total)
        storeGradient(function, predictions, targets, row, factor: part, into: result)
      }
    }
  }

  private func value(
    _ function: LossFunction, _ predictions: Matrix, _ targets: Matrix, _ row: Int
  ) -> Double {
    var sum = 0.0
    if case .crossEntropyOfLogits = function {
      let (most, powers) = exponentials(predictions, row)
      let logSum = ElementaryFunction.log(powers)
      for column in 0..<predictions.columns where self[targets, row, column] != 0 {
        let logit = self[predictions, row, column] - most
        sum += Double(self[targets, row, column] * (logSum - logit))
      }
      return sum
    }
    for column in 0..<predictions.columns {
      sum += Double(function.value(self[predictions, row, column], self[targets, row, column]))
    }
    return sum / Double(predictions.columns)
  }

  /// The greatest number of a row, and the sum of the powers of the others' distances from it.
  private func exponentials(_ matrix: Matrix, _ row: Int) -> (most: Float, sum: Float) {
    let most = greatest(self, matrix, row)
    let sum = rowSum(matrix.columns) { ElementaryFunction.exp(self[matrix, row, $0] - most) }
    return (most, sum)
  }

  private mutating func storeGradient(
    _ function: LossFunction, _ predictions: Matrix, _ targets: Matrix, _ row: Int, factor: Float,
    into result: Matrix
  ) {
    let old = self
    let mean = factor / Float(predictions.columns)
    if case .crossEntropyOfLogits = function {
      let (most, powers) = exponentials(predictions, row)
      let targetSum = rowSum(targets.columns) { old[targets, row, $0] }
      map(result.row(row)) { _, column in
        let share = ElementaryFunction.exp(old[predictions, row, column] - most) / powers
        return factor * (targetSum * share - old[targets, row, column])
      }
      return
    }
    map(result.row(row)) { _, column in
      function.gradient(old[predictions, row, column], old[targets, row, column], mean)
    }
  }
}

extension LossFunction {
  fileprivate func value(_ prediction: Float, _ target: Float) -> Float {
    let distance = magnitude(prediction - target)
    return switch self {
    case .squaredError: (prediction - target) * (prediction - target)
    case .absoluteError: distance
    case .huber(let delta):
      distance > delta ? delta * (distance - 0.5 * delta) : 0.5 * distance * distance
    case .binaryCrossEntropy:
      -(target * boundedLog(prediction) + (1 - target) * boundedLog(1 - prediction))
    case .binaryCrossEntropyOfLogits: logOf1PlusExp(prediction) - prediction * target
    case .crossEntropyOfLogits: preconditionFailure("A whole row's")
    }
  }

  fileprivate func gradient(_ prediction: Float, _ target: Float, _ mean: Float) -> Float {
    let difference = prediction - target
    switch self {
    case .squaredError: return 2 * mean * difference
    case .absoluteError: return mean * sign(difference)
    case .huber(let delta):
      return mean * (magnitude(difference) > delta ? delta * sign(difference) : difference)
    case .binaryCrossEntropy:
      let divisor = (1 - prediction) * prediction
      return mean * difference / (divisor < 1e-12 ? 1e-12 : divisor)
    case .binaryCrossEntropyOfLogits:
      return mean * (ElementaryFunction.sigmoid(prediction) - target)
    case .crossEntropyOfLogits: preconditionFailure("A whole row's")
    }
  }
}

/// 1, 0 or -1; 0 of NaN.
func sign(_ x: Float) -> Float { x > 0 ? 1 : (x < 0 ? -1 : 0) }

private func magnitude(_ x: Float) -> Float { x < 0 ? -x : x }

private func boundedLog(_ x: Float) -> Float {
  let log = ElementaryFunction.log(x)
  return log < -100 ? -100 : log
}
