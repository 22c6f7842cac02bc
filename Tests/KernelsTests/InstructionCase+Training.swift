import KernelInstructions

extension InstructionCase {
  static let normalizations: [InstructionCase] =
    [
      InstructionCase("column statistics") { script, sizes, numbers in
        let matrix = script.draw(sizes.rows, sizes.columns, &numbers)
        let (mean, variance) = script.statistics(sizes.columns, &numbers)
        script.append(
          .normalization(.columnStatistics(matrix, mean: mean, variance: variance)))
      },
      InstructionCase("blend") { script, sizes, numbers in
        let (mean, variance) = script.statistics(sizes.columns, &numbers)
        let (runningMean, runningVariance) = script.statistics(sizes.columns, &numbers)
        script.append(
          .normalization(
            .blend(
              mean: mean, variance: variance, runningMean: runningMean,
              runningVariance: runningVariance, momentum: 0.1, rows: sizes.rows)))
      },
      InstructionCase("normalise columns") { script, sizes, numbers in
        let matrix = script.draw(sizes.rows, sizes.columns, &numbers)
        let (mean, variance) = script.statistics(sizes.columns, &numbers)
        let (weight, bias) = script.statistics(sizes.columns, &numbers)
        let result = script.draw(sizes.rows, sizes.columns, &numbers)
        script.append(
          .normalization(
            .columns(
              matrix, mean: mean, variance: variance, epsilon: 1e-5, weight: weight, bias: bias,
              into: result)))
      },
      InstructionCase("normalise rows") { script, sizes, numbers in
        let matrix = script.draw(sizes.rows, sizes.columns, &numbers)
        let (weight, bias) = script.statistics(sizes.columns, &numbers)
        let result = script.draw(sizes.rows, sizes.columns, &numbers)
        script.append(
          .normalization(
            .rows(matrix, epsilon: 1e-5, weight: weight, bias: bias, into: result)))
      },
      InstructionCase("standardise") { script, sizes, numbers in
        let matrix = script.draw(sizes.rows, sizes.columns, &numbers)
        let (mean, deviation) = script.statistics(sizes.columns, &numbers)
        let result = script.draw(sizes.rows, sizes.columns, &numbers)
        script.append(
          .normalization(.standardize(matrix, mean: mean, deviation: deviation, into: result)))
      },
    ]
    + [Destination.replace, .add].flatMap { destination in
      [
        InstructionCase("column gradient, \(destination)") { script, sizes, numbers in
          let input = script.draw(sizes.rows, sizes.columns, &numbers)
          let gradient = script.draw(sizes.rows, sizes.columns, &numbers)
          let (mean, variance) = script.statistics(sizes.columns, &numbers)
          let (sums, products) = script.statistics(sizes.columns, &numbers)
          let weight = script.draw(1, sizes.columns, &numbers)
          let result = script.draw(sizes.rows, sizes.columns, &numbers)
          let site = BatchNormSite(
            input: input, outputGradient: gradient, mean: mean, variance: variance, epsilon: 1e-5)
          script.append(
            .normalization(.columnGradientSums(site, sums: sums, products: products)))
          script.append(
            .normalization(
              .columnGradient(
                site, weight: weight, sums: sums, products: products, into: result, destination)))
        },
        InstructionCase("row gradient, \(destination)") { script, sizes, numbers in
          script.appendRowGradient(sizes, destination, &numbers)
        },
      ]
    }

  static let losses: [InstructionCase] = [
    LossFunction.squaredError, .absoluteError, .huber(delta: 0.6), .binaryCrossEntropy,
    .binaryCrossEntropyOfLogits, .crossEntropyOfLogits,
  ].flatMap { function in
    [false, true].map { isWeighted in
      InstructionCase("\(function)\(isWeighted ? ", weighted" : "")") { script, sizes, numbers in
        let predictions = script.draw(sizes.rows, sizes.columns, &numbers)
        let targets = script.draw(sizes.rows, sizes.columns, &numbers)
        let result = script.draw(sizes.rows, sizes.columns, &numbers)
        let weights =
          isWeighted ? script.matrix(sizes.rows, 1, numbers.positive(sizes.rows)) : nil
        let rows = script.doubles(Array(repeating: .nan, count: sizes.rows))
        let batch = script.doubles([.nan, .nan])
        script.append(
          .loss(.rows(function, predictions: predictions, targets: targets, into: rows)))
        script.append(.loss(.batch(rows: rows, weights: weights, into: batch)))
        script.append(
          .loss(
            .gradient(
              function, predictions: predictions, targets: targets, weights: weights,
              batch: batch, factor: 1.5, into: result)))
      }
    }
  }

  static let updates: [InstructionCase] =
    [
      InstructionCase("descend") { script, sizes, numbers in
        let (value, gradient) = script.parameter(sizes, &numbers)
        let settings = script.settings
        script.append(.update(.descend(value, gradient: gradient, settings: settings)))
      },
      InstructionCase("adagrad") { script, sizes, numbers in
        let (value, gradient) = script.parameter(sizes, &numbers)
        let square = script.draw(sizes.rows, sizes.columns, &numbers)
        let settings = script.settings
        script.append(
          .update(
            .adagrad(value, gradient: gradient, square: square, epsilon: 1e-10, settings: settings))
        )
      },
      InstructionCase("root mean square") { script, sizes, numbers in
        let (square, gradient) = script.parameter(sizes, &numbers)
        script.append(
          .update(
            .rootMeanSquare(gradient: gradient, square: square, alpha: 0.99, epsilon: 1e-8)))
      },
      InstructionCase("adam") { script, sizes, numbers in
        let (value, gradient) = script.parameter(sizes, &numbers)
        let (mean, square) = script.parameter(sizes, &numbers)
        let settings = script.settings
        script.append(
          .update(
            .adam(
              AdamUpdate(
                value, gradient: gradient, mean: mean, square: square, beta1: 0.9, beta2: 0.999,
                epsilon: 1e-8, settings: settings))))
      },
      InstructionCase("penalize") { script, sizes, numbers in
        let (value, gradient) = script.parameter(sizes, &numbers)
        script.append(.update(.penalize(gradient: gradient, value: value, l1: 0.01, l2: 0.02)))
      },
      InstructionCase("clamp") { script, sizes, numbers in
        let matrix = script.draw(sizes.rows, sizes.columns, &numbers)
        script.append(.update(.clamp(matrix, bound: 0.5)))
      },
    ]
    + [0.5, 1e9].map { (bound: Float) in
      InstructionCase("clip norm, \(bound)") { script, sizes, numbers in
        let (first, second) = script.parameter(sizes, &numbers)
        let squares = script.doubles([0])
        script.append(.update(.addSquares(first, into: squares)))
        script.append(.update(.addSquares(second, into: squares)))
        script.append(.update(.clipNorm(first, squares: squares, bound: bound)))
      }
    }
    + [false, true].map { isNesterov in
      InstructionCase("momentum, \(isNesterov ? "Nesterov's" : "plain")") {
        script, sizes, numbers in
        let (value, gradient) = script.parameter(sizes, &numbers)
        let velocity = script.draw(sizes.rows, sizes.columns, &numbers)
        let settings = script.settings
        script.append(
          .update(
            .momentum(
              value, gradient: gradient, velocity: velocity, momentum: 0.9,
              isNesterov: isNesterov, settings: settings)))
      }
    }
}

extension Script {
  /// Two rows, the second with numbers above 0 half of the time.
  fileprivate mutating func statistics(
    _ columns: Int, _ numbers: inout Numbers
  ) -> (Matrix, Matrix) {
    let first = draw(1, columns, &numbers)
    let isPositive = numbers.int(0...1) == 1
    return (first, matrix(1, columns, isPositive ? numbers.positive(columns) : numbers(columns)))
  }

  /// Two matrices of one shape, the first with numbers above 0 half of the time.
  fileprivate mutating func parameter(
    _ sizes: Sizes, _ numbers: inout Numbers
  ) -> (Matrix, Matrix) {
    let count = sizes.rows * sizes.columns
    let isPositive = numbers.int(0...1) == 1
    return (
      matrix(sizes.rows, sizes.columns, isPositive ? numbers.positive(count) : numbers(count)),
      draw(sizes.rows, sizes.columns, &numbers)
    )
  }

  /// What an optimizer changes from step to step.
  fileprivate var settings: Matrix {
    mutating get { matrix(1, 4, [0.7, 0.05, 0.9, 0]) }
  }

  fileprivate mutating func appendRowGradient(
    _ sizes: Sizes, _ destination: Destination, _ numbers: inout Numbers
  ) {
    let input = draw(sizes.rows, sizes.columns, &numbers)
    let gradient = draw(sizes.rows, sizes.columns, &numbers)
    let (weight, weightGradient) = statistics(sizes.columns, &numbers)
    let biasGradient = draw(1, sizes.columns, &numbers)
    let result = draw(sizes.rows, sizes.columns, &numbers)
    for (parameters, inputGradient) in [(destination, Optional(result)), (.add, nil)] {
      append(
        .normalization(
          .rowGradient(
            LayerNormSite(
              input: input, outputGradient: gradient, weight: weight, epsilon: 1e-5,
              weightGradient: weightGradient, biasGradient: biasGradient,
              parameterDestination: parameters, inputGradient: inputGradient,
              destination: destination))))
    }
  }
}
