internal import KernelInstructions

extension UpdateInstruction {
  func run(_ memory: Memory, _ share: Share) {
    switch self {
    case .descend(let value, let gradient, let settings):
      step(memory, value, gradient, settings, share)
    case .momentum(
      let value, let gradient, let velocity, let momentum, let isNesterov, let settings):
      stepByMomentum(
        memory, value, gradient, velocity: velocity, momentum: momentum, isNesterov: isNesterov,
        settings, share)
    case .adam(let update): update.run(memory, share)
    case .rootMeanSquare(let gradient, let square, let alpha, let epsilon):
      divideByRoot(memory, gradient, square: square, alpha: alpha, epsilon: epsilon, share)
    case .adagrad(let value, let gradient, let square, let epsilon, let settings):
      stepByAdagrad(memory, value, gradient, square: square, epsilon: epsilon, settings, share)
    case .penalize(let gradient, let value, let l1, let l2):
      map(gradient, share) { index in
        let parameter = memory[lanes: value.offset &+ index]
        memory[lanes: gradient.offset &+ index] += l1 * sign(parameter) + l2 * parameter
      }
    case .clamp(let matrix, let bound):
      map(matrix, share) { index in
        let number = memory[lanes: matrix.offset &+ index]
        memory[lanes: matrix.offset &+ index] =
          number
          .replacing(with: bound, where: number .> bound)
          .replacing(with: -bound, where: number .< -bound)
      }
    case .addSquares(let matrix, let result):
      if share.index == 0 { sumSquares(memory, matrix, into: result) }
    case .clipNorm(let matrix, let squares, let bound):
      let factor = Double(bound) / (memory[double: squares.offset].squareRoot() + 1e-6)
      guard factor < 1 else { return }
      map(matrix, share) { index in
        memory[lanes: matrix.offset &+ index] *= Float(factor)
      }
    }
  }
}

// Each a function of its own, so that its loop is small enough for the compiler to open what it
// calls.

@inline(never)
private func step(
  _ memory: Memory, _ value: Matrix, _ gradient: Matrix, _ settings: Matrix, _ share: Share
) {
  let size = Lanes(repeating: -memory[settings.offset])
  map(value, share) { index in
    memory[lanes: value.offset &+ index] = memory[lanes: value.offset &+ index]
      .addingProduct(size, memory[lanes: gradient.offset &+ index])
  }
}

@inline(never)
private func stepByMomentum(
  _ memory: Memory, _ value: Matrix, _ gradient: Matrix, velocity: Matrix, momentum: Float,
  isNesterov: Bool, _ settings: Matrix, _ share: Share
) {
  let size = Lanes(repeating: -memory[settings.offset])
  let momentum = Lanes(repeating: momentum)
  map(value, share) { index in
    let slope = memory[lanes: gradient.offset &+ index]
    let speed = slope.addingProduct(momentum, memory[lanes: velocity.offset &+ index])
    memory[lanes: velocity.offset &+ index] = speed
    memory[lanes: value.offset &+ index] = memory[lanes: value.offset &+ index]
      .addingProduct(size, isNesterov ? slope.addingProduct(momentum, speed) : speed)
  }
}

@inline(never)
private func divideByRoot(
  _ memory: Memory, _ gradient: Matrix, square: Matrix, alpha: Float, epsilon: Float,
  _ share: Share
) {
  map(gradient, share) { index in
    let slope = memory[lanes: gradient.offset &+ index]
    let mean = alpha * memory[lanes: square.offset &+ index] + (1 - alpha) * (slope * slope)
    memory[lanes: square.offset &+ index] = mean
    memory[lanes: gradient.offset &+ index] = slope / (Elementary.squareRoot(mean) + epsilon)
  }
}

@inline(never)
private func stepByAdagrad(
  _ memory: Memory, _ value: Matrix, _ gradient: Matrix, square: Matrix, epsilon: Float,
  _ settings: Matrix, _ share: Share
) {
  let size = Lanes(repeating: -memory[settings.offset])
  map(value, share) { index in
    let slope = memory[lanes: gradient.offset &+ index]
    let sum = memory[lanes: square.offset &+ index].addingProduct(slope, slope)
    memory[lanes: square.offset &+ index] = sum
    memory[lanes: value.offset &+ index] = memory[lanes: value.offset &+ index]
      .addingProduct(size, slope / (Elementary.squareRoot(sum) + epsilon))
  }
}

@inline(never)
private func sumSquares(_ memory: Memory, _ matrix: Matrix, into result: Matrix) {
  for row in 0..<matrix.rows {
    let start = matrix.offset &+ row &* matrix.stride
    memory[double: result.offset] += Double(
      RowChains.sum(matrix.columns) { column in
        let number = memory[lanes: start &+ column]
        return number * number
      })
  }
}

extension AdamUpdate {
  @inline(never)
  fileprivate func run(_ memory: Memory, _ share: Share) {
    let decay = Lanes(repeating: memory[settings.offset])
    let size = Lanes(repeating: -memory[settings.offset &+ 1])
    let correction = Lanes(repeating: memory[settings.offset &+ 2])
    // Rounded once each, as PyTorch's are.
    let (kept, keptSquare) = (Float(beta1), Float(beta2))
    let (new, newSquare) = (Float(1 - beta1), Float(1 - beta2))
    map(value, share) { index in
      let slope = memory[lanes: gradient.offset &+ index]
      let mean = kept * memory[lanes: self.mean.offset &+ index] + new * slope
      let square =
        keptSquare * memory[lanes: self.square.offset &+ index]
        + newSquare * (slope * slope)
      memory[lanes: self.mean.offset &+ index] = mean
      memory[lanes: self.square.offset &+ index] = square
      let direction = mean / (Elementary.squareRoot(square) / correction + epsilon)
      memory[lanes: value.offset &+ index] = (decay * memory[lanes: value.offset &+ index])
        .addingProduct(size, direction)
    }
  }
}
