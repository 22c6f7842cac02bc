/// One vector of the processor's.
package typealias Lanes = SIMD8<Float>

/// Where the result of a kernel goes.
package enum Destination: Hashable, Sendable {
  /// The result's former numbers are forgotten.
  case replace
  /// The result is added to the former numbers, as gradients that meet in one output are.
  case add
}

extension Arena {
  /// Applies a function to each number.
  ///
  /// `result` may be `input`.
  @inline(__always)
  mutating func map(_ input: Matrix, into result: Matrix, _ function: (Lanes) -> Lanes) {
    precondition(input.rows == result.rows && input.columns == result.columns, "Equal shapes")
    let source = unsafe UnsafeMutableRawPointer(pointer(input))
    let target = unsafe UnsafeMutableRawPointer(pointer(result))
    for index in 0..<(result.size / Matrix.lanes) {
      let byte = index &* MemoryLayout<Lanes>.stride
      let value = unsafe source.load(fromByteOffset: byte, as: Lanes.self)
      unsafe target.storeBytes(of: function(value), toByteOffset: byte, as: Lanes.self)
    }
  }

  /// Combines two matrices number by number.
  ///
  /// `result` may be one of the operands.
  @inline(__always)
  mutating func map(
    _ first: Matrix, _ second: Matrix, into result: Matrix, _ destination: Destination,
    _ function: (Lanes, Lanes) -> Lanes
  ) {
    precondition(
      first.rows == result.rows && first.columns == result.columns
        && second.rows == result.rows && second.columns == result.columns, "Equal shapes")
    let left = unsafe UnsafeMutableRawPointer(pointer(first))
    let right = unsafe UnsafeMutableRawPointer(pointer(second))
    let target = unsafe UnsafeMutableRawPointer(pointer(result))
    for index in 0..<(result.size / Matrix.lanes) {
      let byte = index &* MemoryLayout<Lanes>.stride
      var value = unsafe function(
        left.load(fromByteOffset: byte, as: Lanes.self),
        right.load(fromByteOffset: byte, as: Lanes.self))
      if destination == .add {
        unsafe value += target.load(fromByteOffset: byte, as: Lanes.self)
      }
      unsafe target.storeBytes(of: value, toByteOffset: byte, as: Lanes.self)
    }
  }

  /// `result = input`, or `result += input`.
  package mutating func copy(
    _ input: Matrix, into result: Matrix, _ destination: Destination = .replace
  ) {
    switch destination {
    case .replace: map(input, into: result) { $0 }
    case .add: map(input, result, into: result, .replace) { input, present in present + input }
    }
  }

  /// Fills the matrix with zeros.
  package mutating func clear(_ matrix: Matrix) {
    map(matrix, into: matrix) { _ in .zero }
  }

  /// `result = max(input, 0)`; NaN stays NaN.
  package mutating func relu(_ input: Matrix, into result: Matrix) {
    map(input, into: result) { $0.replacing(with: 0, where: $0 .< 0) }
  }

  /// `inputGradient = outputGradient` where the output is above 0, else 0.
  package mutating func reluGradient(
    output: Matrix, outputGradient: Matrix, into inputGradient: Matrix, _ destination: Destination
  ) {
    map(output, outputGradient, into: inputGradient, destination) { output, gradient in
      gradient.replacing(with: 0, where: output .<= 0)
    }
  }

  /// `result = 1 / (1 + exp(-input))`.
  package mutating func sigmoid(_ input: Matrix, into result: Matrix) {
    map(input, into: result) { Elementary.sigmoid($0) }
  }

  /// `inputGradient = output * (1 - output) * outputGradient`.
  package mutating func sigmoidGradient(
    output: Matrix, outputGradient: Matrix, into inputGradient: Matrix, _ destination: Destination
  ) {
    map(output, outputGradient, into: inputGradient, destination) { output, gradient in
      output * (1 - output) * gradient
    }
  }

  /// `result = tanh(input)`.
  package mutating func tanh(_ input: Matrix, into result: Matrix) {
    map(input, into: result) { Elementary.tanh($0) }
  }

  /// `inputGradient = (1 - output^2) * outputGradient`.
  package mutating func tanhGradient(
    output: Matrix, outputGradient: Matrix, into inputGradient: Matrix, _ destination: Destination
  ) {
    map(output, outputGradient, into: inputGradient, destination) { output, gradient in
      (1 - output * output) * gradient
    }
  }

  /// One step of gradient descent: `value = value - rate * gradient`, one rounding.
  package mutating func descend(_ value: Matrix, gradient: Matrix, rate: Float) {
    let step = Lanes(repeating: -rate)
    map(value, gradient, into: value, .replace) { value, gradient in
      value.addingProduct(step, gradient)
    }
  }
}
