internal import KernelInstructions

extension Instruction {
  /// Every matrix that it reads or writes.
  var matrices: [Matrix] {
    switch self {
    case .product(let product):
      var matrices = [product.result, product.left, product.right]
      if case .row(let row) = product.start { matrices.append(row) }
      switch product.end {
      case .store, .relu: break
      case .whereAboveZero(let matrix), .descend(let matrix): matrices.append(matrix)
      }
      return matrices
    case .columnSums(let matrix, let result, .descend(let rate)): return [matrix, result, rate]
    case .transpose(let matrix, let result), .columnSums(let matrix, let result, .store),
      .activate(_, let matrix, let result), .scale(let matrix, _, let result, _),
      .softmax(let matrix, let result):
      return [matrix, result]
    case .fill(let matrix, _): return [matrix]
    case .differentiate(let derivative):
      return [derivative.source, derivative.outputGradient, derivative.inputGradient]
    case .combine(_, let first, let second, let result, _): return [first, second, result]
    case .copyColumns(let copy): return [copy.matrix, copy.result]
    case .softmaxGradient(let output, let outputGradient, let result, _):
      return [output, outputGradient, result]
    case .dropout(let dropout): return [dropout.matrix, dropout.result, dropout.state]
    case .normalization(let normalization): return normalization.matrices
    case .loss(let loss): return loss.matrices
    case .update(let update): return update.matrices
    }
  }
}

extension Instruction {
  /// Every matrix that it may write.
  var results: [Matrix] {
    switch self {
    case .product(let product): [product.result]
    case .columnSums(_, let result, _), .transpose(_, let result), .activate(_, _, let result),
      .scale(_, _, let result, _), .softmax(_, let result), .combine(_, _, _, let result, _),
      .softmaxGradient(_, _, let result, _), .fill(let result, _):
      [result]
    case .differentiate(let derivative): [derivative.inputGradient]
    case .copyColumns(let copy): [copy.result]
    case .dropout(let dropout): [dropout.result]
    case .normalization, .loss, .update: matrices
    }
  }
}

extension Normalization {
  var matrices: [Matrix] {
    switch self {
    case .columnStatistics(let matrix, let mean, let variance): [matrix, mean, variance]
    case .blend(let mean, let variance, let runningMean, let runningVariance, _, _):
      [mean, variance, runningMean, runningVariance]
    case .columns(let matrix, let mean, let variance, _, let weight, let bias, let result):
      [matrix, mean, variance, weight, bias, result]
    case .columnGradientSums(let site, let sums, let products): site.matrices + [sums, products]
    case .columnGradient(let site, let weight, let sums, let products, let result, _):
      site.matrices + [weight, sums, products, result]
    case .rows(let matrix, _, let weight, let bias, let result): [matrix, weight, bias, result]
    case .rowGradient(let site):
      [site.input, site.outputGradient, site.weight, site.weightGradient, site.biasGradient]
        + (site.inputGradient.map { [$0] } ?? [])
    case .standardize(let matrix, let mean, let deviation, let result):
      [matrix, mean, deviation, result]
    }
  }

  /// Holds every row of numbers to the matrix that it goes with.
  func check() {
    let all = matrices
    for matrix in all.dropFirst() {
      if matrix.rows == all[0].rows && matrix.columns == all[0].columns { continue }
      checkRow(matrix, all[0])
    }
  }
}

extension BatchNormSite {
  var matrices: [Matrix] { [input, outputGradient, mean, variance] }
}

extension LossInstruction {
  var matrices: [Matrix] {
    switch self {
    case .rows(_, let predictions, let targets, let result): [predictions, targets, result]
    case .batch(let rows, let weights, let result): [rows, result] + (weights.map { [$0] } ?? [])
    case .gradient(_, let predictions, let targets, let weights, let batch, _, let result):
      [predictions, targets, result, batch] + (weights.map { [$0] } ?? [])
    }
  }

  func check() {
    switch self {
    case .rows(_, let predictions, let targets, let result):
      checkShapes(predictions, targets)
      precondition(result.columns == 2 * predictions.rows, "A double for each row")
    case .batch(let rows, let weights, let result):
      precondition(result.columns == 4, "Two doubles")
      precondition(
        weights.map { 2 * $0.rows == rows.columns } ?? true, "A weight for each row")
    case .gradient(_, let predictions, let targets, let weights, let batch, _, let result):
      checkShapes(predictions, targets)
      checkShapes(predictions, result)
      precondition(batch.columns == 4, "Two doubles")
      precondition(weights.map { $0.rows == result.rows } ?? true, "A weight for each row")
    }
  }
}

extension UpdateInstruction {
  var matrices: [Matrix] {
    switch self {
    case .descend(let value, let gradient, let settings): [value, gradient, settings]
    case .momentum(let value, let gradient, let velocity, _, _, let settings):
      [value, gradient, velocity, settings]
    case .adam(let update):
      [update.value, update.gradient, update.mean, update.square, update.settings]
    case .rootMeanSquare(let gradient, let square, _, _): [gradient, square]
    case .adagrad(let value, let gradient, let square, _, let settings):
      [value, gradient, square, settings]
    case .penalize(let gradient, let value, _, _): [gradient, value]
    case .clamp(let matrix, _): [matrix]
    case .addSquares(let matrix, let result), .clipNorm(let matrix, let result, _):
      [matrix, result]
    }
  }

  func check() {
    switch self {
    case .descend(let value, let gradient, _): checkShapes(value, gradient)
    case .momentum(let value, let gradient, let velocity, _, _, _):
      checkShapes(value, gradient)
      checkShapes(value, velocity)
    case .adam(let update):
      for matrix in [update.gradient, update.mean, update.square] {
        checkShapes(update.value, matrix)
      }
      precondition(update.settings.columns >= 3, "A decay, a size and a correction")
    case .rootMeanSquare(let gradient, let square, _, _): checkShapes(gradient, square)
    case .adagrad(let value, let gradient, let square, _, _):
      checkShapes(value, gradient)
      checkShapes(value, square)
    case .penalize(let gradient, let value, _, _): checkShapes(gradient, value)
    case .clamp: break
    case .addSquares(_, let result), .clipNorm(_, let result, _):
      precondition(result.columns >= 2, "A double")
    }
  }
}
