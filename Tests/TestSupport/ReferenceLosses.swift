import Foundation
package import NeuralNetwork

/// The formula of each kind of loss, in double.
package enum ReferenceLosses {
  /// The loss of one row: predictions, targets, options.
  package typealias Formula = @Sendable ([Double], [Double], ReferenceNetwork.Options) -> Double

  /// A formula for each kind of loss.
  package static let formulas: [String: Formula] = [
    "bce": mean { p, t, _ in -(t * max(log(p), -100) + (1 - t) * max(log(1 - p), -100)) },
    "bce_with_logits": mean { x, t, _ in log1p(exp(-x.magnitude)) + max(x, 0) - x * t },
    "cross_entropy": { predictions, targets, _ in
      let most = predictions.max() ?? 0
      let logSum = most + log(predictions.reduce(0) { $0 + exp($1 - most) })
      return zip(predictions, targets).reduce(0) { $0 - $1.1 * ($1.0 - logSum) }
    },
    "huber": mean { p, t, options in
      let (delta, distance) = (options.number("delta"), (p - t).magnitude)
      return distance <= delta ? distance * distance / 2 : delta * (distance - delta / 2)
    },
    "mae": mean { p, t, _ in (p - t).magnitude },
    "mse": mean { p, t, _ in (p - t) * (p - t) },
  ]

  /// How far each number is from where the gradient jumps or the loss is not defined; all that is
  /// needed is to be apart from it.
  static func distances(_ loss: any Loss, predictions: Rows, targets: Rows) -> [Double] {
    switch loss.type {
    case "mae": zip(predictions.joined(), targets.joined()).map { ($0 - $1).magnitude }
    case "huber":
      zip(predictions.joined(), targets.joined()).map {
        (($0 - $1).magnitude - ReferenceNetwork.Options(loss.options).number("delta")).magnitude
      }
    // Close to 0 and 1 the logarithm bends; beyond them there is none.
    case "bce": predictions.joined().map { $0 > 0 && $0 < 1 ? min($0, 1 - $0) / 20 : 1e-9 }
    default: []
    }
  }

  /// The mean over the rows, each counting as much as its weight; 0 if none counts.
  package static func batch(
    _ loss: any Loss, predictions: Rows, targets: Rows, weights: [Double]
  ) -> Double {
    guard let formula = formulas[loss.type] else {
      preconditionFailure("The reference has a formula for \(loss.type)")
    }
    let options = ReferenceNetwork.Options(loss.options)
    let total = weights.reduce(0, +)
    let sum = predictions.indices.reduce(0) { sum, row in
      sum + weights[row] * formula(predictions[row], targets[row], options)
    }
    return total == 0 ? 0 : sum / total
  }

  private static func mean(
    _ function: @escaping @Sendable (Double, Double, ReferenceNetwork.Options) -> Double
  ) -> Formula {
    { predictions, targets, options in
      zip(predictions, targets).reduce(0) { $0 + function($1.0, $1.1, options) }
        / Double(predictions.count)
    }
  }
}
