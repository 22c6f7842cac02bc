package import KernelInstructions
internal import Kernels

/// The number that training minimises, of one output: the weighted mean over a batch's rows.
///
/// Like an operator it has a forward and a backward duty. To add one: a file in this folder and a
/// line in ``LossCatalogue``.
package protocol Loss: Kind {
  /// The members that write it so that it can be read again, without `type` and `weight`.
  var options: [JSONValue.Member] { get }

  /// What it computes of each row.
  var function: LossFunction { get }

  /// How much rows of each class count; nil if all count alike.
  var classWeights: [Double]? { get }

  /// Whether targets of one column may be the numbers of classes.
  var takesClassNumbers: Bool { get }

  /// The greatest and the least target.
  var targetRange: ClosedRange<Float>? { get }

  /// Whether predictions are the arguments of a sigmoid, so that a half is told by 0.
  var isOfLogits: Bool { get }

  /// Whether each row's targets are the shares of classes, which add up to 1.
  var isOfClasses: Bool { get }
}

extension Loss {
  package var options: [JSONValue.Member] {
    classWeights.map {
      [JSONValue.Member("class_weights", .array($0.map { .number($0) }))]
    } ?? []
  }
  package var classWeights: [Double]? { nil }
  package var takesClassNumbers: Bool { false }
  package var targetRange: ClosedRange<Float>? { nil }
  package var isOfLogits: Bool { false }
  package var isOfClasses: Bool { false }

  /// Computes the loss of each row, and of the batch.
  func forward(_ site: LossSite, into program: inout Program) {
    program.loss(
      .rows(function, predictions: site.predictions, targets: site.targets, into: site.rows))
    program.loss(.batch(rows: site.rows, weights: site.weights, into: site.batch))
  }

  /// Computes the gradient with respect to the predictions.
  func backward(_ site: LossSite, factor: Double, into program: inout Program) {
    guard let gradient = site.gradient else { return }
    program.loss(
      .gradient(
        function, predictions: site.predictions, targets: site.targets, weights: site.weights,
        batch: site.batch, factor: Float(factor), into: gradient))
  }
}

/// Where a loss's numbers lie, for one number of rows.
struct LossSite: Sendable {
  /// Shape `[rows, features]`.
  let predictions: Matrix
  /// The same shape.
  let targets: Matrix
  /// How much each row counts, shape `[rows, 1]`; nil if all count alike.
  let weights: Matrix?
  /// A double for each row, its loss.
  let rows: Matrix
  /// Two doubles: the batch's loss, and the sum of its weights.
  let batch: Matrix
  /// Receives the gradient with respect to the predictions; nil when the network only predicts.
  let gradient: Matrix?
}

/// A loss and how much it counts among those of several outputs.
package struct WeightedLoss: Sendable {
  package let loss: any Loss
  package let weight: Double

  package init(_ loss: any Loss, weight: Double = 1) {
    self.loss = loss
    self.weight = weight
  }

  /// How much each row counts.
  ///
  /// - Parameters:
  ///   - targets: Shape `[rows, features]`.
  ///   - sampleWeights: The client's, shape `[rows, 1]`.
  /// - Returns: The sample's weight times its class's, the mean of both classes' for a soft target;
  ///   nil if all rows count alike.
  package func rowWeights(targets: Tensor, sampleWeights: Tensor?) -> Tensor? {
    guard let classWeights = loss.classWeights else { return sampleWeights }
    let elements = (0..<targets.rows).map { row -> Float in
      let shares = targets.elements[(row * targets.columns)..<((row + 1) * targets.columns)]
      let sampleWeight = sampleWeights.map { Double($0.elements[row]) } ?? 1
      if shares.count == 1 {
        let share = Double(shares.first ?? 0)
        return Float(sampleWeight * (classWeights[0] * (1 - share) + classWeights[1] * share))
      }
      return Float(
        sampleWeight * zip(shares, classWeights).reduce(0) { $0 + Double($1.0) * $1.1 })
    }
    return Tensor(shape: [targets.rows, 1], elements: elements)
  }
}

/// The kinds of loss that a job may name.
package enum LossCatalogue {
  /// One line for each kind.
  package static let kinds: [any Loss.Type] = [
    BinaryCrossEntropy.self,
    BinaryCrossEntropyOfLogits.self,
    CrossEntropy.self,
    Huber.self,
    MeanAbsoluteError.self,
    MeanSquaredError.self,
  ]
}

extension ConfigurationReader {
  /// Reads how much each class counts.
  mutating func classWeights(counts: ClosedRange<Int>) -> [Double]? {
    guard let value = value("class_weights") else { return nil }
    let weights = value.numbers
    if let weights, counts.contains(weights.count),
      weights.allSatisfy({ (0...1e6).contains($0) }), weights.contains(where: { $0 > 0 })
    {
      return weights
    }
    let number = counts.count == 1 ? "\(counts.lowerBound)" : "\(counts.lowerBound) or more"
    let fault =
      if let weights, counts.contains(weights.count) {
        weights.first { !(0...1e6).contains($0) }.map { "one is \($0)" } ?? "all are 0"
      } else if let weights {
        "there \(weights.count == 1 ? "is" : "are") \(weights.count)"
      } else {
        "it is \(value.kind)"
      }
    report(
      "invalid_value", member: "class_weights",
      "class_weights of \(subject) must be an array of \(number) numbers from 0 to 1000000, one for "
        + "each class, but \(fault)")
    return nil
  }
}

extension JSONValue {
  /// The numbers of an array; nil if it is something else.
  var numbers: [Double]? {
    switch self {
    case .array(let values):
      let numbers = values.compactMap(\.number)
      return numbers.count == values.count ? numbers : nil
    case .tensor(let tensor) where tensor.shape.count == 1:
      return tensor.elements.map(Double.init)
    case .null, .bool, .integer, .number, .string, .object, .tensor, .malformedTensor: return nil
    }
  }

  private var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    case .null, .bool, .string, .array, .object, .tensor, .malformedTensor: nil
    }
  }
}
