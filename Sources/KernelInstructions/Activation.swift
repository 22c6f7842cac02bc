/// A function of one number, applied to each of a matrix, with its derivative.
package enum Activation: BitwiseCopyable, Hashable, Sendable {
  /// `x`.
  case identity
  /// `max(x, 0)`; NaN stays NaN.
  case relu
  /// `x` above 0, else `slope * x`.
  case leakyReLU(slope: Float)
  /// `x` above 0, else `alpha * (e^x - 1)`.
  case elu(alpha: Float)
  /// `x / 2 * (1 + erf(x / sqrt 2))`.
  case gelu
  /// `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))`.
  case geluTanh
  /// `1 / (1 + e^-x)`.
  case sigmoid
  /// `x / (1 + e^-x)`.
  case silu
  /// `log(1 + e^(beta x)) / beta`; `x` where `beta x` is above the threshold.
  case softplus(beta: Float, threshold: Float)
  /// `tanh x`.
  case tanh
}

/// A function of two numbers, applied to each pair of two matrices.
package enum Combination: BitwiseCopyable, Hashable, Sendable {
  case add
  case subtract
  case multiply
}

/// Where the result of an instruction goes.
package enum Destination: BitwiseCopyable, Hashable, Sendable {
  /// The result's former numbers are forgotten.
  case replace
  /// The result is added to the former numbers, as gradients that meet in one output are.
  case add
}

/// The loss of one number or of one row, with its gradient; conventions as in PyTorch.
package enum LossFunction: BitwiseCopyable, Hashable, Sendable {
  /// `(p - t)^2`, mean over the row.
  case squaredError
  /// `|p - t|`, mean over the row; its gradient is 0 at 0.
  case absoluteError
  /// `(p - t)^2 / 2` up to a distance of delta, beyond `delta * (|p - t| - delta / 2)`; mean over
  /// the row.
  case huber(delta: Float)
  /// `-(t log p + (1 - t) log(1 - p))`, logarithms at least -100; mean over the row.
  case binaryCrossEntropy
  /// The same of `p = 1 / (1 + e^-x)`: `max(x, 0) - x t + log(1 + e^-|x|)`; mean over the row.
  case binaryCrossEntropyOfLogits
  /// `-sum over c of t[c] log softmax(x)[c]`.
  case crossEntropyOfLogits
}
