package import NeuralNetwork

/// What an output's numbers mean, which decides its labels and metrics.
package enum PredictionTask: Hashable, Sendable {
  /// One number; class 1 above the threshold, else class 0. Targets and predictions have thresholds
  /// of their own where the predictions are logits.
  case binary(targetThreshold: Float, outputThreshold: Float)

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

  /// Takes the task from the training targets: multiclass if the loss is of classes; else binary if
  /// one column holds at most two values, multiclass if each row of several columns is one-hot, else
  /// regression.
  ///
  /// - Parameters:
  ///   - targets: Shape `[rows, features]`.
  ///   - loss: The output's.
  /// - Returns: What the targets look like.
  package static func inferred(from targets: Tensor, loss: any Loss) -> PredictionTask {
    if loss.isOfClasses { return .multiclass }
    if targets.columns == 1 {
      var values: Set<Float> = []
      for element in targets.elements where values.insert(element).inserted && values.count > 2 {
        return .regression
      }
      return .binary(targetThreshold: threshold(of: targets), loss)
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
  package static func named(
    _ name: String, targets: Tensor, loss: any Loss
  ) -> PredictionTask? {
    switch name {
    case "binary":
      targets.columns == 1 ? .binary(targetThreshold: threshold(of: targets), loss) : nil
    case "multiclass": targets.columns > 1 ? .multiclass : nil
    default: .regression
    }
  }

  /// Binary with the threshold of predictions that belongs to that of targets.
  package static func binary(targetThreshold: Float, _ loss: any Loss) -> PredictionTask {
    // The sigmoid of 0 is a half, which lies midway between targets of 0 and 1.
    .binary(
      targetThreshold: targetThreshold, outputThreshold: loss.isOfLogits ? 0 : targetThreshold)
  }

  /// Midway between the smallest and the greatest target: 0.5 for 0 and 1 as for 0.2 and 0.8.
  private static func threshold(of targets: Tensor) -> Float {
    guard let least = targets.elements.min(), let most = targets.elements.max(), least < most
    else { return 0.5 }
    return least / 2 + most / 2
  }

  /// The class of each row of predictions; nil for regression.
  package func labels(ofOutputs outputs: Tensor) -> [Int]? {
    if self == .regression { return nil }
    return (0..<outputs.rows).map { label(ofOutput: $0, in: outputs) }
  }

  /// The class of each row of targets; nil for regression.
  package func labels(ofTargets targets: Tensor) -> [Int]? {
    if self == .regression { return nil }
    return (0..<targets.rows).map { label(ofTarget: $0, in: targets) }
  }

  /// The class of one row of predictions; regression has none.
  func label(ofOutput row: Int, in outputs: Tensor) -> Int {
    switch self {
    case .binary(_, let threshold): outputs.elements[row] > threshold ? 1 : 0
    case .multiclass, .regression: greatest(outputs.row(row))
    }
  }

  /// The class of one row of targets; regression has none.
  func label(ofTarget row: Int, in targets: Tensor) -> Int {
    switch self {
    case .binary(let threshold, _): targets.elements[row] > threshold ? 1 : 0
    case .multiclass, .regression: greatest(targets.row(row))
    }
  }

  /// The column of a row's greatest number.
  private func greatest(_ values: ArraySlice<Float>) -> Int {
    // The first of equal numbers, so that the label does not depend on how they are compared.
    let best = values.indices.reduce(values.startIndex) { values[$1] > values[$0] ? $1 : $0 }
    return best - values.startIndex
  }
}

extension Tensor {
  /// The entries of one row.
  package func row(_ index: Int) -> ArraySlice<Float> {
    elements[(index * columns)..<((index + 1) * columns)]
  }
}
