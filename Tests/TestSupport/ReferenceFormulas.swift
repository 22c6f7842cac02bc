import Foundation
internal import NeuralNetwork

extension ReferenceNetwork {
  /// A formula for each kind of operator.
  package static let formulas: [String: Formula] = [
    "batch_norm": batchNorm,
    "concat": { operands in
      operands.inputs[0].indices.map { row in operands.inputs.flatMap { $0[row] } }
    },
    "dropout": dropout,
    "elu": elementwise { x, options in x > 0 ? x : options.number("alpha") * expm1(x) },
    "gelu": elementwise { x, options in
      options.text("approximate") == "none"
        ? x / 2 * (1 + erf(x / 2.0.squareRoot()))
        : x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    },
    "identity": elementwise { x, _ in x },
    "layer_norm": { operands in
      operands.inputs[0].map { row in
        let (mean, variance) = statistics(row)
        return normalized(
          row, mean: Array(repeating: mean, count: row.count),
          variance: Array(repeating: variance, count: row.count), operands)
      }
    },
    "leaky_relu": elementwise { x, options in x > 0 ? x : options.number("negative_slope") * x },
    "linear": linear,
    "multiply": combination { $0.reduce(1, *) },
    "relu": elementwise { x, _ in max(x, 0) },
    "sigmoid": elementwise { x, _ in 1 / (1 + exp(-x)) },
    "silu": elementwise { x, _ in x / (1 + exp(-x)) },
    "softmax": { operands in
      operands.inputs[0].map { row in
        let sum = row.reduce(0) { $0 + exp($1) }
        return row.map { exp($0) / sum }
      }
    },
    "softplus": elementwise { x, options in
      let beta = options.number("beta")
      return beta * x > options.number("threshold") ? x : log1p(exp(beta * x)) / beta
    },
    "standardize": { operands in
      operands.inputs[0].map { row in
        row.indices.map {
          (row[$0] - operands.parameters[0][0][$0]) / operands.parameters[1][0][$0]
        }
      }
    },
    "subtract": combination { $0[0] - $0[1] },
    "sum": combination { $0.reduce(0, +) },
    "tanh": elementwise { x, _ in tanh(x) },
  ]

  /// For each kind whose derivative jumps, or bends so that differences of it say little, how far
  /// each number is from there.
  static let kinks: [String: @Sendable (Operands) -> [Double]] = [
    "batch_norm": { operands in
      operands.mode == .prediction ? [] : deviations(columns(operands.inputs[0]))
    },
    "elu": { $0.inputs[0].joined().map(\.magnitude) },
    "layer_norm": { deviations($0.inputs[0]) },
    "leaky_relu": { $0.inputs[0].joined().map(\.magnitude) },
    "relu": { $0.inputs[0].joined().map(\.magnitude) },
    "softplus": { operands in
      let edge = operands.options.number("threshold") / operands.options.number("beta")
      return operands.inputs[0].joined().map { ($0 - edge).magnitude }
    },
  ]

  /// Numbers whose deviation is small are far from linear in a step of the differences.
  private static func deviations(_ vectors: Rows) -> [Double] {
    vectors.map { statistics($0).variance.squareRoot() / 200 }
  }

  private static func elementwise(_ function: @escaping @Sendable (Double, Options) -> Double)
    -> Formula
  {
    { operands in operands.inputs[0].map { $0.map { function($0, operands.options) } } }
  }

  private static func combination(_ function: @escaping @Sendable ([Double]) -> Double) -> Formula {
    { operands in
      operands.inputs[0].indices.map { row in
        operands.inputs[0][row].indices.map { column in
          function(operands.inputs.map { $0[row][column] })
        }
      }
    }
  }

  private static let linear: Formula = { operands in
    let weight = operands.parameters[0]
    let bias =
      operands.parameters.count > 1
      ? operands.parameters[1][0] : Array(repeating: 0, count: weight.count)
    return operands.inputs[0].map { x in
      zip(weight, bias).map { a, b in b + zip(x, a).reduce(0) { $0 + $1.0 * $1.1 } }
    }
  }

  private static let dropout: Formula = { operands in
    guard operands.mode == .training else { return operands.inputs[0] }
    let rate = operands.options.number("rate")
    return operands.inputs[0].enumerated().map { row, numbers in
      numbers.enumerated().map { column, x in
        operands.mask.keeps(row: row, column: column, of: numbers.count, rate: rate)
          ? x / (1 - rate) : 0
      }
    }
  }

  private static let batchNorm: Formula = { operands in
    let statistics: (mean: [Double], variance: [Double])
    switch operands.mode {
    case .training:
      let all = columns(operands.inputs[0]).map { ReferenceNetwork.statistics($0) }
      statistics = (all.map(\.mean), all.map(\.variance))
    case .prediction: statistics = (operands.parameters[2][0], operands.parameters[3][0])
    }
    return operands.inputs[0].map { row in
      normalized(row, mean: statistics.mean, variance: statistics.variance, operands)
    }
  }

  private static func normalized(
    _ row: [Double], mean: [Double], variance: [Double], _ operands: Operands
  ) -> [Double] {
    let epsilon = operands.options.number("epsilon")
    return row.indices.map { index in
      (row[index] - mean[index]) / (variance[index] + epsilon).squareRoot()
        * operands.parameters[0][0][index] + operands.parameters[1][0][index]
    }
  }

  /// Mean, and mean squared distance from it.
  static func statistics(_ numbers: [Double]) -> (mean: Double, variance: Double) {
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / Double(numbers.count))
  }

  static func columns(_ rows: Rows) -> Rows {
    (rows.first ?? []).indices.map { column in rows.map { $0[column] } }
  }
}
