internal import KernelInstructions

extension ScalarMemory {
  mutating func run(_ update: UpdateInstruction) {
    let old = self
    switch update {
    case .descend(let value, let gradient, let settings):
      step(value, old[settings, 0, 0]) { old[gradient, $0, $1] }
    case .momentum(
      let value, let gradient, let velocity, let momentum, let isNesterov, let settings):
      map(velocity) { old[gradient, $0, $1].addingProduct(momentum, old[velocity, $0, $1]) }
      let new = self
      step(value, old[settings, 0, 0]) { row, column in
        let speed = new[velocity, row, column]
        return isNesterov ? old[gradient, row, column].addingProduct(momentum, speed) : speed
      }
    case .adam(let adam): run(adam)
    case .rootMeanSquare(let gradient, let square, let alpha, let epsilon):
      map(square) { row, column in
        let slope = old[gradient, row, column]
        return alpha * old[square, row, column] + (1 - alpha) * (slope * slope)
      }
      let new = self
      map(gradient) { row, column in
        old[gradient, row, column] / (new[square, row, column].squareRoot() + epsilon)
      }
    case .adagrad(let value, let gradient, let square, let epsilon, let settings):
      map(square) { row, column in
        let slope = old[gradient, row, column]
        return old[square, row, column].addingProduct(slope, slope)
      }
      let new = self
      step(value, old[settings, 0, 0]) { row, column in
        old[gradient, row, column] / (new[square, row, column].squareRoot() + epsilon)
      }
    case .penalize(let gradient, let value, let l1, let l2):
      map(gradient) { row, column in
        let parameter = old[value, row, column]
        return old[gradient, row, column] + (l1 * sign(parameter) + l2 * parameter)
      }
    case .clamp(let matrix, let bound):
      map(matrix) { row, column in
        let number = old[matrix, row, column]
        return number > bound ? bound : (number < -bound ? -bound : number)
      }
    case .addSquares(let matrix, let result):
      for row in 0..<matrix.rows {
        self[double: result, 0] += Double(
          rowSum(matrix.columns) { old[matrix, row, $0] * old[matrix, row, $0] })
      }
    case .clipNorm(let matrix, let squares, let bound):
      let factor = Double(bound) / (old[double: squares, 0].squareRoot() + 1e-6)
      if factor < 1 { map(matrix) { old[matrix, $0, $1] * Float(factor) } }
    }
  }

  private mutating func step(
    _ value: Matrix, _ rate: Float, along direction: (Int, Int) -> Float
  ) {
    let old = self
    map(value) { old[value, $0, $1].addingProduct(-rate, direction($0, $1)) }
  }

  private mutating func run(_ adam: AdamUpdate) {
    let old = self
    let (decay, size, correction) = (
      old[adam.settings, 0, 0], old[adam.settings, 0, 1], old[adam.settings, 0, 2]
    )
    map(adam.mean) { row, column in
      Float(adam.beta1) * old[adam.mean, row, column]
        + Float(1 - adam.beta1) * old[adam.gradient, row, column]
    }
    map(adam.square) { row, column in
      let slope = old[adam.gradient, row, column]
      return Float(adam.beta2) * old[adam.square, row, column]
        + Float(1 - adam.beta2) * (slope * slope)
    }
    let new = self
    map(adam.value) { row, column in
      let divisor = new[adam.square, row, column].squareRoot() / correction + adam.epsilon
      return (decay * old[adam.value, row, column])
        .addingProduct(-size, new[adam.mean, row, column] / divisor)
    }
  }
}
