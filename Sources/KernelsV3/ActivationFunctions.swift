internal import KernelInstructions

/// A function of one number with its derivative, on vectors.
///
/// A type for each, so that the compiler makes a loop of its own for each of them.
protocol ActivationFunction {
  func value(_ input: Lanes) -> Lanes

  /// The output's gradient times the derivative.
  ///
  /// - Parameters:
  ///   - source: The output where ``Activation/isDerivedFromOutput``, else the input.
  ///   - gradient: The output's gradient.
  /// - Returns: The input's gradient.
  func inputGradient(_ source: Lanes, _ gradient: Lanes) -> Lanes
}

/// What is done with an activation's function.
protocol ActivationUse {
  func use(_ function: some ActivationFunction)
}

extension Activation {
  /// Hands over the function.
  @inline(__always)
  func apply(_ use: some ActivationUse) {
    switch self {
    case .identity: use.use(IdentityFunction())
    case .relu: use.use(ReLUFunction())
    case .leakyReLU(let slope): use.use(LeakyReLUFunction(slope: slope))
    case .elu(let alpha):
      if isDerivedFromOutput {
        use.use(ELUFunction(alpha: alpha))
      } else {
        use.use(NegativeELUFunction(alpha: alpha))
      }
    case .gelu: use.use(GELUFunction())
    case .geluTanh: use.use(GELUTanhFunction())
    case .sigmoid: use.use(SigmoidFunction())
    case .silu: use.use(SiLUFunction())
    case .softplus(let beta, let threshold):
      use.use(SoftplusFunction(beta: beta, threshold: threshold))
    case .tanh: use.use(TanhFunction())
    }
  }
}

private struct IdentityFunction: ActivationFunction {
  @inline(__always)
  func value(_ input: Lanes) -> Lanes { input }

  @inline(__always)
  func inputGradient(_ output: Lanes, _ gradient: Lanes) -> Lanes { gradient }
}

private struct ReLUFunction: ActivationFunction {
  @inline(__always)
  func value(_ input: Lanes) -> Lanes { input.replacing(with: 0, where: input .< 0) }

  @inline(__always)
  func inputGradient(_ output: Lanes, _ gradient: Lanes) -> Lanes {
    gradient.replacing(with: 0, where: output .<= 0)
  }
}

private struct LeakyReLUFunction: ActivationFunction {
  let slope: Float

  @inline(__always)
  func value(_ input: Lanes) -> Lanes {
    input.replacing(with: slope * input, where: input .< 0)
  }

  @inline(__always)
  func inputGradient(_ source: Lanes, _ gradient: Lanes) -> Lanes {
    gradient.replacing(with: slope * gradient, where: source .<= 0)
  }
}

private struct ELUFunction: ActivationFunction {
  let alpha: Float

  @inline(__always)
  func value(_ input: Lanes) -> Lanes {
    input.replacing(with: alpha * Elementary.expMinus1(input), where: input .< 0)
  }

  @inline(__always)
  func inputGradient(_ output: Lanes, _ gradient: Lanes) -> Lanes {
    gradient.replacing(with: (output + alpha) * gradient, where: output .<= 0)
  }
}

/// With an alpha below 0, whose output does not tell the input's sign.
private struct NegativeELUFunction: ActivationFunction {
  let alpha: Float

  @inline(__always)
  func value(_ input: Lanes) -> Lanes { ELUFunction(alpha: alpha).value(input) }

  @inline(__always)
  func inputGradient(_ input: Lanes, _ gradient: Lanes) -> Lanes {
    gradient.replacing(with: alpha * Elementary.exp(input) * gradient, where: input .<= 0)
  }
}

private struct GELUFunction: ActivationFunction {
  /// `1 / sqrt 2`.
  @inline(__always)
  private var rootHalf: Float { 0x1.6a09e6p-1 }

  @inline(__always)
  func value(_ input: Lanes) -> Lanes {
    (0.5 * input) * (1 + Elementary.erf(input * rootHalf))
  }

  @inline(__always)
  func inputGradient(_ input: Lanes, _ gradient: Lanes) -> Lanes {
    let share = 0.5 * (1 + Elementary.erf(input * rootHalf))
    return (share + input * Elementary.normalDensity(input)) * gradient
  }
}

private struct GELUTanhFunction: ActivationFunction {
  /// `sqrt(2 / pi)`.
  @inline(__always)
  private var scale: Float { 0x1.988454p-1 }

  @inline(__always)
  private var cube: Float { 0.044715 }

  @inline(__always)
  private func bent(_ input: Lanes) -> Lanes {
    Elementary.tanh(scale * (input + (cube * input) * (input * input)))
  }

  @inline(__always)
  func value(_ input: Lanes) -> Lanes { (0.5 * input) * (1 + bent(input)) }

  @inline(__always)
  func inputGradient(_ input: Lanes, _ gradient: Lanes) -> Lanes {
    let value = bent(input)
    let slope = scale * (1 + 3 * cube * (input * input))
    return (0.5 * (1 + value) + (0.5 * input) * (1 - value * value) * slope) * gradient
  }
}

private struct SigmoidFunction: ActivationFunction {
  @inline(__always)
  func value(_ input: Lanes) -> Lanes { Elementary.sigmoid(input) }

  @inline(__always)
  func inputGradient(_ output: Lanes, _ gradient: Lanes) -> Lanes {
    output * (1 - output) * gradient
  }
}

private struct SiLUFunction: ActivationFunction {
  @inline(__always)
  func value(_ input: Lanes) -> Lanes { input * Elementary.sigmoid(input) }

  @inline(__always)
  func inputGradient(_ input: Lanes, _ gradient: Lanes) -> Lanes {
    let share = Elementary.sigmoid(input)
    return share * (1 + input * (1 - share)) * gradient
  }
}

private struct SoftplusFunction: ActivationFunction {
  let beta: Float
  let threshold: Float

  @inline(__always)
  func value(_ input: Lanes) -> Lanes {
    let scaled = beta * input
    return (softplus(scaled) / beta).replacing(with: input, where: scaled .> threshold)
  }

  @inline(__always)
  func inputGradient(_ input: Lanes, _ gradient: Lanes) -> Lanes {
    let scaled = beta * input
    return (Elementary.sigmoid(scaled) * gradient)
      .replacing(with: gradient, where: scaled .> threshold)
  }
}

private struct TanhFunction: ActivationFunction {
  @inline(__always)
  func value(_ input: Lanes) -> Lanes { Elementary.tanh(input) }

  @inline(__always)
  func inputGradient(_ output: Lanes, _ gradient: Lanes) -> Lanes {
    (1 - output * output) * gradient
  }
}

/// `log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)`, which neither overflows nor loses small values.
@inline(__always)
func softplus(_ x: Lanes) -> Lanes {
  let positive = x.replacing(with: 0, where: x .< 0)
  let size = x.replacing(with: -x, where: x .> 0)
  return positive + Elementary.log1p(Elementary.exp(size))
}
