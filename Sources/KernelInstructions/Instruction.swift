/// One piece of arithmetic on an arena: what it computes, and where its operands lie.
///
/// A program of them is written down once, when a model is laid out, with every shape checked; a
/// step then only runs down the list. Each set of kernels interprets every instruction, and all
/// sets give the same bits.
package enum Instruction: BitwiseCopyable, Sendable {
  case product(Product)

  /// `result[j, i] = matrix[i, j]`.
  case transpose(Matrix, into: Matrix)

  /// `result[0, j] = sum over i of matrix[i, j]`: four chains over rows `i` that are equal modulo
  /// 4, added as `(0 + 1) + (2 + 3)`.
  case columnSums(Matrix, into: Matrix, ColumnSumEnd)

  /// Sets every number.
  case fill(Matrix, with: Float)

  /// `result = activation(input)`; the two may be one.
  case activate(Activation, Matrix, into: Matrix)

  /// `inputGradient = outputGradient * activation'(input)`; see ``Activation`` for what it is of.
  case differentiate(Derivative)

  /// `result = first (+, -, *) second`; the result may be one of them.
  case combine(Combination, Matrix, Matrix, into: Matrix, Destination)

  /// `result = factor * matrix`.
  case scale(Matrix, by: Float, into: Matrix, Destination)

  /// `result[i, resultColumn + j] = matrix[i, column + j]` for `columns` numbers of each row.
  case copyColumns(ColumnCopy)

  /// The softmax of each row.
  case softmax(Matrix, into: Matrix)

  /// `inputGradient = output * (outputGradient - sum over the row of output * outputGradient)`.
  case softmaxGradient(output: Matrix, outputGradient: Matrix, into: Matrix, Destination)

  /// `result = matrix / (1 - rate)` or 0, each with its chance; see ``DropoutInstruction``.
  case dropout(DropoutInstruction)

  case normalization(Normalization)

  case loss(LossInstruction)

  case update(UpdateInstruction)
}

/// What is done with the sums of columns.
package enum ColumnSumEnd: BitwiseCopyable, Hashable, Sendable {
  case store(Destination)
  /// The sum is a gradient: `result - rate * sum` is the result. The rate is the first number.
  case descend(rate: Matrix)
}

/// The operands of a derivative.
package struct Derivative: BitwiseCopyable, Sendable {
  package let activation: Activation
  /// The activation's argument, or its output where ``Activation/isDerivedFromOutput``.
  package let source: Matrix
  package let outputGradient: Matrix
  package let inputGradient: Matrix
  package let destination: Destination

  package init(
    _ activation: Activation, source: Matrix, outputGradient: Matrix, inputGradient: Matrix,
    _ destination: Destination
  ) {
    self.activation = activation
    self.source = source
    self.outputGradient = outputGradient
    self.inputGradient = inputGradient
    self.destination = destination
  }
}

extension Activation {
  /// Whether the derivative is computed from the output, which may then replace the input.
  package var isDerivedFromOutput: Bool {
    switch self {
    case .identity, .relu, .sigmoid, .tanh: true
    // The output tells the input's sign only if it has the same.
    case .leakyReLU(let slope): slope >= 0
    case .elu(let alpha): alpha >= 0
    case .gelu, .geluTanh, .silu, .softplus: false
    }
  }
}

/// A copy of neighbouring columns.
package struct ColumnCopy: BitwiseCopyable, Sendable {
  package let matrix: Matrix
  package let column: Int
  package let columns: Int
  package let result: Matrix
  package let resultColumn: Int
  package let destination: Destination

  package init(
    _ matrix: Matrix, column: Int, columns: Int, into result: Matrix, resultColumn: Int,
    _ destination: Destination
  ) {
    self.matrix = matrix
    self.column = column
    self.columns = columns
    self.result = result
    self.resultColumn = resultColumn
    self.destination = destination
  }
}

/// Which numbers are dropped: a function of (seed, stream, step, place), so that the backward pass
/// draws the same again and nothing needs to be kept.
///
/// The number at row `i`, column `j` is kept if word `j mod 4` of Philox4x32-10 at the counter
/// `(i * ceil(columns / 4) + j / 4, step, 3, stream)` is at least `rate * 2^32`.
package struct DropoutInstruction: BitwiseCopyable, Sendable {
  package let matrix: Matrix
  package let result: Matrix
  package let destination: Destination
  package let rate: Float
  /// Tells the operators of one network apart.
  package let stream: UInt32
  /// A row of bits: the seed's lower and upper half, the step.
  package let state: Matrix

  package init(
    _ matrix: Matrix, into result: Matrix, _ destination: Destination, rate: Float, stream: UInt32,
    state: Matrix
  ) {
    self.matrix = matrix
    self.result = result
    self.destination = destination
    self.rate = rate
    self.stream = stream
    self.state = state
  }
}

/// Shifting and scaling by means and deviations, of columns over a batch or of each row.
///
/// Sums over a column have the order of ``Instruction/columnSums(_:into:_:)``; sums over a row are
/// sixteen chains over columns equal modulo 16, added pairwise: 0 + 8, 1 + 9, ...; then 0 + 4, ...
package enum Normalization: BitwiseCopyable, Sendable {
  /// Mean and variance (divided by the number of rows) of each column.
  case columnStatistics(Matrix, mean: Matrix, variance: Matrix)

  /// `running = (1 - momentum) * running + momentum * statistic`, for a batch of `rows`; the
  /// variance is multiplied by `rows / (rows - 1)` first, unless there is one row.
  case blend(
    mean: Matrix, variance: Matrix, runningMean: Matrix, runningVariance: Matrix,
    momentum: Float, rows: Int)

  /// `result = (matrix - mean) / sqrt(variance + epsilon) * weight + bias`, column by column.
  case columns(
    Matrix, mean: Matrix, variance: Matrix, epsilon: Float, weight: Matrix,
    bias: Matrix, into: Matrix)

  /// With `n = (input - mean) / sqrt(variance + epsilon)`: the column sums of `outputGradient` and
  /// of `outputGradient * n`.
  case columnGradientSums(BatchNormSite, sums: Matrix, products: Matrix)

  /// `weight / sqrt(variance + epsilon) * (outputGradient - sums / rows - n * products / rows)`.
  case columnGradient(
    BatchNormSite, weight: Matrix, sums: Matrix, products: Matrix, into: Matrix,
    Destination)

  /// The same as ``columns(_:mean:variance:epsilon:weight:bias:into:)`` with mean and variance of
  /// each row.
  case rows(Matrix, epsilon: Float, weight: Matrix, bias: Matrix, into: Matrix)

  /// The gradients of ``rows(_:epsilon:weight:bias:into:)``; those of weight and bias are column
  /// sums in ascending order of the rows.
  case rowGradient(LayerNormSite)

  /// `(matrix - mean) / deviation`, column by column.
  case standardize(Matrix, mean: Matrix, deviation: Matrix, into: Matrix)
}

/// The operands that both gradients of a batch normalisation share.
package struct BatchNormSite: BitwiseCopyable, Sendable {
  package let input: Matrix
  package let outputGradient: Matrix
  package let mean: Matrix
  package let variance: Matrix
  package let epsilon: Float

  package init(
    input: Matrix, outputGradient: Matrix, mean: Matrix, variance: Matrix, epsilon: Float
  ) {
    self.input = input
    self.outputGradient = outputGradient
    self.mean = mean
    self.variance = variance
    self.epsilon = epsilon
  }
}

/// The operands of a layer normalisation's gradients.
package struct LayerNormSite: BitwiseCopyable, Sendable {
  package let input: Matrix
  package let outputGradient: Matrix
  package let weight: Matrix
  package let epsilon: Float
  package let weightGradient: Matrix
  package let biasGradient: Matrix
  /// Of the weight and the bias.
  package let parameterDestination: Destination
  /// Nil where nobody needs it.
  package let inputGradient: Matrix?
  package let destination: Destination

  package init(
    input: Matrix, outputGradient: Matrix, weight: Matrix, epsilon: Float, weightGradient: Matrix,
    biasGradient: Matrix, parameterDestination: Destination, inputGradient: Matrix?,
    destination: Destination
  ) {
    self.input = input
    self.outputGradient = outputGradient
    self.weight = weight
    self.epsilon = epsilon
    self.weightGradient = weightGradient
    self.biasGradient = biasGradient
    self.parameterDestination = parameterDestination
    self.inputGradient = inputGradient
    self.destination = destination
  }
}

/// What a batch costs, and where the backward pass begins.
///
/// Losses are doubles, each in the place of two numbers of the arena.
package enum LossInstruction: BitwiseCopyable, Sendable {
  /// The loss of each row; `into` is one row of twice as many numbers as there are rows.
  case rows(LossFunction, predictions: Matrix, targets: Matrix, into: Matrix)

  /// `sum of weight * loss / sum of weights` over the rows, 0 if no row has a weight, and the sum of
  /// weights: two doubles. Without weights each row has weight 1.
  case batch(rows: Matrix, weights: Matrix?, into: Matrix)

  /// `factor * weight / sum of weights * gradient of the row's loss`, row by row; the sum is the
  /// second double of `batch`.
  case gradient(
    LossFunction, predictions: Matrix, targets: Matrix, weights: Matrix?,
    batch: Matrix, factor: Float, into: Matrix)
}

/// What is done to parameters and their gradients at the end of a step.
///
/// Settings that change from step to step are the numbers of a row in the arena.
package enum UpdateInstruction: BitwiseCopyable, Sendable {
  /// `value = value - settings[0] * gradient`.
  case descend(Matrix, gradient: Matrix, settings: Matrix)

  /// `velocity = momentum * velocity + gradient`, then a step by the velocity, or by
  /// `gradient + momentum * velocity` if it is Nesterov's.
  case momentum(
    Matrix, gradient: Matrix, velocity: Matrix, momentum: Float, isNesterov: Bool,
    settings: Matrix)

  case adam(AdamUpdate)

  /// `square = alpha * square + (1 - alpha) * gradient^2`;
  /// `result = gradient / (sqrt(square) + epsilon)`.
  case rootMeanSquare(gradient: Matrix, square: Matrix, alpha: Float, epsilon: Float)

  /// `square = square + gradient^2`; `value = value - settings[0] * gradient / (sqrt(square) + e)`.
  case adagrad(Matrix, gradient: Matrix, square: Matrix, epsilon: Float, settings: Matrix)

  /// `gradient = gradient + l1 * sign(value) + l2 * value`.
  case penalize(gradient: Matrix, value: Matrix, l1: Float, l2: Float)

  /// Each number between `-bound` and `bound`.
  case clamp(Matrix, bound: Float)

  /// Adds the sum of squares to the double at `into`.
  case addSquares(Matrix, into: Matrix)

  /// Multiplied by `bound / (sqrt(squares) + 1e-6)` if that is below 1; `squares` is a double.
  case clipNorm(Matrix, squares: Matrix, bound: Float)
}

/// Adam: `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g^2`,
/// `value = decay * value - size * m / (sqrt(v) / correction + epsilon)`.
///
/// The settings are the decay, the size and the correction.
package struct AdamUpdate: BitwiseCopyable, Sendable {
  package let value: Matrix
  package let gradient: Matrix
  package let mean: Matrix
  package let square: Matrix
  package let beta1: Double
  package let beta2: Double
  package let epsilon: Float
  package let settings: Matrix

  package init(
    _ value: Matrix, gradient: Matrix, mean: Matrix, square: Matrix, beta1: Double, beta2: Double,
    epsilon: Float, settings: Matrix
  ) {
    self.value = value
    self.gradient = gradient
    self.mean = mean
    self.square = square
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.settings = settings
  }
}
