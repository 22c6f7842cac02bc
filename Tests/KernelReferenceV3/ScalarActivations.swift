internal import KernelInstructions

extension Combination {
  func value(_ first: Float, _ second: Float) -> Float {
    switch self {
    case .add: first + second
    case .subtract: first - second
    case .multiply: first * second
    }
  }
}

extension Activation {
  func value(_ x: Float) -> Float {
    switch self {
    case .identity: x
    case .relu: x < 0 ? 0 : x
    case .leakyReLU(let slope): x < 0 ? slope * x : x
    case .elu(let alpha): x < 0 ? alpha * ElementaryFunction.expMinus1(x) : x
    case .gelu: 0.5 * x * (1 + ElementaryFunction.erf(x * rootHalf))
    case .geluTanh: 0.5 * x * (1 + ElementaryFunction.tanh(geluArgument(x)))
    case .sigmoid: ElementaryFunction.sigmoid(x)
    case .silu: x * ElementaryFunction.sigmoid(x)
    case .softplus(let beta, let threshold):
      beta * x > threshold ? x : logOf1PlusExp(beta * x) / beta
    case .tanh: ElementaryFunction.tanh(x)
    }
  }

  /// The derivative times the gradient; the source is what ``isDerivedFromOutput`` says.
  func gradient(_ source: Float, _ gradient: Float) -> Float {
    switch self {
    case .identity: return gradient
    case .relu: return source <= 0 ? 0 : gradient
    case .leakyReLU(let slope): return source <= 0 ? slope * gradient : gradient
    case .elu(let alpha):
      guard source <= 0 else { return gradient }
      return isDerivedFromOutput
        ? (source + alpha) * gradient : alpha * ElementaryFunction.exp(source) * gradient
    case .gelu:
      let share = 0.5 * (1 + ElementaryFunction.erf(source * rootHalf))
      return (share + source * ElementaryFunction.normalDensity(source)) * gradient
    case .geluTanh:
      let value = ElementaryFunction.tanh(geluArgument(source))
      let slope = geluScale * (1 + 3 * geluCube * (source * source))
      return (0.5 * (1 + value) + 0.5 * source * (1 - value * value) * slope) * gradient
    case .sigmoid: return source * (1 - source) * gradient
    case .silu:
      let share = ElementaryFunction.sigmoid(source)
      return share * (1 + source * (1 - share)) * gradient
    case .softplus(let beta, let threshold):
      return beta * source > threshold
        ? gradient : ElementaryFunction.sigmoid(beta * source) * gradient
    case .tanh: return (1 - source * source) * gradient
    }
  }
}

/// `max(x, 0) + log(1 + e^-|x|)`.
func logOf1PlusExp(_ x: Float) -> Float {
  let positive: Float = x < 0 ? 0 : x
  let size = x > 0 ? -x : x
  return positive + ElementaryFunction.log1p(ElementaryFunction.exp(size))
}

private let rootHalf = Float(0.5.squareRoot())
private let geluScale = Float((2 / Double.pi).squareRoot())
private let geluCube: Float = 0.044715

private func geluArgument(_ x: Float) -> Float { geluScale * (x + geluCube * x * (x * x)) }
