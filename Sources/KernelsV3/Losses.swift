internal import KernelInstructions

extension LossInstruction {
  @inline(never)
  func run(_ memory: Memory, _ share: Share) {
    switch self {
    case .rows(let function, let predictions, let targets, let result):
      let range = share.range(of: predictions.rows, step: laneCount)
      if predictions.columns == 1 && function != .crossEntropyOfLogits {
        function.narrowValues(memory, predictions, targets, range, into: result)
      } else {
        for row in range {
          memory[double: result.offset &+ 2 &* row] = function.value(
            memory, predictions, targets, row)
        }
      }
    case .batch(let rows, let weights, let result):
      guard share.index == 0 else { return }
      sumBatch(memory, rows: rows, weights: weights, into: result)
    case .gradient(
      let function, let predictions, let targets, let weights, let batch, let factor, let result):
      let total = memory[double: batch.offset &+ 2]
      @inline(__always)
      func part(_ weight: Double) -> Float {
        total == 0 ? 0 : Float(Double(factor) * weight / total)
      }
      let range = share.range(of: predictions.rows, step: laneCount)
      guard let weights else {
        let part = part(1)
        if predictions.columns == 1 && function != .crossEntropyOfLogits {
          function.narrowGradients(
            memory, predictions, targets, range, factor: part, into: result)
        } else {
          for row in range {
            function.gradient(memory, predictions, targets, row, factor: part, into: result)
          }
        }
        return
      }
      for row in range {
        let weight = Double(memory[weights.offset &+ row &* weights.stride])
        function.gradient(
          memory, predictions, targets, row, factor: part(weight), into: result)
      }
    }
  }
}

@inline(__always)
private func sumBatch(_ memory: Memory, rows: Matrix, weights: Matrix?, into result: Matrix) {
  var sum = 0.0
  var total = 0.0
  for row in 0..<(rows.columns / 2) {
    let weight = weights.map { Double(memory[$0.offset &+ row &* $0.stride]) } ?? 1
    sum += weight * memory[double: rows.offset &+ 2 &* row]
    total += weight
  }
  memory[double: result.offset] = total == 0 ? 0 : sum / total
  memory[double: result.offset &+ 2] = total
}

extension LossFunction {
  /// The loss of one row, summed in double in ascending order of its columns.
  @inline(__always)
  fileprivate func value(
    _ memory: Memory, _ predictions: Matrix, _ targets: Matrix, _ row: Int
  ) -> Double {
    let prediction = predictions.offset &+ row &* predictions.stride
    let target = targets.offset &+ row &* targets.stride
    let columns = predictions.columns
    @inline(__always)
    func sum(_ function: (_ prediction: Lanes, _ target: Lanes) -> Lanes) -> Double {
      var sum = 0.0
      forEachVector(columns) { column in
        let values = function(
          memory[lanes: prediction &+ column], memory[lanes: target &+ column])
        for lane in 0..<min(laneCount, columns &- column) {
          sum += Double(values[lane])
        }
      }
      return sum
    }
    if self != .crossEntropyOfLogits { return values(sum) / Double(columns) }
    let shift = Lanes(repeating: rowMaximum(memory, prediction, columns))
    let powers = RowChains.sum(columns) {
      Elementary.exp(memory[lanes: prediction &+ $0] - shift)
    }
    let logSum = Elementary.log(Lanes(repeating: powers))
    return sum { logit, target in
      // A class without share costs nothing, however improbable it is.
      (target * (logSum - (logit - shift))).replacing(with: 0, where: target .== 0)
    }
  }

  /// The losses of rows of one number, a vector of rows at a time.
  @inline(__always)
  fileprivate func narrowValues(
    _ memory: Memory, _ predictions: Matrix, _ targets: Matrix, _ rows: Range<Int>,
    into result: Matrix
  ) {
    values { function in
      memory.forEachColumn(predictions, targets, rows) { row, count, prediction, target in
        let values = function(prediction, target)
        for lane in 0..<count {
          memory[double: result.offset &+ 2 &* (row &+ lane)] = Double(values[lane])
        }
      }
    }
  }

  /// Hands the loss of each number to the body; of a cross entropy there is none.
  @inline(__always)
  private func values<Result>(_ body: ((Lanes, Lanes) -> Lanes) -> Result) -> Result {
    switch self {
    case .squaredError: body { ($0 - $1) * ($0 - $1) }
    case .absoluteError: body { magnitude($0 - $1) }
    case .huber(let delta):
      body { prediction, target in
        let distance = magnitude(prediction - target)
        let square = 0.5 * distance * distance
        return square.replacing(with: delta * (distance - 0.5 * delta), where: distance .> delta)
      }
    case .binaryCrossEntropy:
      body { prediction, target in
        -(target * boundedLog(prediction) + (1 - target) * boundedLog(1 - prediction))
      }
    case .binaryCrossEntropyOfLogits:
      body { logit, target in softplus(logit) - logit * target }
    case .crossEntropyOfLogits: body { prediction, _ in prediction }
    }
  }

  /// The gradient of the row's loss, times a factor.
  @inline(__always)
  fileprivate func gradient(
    _ memory: Memory, _ predictions: Matrix, _ targets: Matrix, _ row: Int, factor: Float,
    into result: Matrix
  ) {
    let prediction = predictions.offset &+ row &* predictions.stride
    let target = targets.offset &+ row &* targets.stride
    let place = result.offset &+ row &* result.stride
    let columns = predictions.columns
    if self != .crossEntropyOfLogits {
      slopes(factor / Float(columns)) { function in
        forEachVector(columns) { column in
          memory[lanes: place &+ column] = function(
            memory[lanes: prediction &+ column], memory[lanes: target &+ column])
        }
      }
      return
    }
    let shift = Lanes(repeating: rowMaximum(memory, prediction, columns))
    let sum = RowChains.sum(columns) {
      Elementary.exp(memory[lanes: prediction &+ $0] - shift)
    }
    let targetSum = RowChains.sum(columns) { memory[lanes: target &+ $0] }
    forEachVector(columns) { column in
      let power = Elementary.exp(memory[lanes: prediction &+ column] - shift)
      memory[lanes: place &+ column] =
        factor * (targetSum * (power / sum) - memory[lanes: target &+ column])
    }
  }

  /// The gradients of rows of one number, a vector of rows at a time.
  @inline(__always)
  fileprivate func narrowGradients(
    _ memory: Memory, _ predictions: Matrix, _ targets: Matrix, _ rows: Range<Int>,
    factor: Float, into result: Matrix
  ) {
    slopes(factor) { function in
      memory.forEachColumn(predictions, targets, rows) { row, count, prediction, target in
        let slopes = function(prediction, target)
        for lane in 0..<count {
          memory[result.offset &+ (row &+ lane) &* result.stride] = slopes[lane]
        }
      }
    }
  }

  /// Hands the gradient of each number's loss, times a factor, to the body; of a cross entropy there
  /// is none.
  @inline(__always)
  private func slopes(_ mean: Float, _ body: ((Lanes, Lanes) -> Lanes) -> Void) {
    switch self {
    case .squaredError: body { (2 * mean) * ($0 - $1) }
    case .absoluteError: body { mean * sign($0 - $1) }
    case .huber(let delta):
      body { prediction, target in
        let difference = prediction - target
        return mean
          * difference.replacing(
            with: delta * sign(difference), where: magnitude(difference) .> delta)
      }
    case .binaryCrossEntropy:
      body { prediction, target in
        // PyTorch's bound, so that a certain and wrong prediction has a finite gradient.
        let divisor = (1 - prediction) * prediction
        return mean * (prediction - target)
          / divisor.replacing(with: 1e-12, where: divisor .< 1e-12)
      }
    case .binaryCrossEntropyOfLogits:
      body { mean * (Elementary.sigmoid($0) - $1) }
    case .crossEntropyOfLogits: body { prediction, _ in prediction }
    }
  }
}

extension Memory {
  /// Gathers the rows of two matrices of one column into vectors.
  @inline(__always)
  fileprivate func forEachColumn(
    _ first: Matrix, _ second: Matrix, _ rows: Range<Int>,
    _ body: (_ row: Int, _ count: Int, Lanes, Lanes) -> Void
  ) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      let count = min(laneCount, rows.upperBound &- row)
      var left = Lanes.zero
      var right = Lanes.zero
      for lane in 0..<count {
        left[lane] = self[first.offset &+ (row &+ lane) &* first.stride]
        right[lane] = self[second.offset &+ (row &+ lane) &* second.stride]
      }
      body(row, count, left, right)
      row &+= laneCount
    }
  }
}

@inline(__always)
func magnitude(_ x: Lanes) -> Lanes { x.replacing(with: -x, where: x .< 0) }

/// 1, 0 or -1.
@inline(__always)
func sign(_ x: Lanes) -> Lanes {
  Lanes.zero.replacing(with: 1, where: x .> 0).replacing(with: -1, where: x .< 0)
}

@inline(__always)
private func boundedLog(_ x: Lanes) -> Lanes {
  let log = Elementary.log(x)
  return log.replacing(with: -100, where: log .< -100)
}
