package import NeuralNetwork

/// What an output's numbers mean, which decides its labels and metrics.
package enum PredictionTask: Hashable, Sendable {
  /// One number; class 1 above the threshold, else class 0.
  case binary(threshold: Float)

  /// A number for each class; the class of the greatest.
  case multiclass

  /// Numbers as they are.
  case regression

  /// The names that clients write.
  package static let names = ["binary", "multiclass", "regression"]

  /// The name that clients write.
  package var name: String {
    switch self {
    case .binary: "binary"
    case .multiclass: "multiclass"
    case .regression: "regression"
    }
  }

  /// Takes the task from the training targets: binary if one column holds at most two values,
  /// multiclass if each row of several columns is one-hot, else regression.
  ///
  /// - Parameter targets: Shape `[rows, features]`.
  /// - Returns: What the targets look like.
  package static func inferred(from targets: Tensor) -> PredictionTask {
    if targets.columns == 1 {
      var values: Set<Float> = []
      for element in targets.elements where values.insert(element).inserted && values.count > 2 {
        return .regression
      }
      return .binary(threshold: threshold(of: targets))
    }
    let isOneHot = (0..<targets.rows).allSatisfy { row in
      let values = targets.row(row)
      return values.allSatisfy { $0 == 0 || $0 == 1 } && values.reduce(0, +) == 1
    }
    return isOneHot ? .multiclass : .regression
  }

  /// The task that the client named, if its targets allow it.
  ///
  /// - Returns: Nil for `binary` with several columns and for `multiclass` with one.
  package static func named(_ name: String, targets: Tensor) -> PredictionTask? {
    switch name {
    case "binary": targets.columns == 1 ? .binary(threshold: threshold(of: targets)) : nil
    case "multiclass": targets.columns > 1 ? .multiclass : nil
    default: .regression
    }
  }

  /// Midway between the smallest and the greatest target: 0.5 for 0 and 1 as for 0.2 and 0.8.
  private static func threshold(of targets: Tensor) -> Float {
    guard let least = targets.elements.min(), let most = targets.elements.max(), least < most
    else { return 0.5 }
    return least / 2 + most / 2
  }

  /// The class of each row; nil for regression.
  package func labels(of tensor: Tensor) -> [Int]? {
    switch self {
    case .binary(let threshold): tensor.elements.map { $0 > threshold ? 1 : 0 }
    case .multiclass:
      (0..<tensor.rows).map { row in
        let values = tensor.row(row)
        // The first of equal numbers, so that the label does not depend on how they are compared.
        let best = values.indices.reduce(values.startIndex) { values[$1] > values[$0] ? $1 : $0 }
        return best - values.startIndex
      }
    case .regression: nil
    }
  }
}

extension Tensor {
  /// The entries of one row.
  package func row(_ index: Int) -> ArraySlice<Float> {
    elements[(index * columns)..<((index + 1) * columns)]
  }
}
