package import NeuralNetwork

/// How good predictions are, one output against its targets.
package enum Metrics: Hashable, Sendable {
  case classification(ClassificationMetrics)
  case regression(RegressionMetrics)

  /// Compares predictions with targets.
  ///
  /// - Parameters:
  ///   - outputs: Shape `[rows, features]`, at least one row.
  ///   - targets: The same shape.
  ///   - task: What the numbers mean.
  package init(_ outputs: Tensor, against targets: Tensor, task: PredictionTask) {
    switch task {
    case .binary, .multiclass:
      self = .classification(
        ClassificationMetrics(
          rows: targets.rows, classes: task == .multiclass ? targets.columns : 2,
          actual: { task.label(ofTarget: $0, in: targets) },
          predicted: { task.label(ofOutput: $0, in: outputs) }))
    case .regression:
      self = .regression(RegressionMetrics(outputs, against: targets))
    }
  }
}

/// Counts of right and wrong classes, and the rates that follow from them.
package struct ClassificationMetrics: Hashable, Sendable {
  /// The most entries of all confusion matrices of a job: those of 256 classes.
  package static let countsMax = 256 * 256

  /// `confusionMatrix[actual][predicted]` counts rows.
  package let confusionMatrix: [[Int]]

  /// Counts rows by actual and predicted class, each below `classes`.
  package init(predicted: [Int], actual: [Int], classes: Int) {
    self.init(
      rows: actual.count, classes: classes, actual: { actual[$0] }, predicted: { predicted[$0] })
  }

  /// Counts rows by their classes, which nobody needs to keep.
  init(rows: Int, classes: Int, actual: (Int) -> Int, predicted: (Int) -> Int) {
    var counts = Array(repeating: Array(repeating: 0, count: classes), count: classes)
    for row in 0..<rows {
      counts[actual(row)][predicted(row)] += 1
    }
    confusionMatrix = counts
  }

  private var rows: Int { confusionMatrix.reduce(0) { $0 + $1.reduce(0, +) } }

  /// Rows with the right class, over all rows.
  package var accuracy: Double {
    Double(confusionMatrix.indices.reduce(0) { $0 + confusionMatrix[$1][$1] }) / Double(rows)
  }

  /// Rows with a wrong class, over all rows.
  package var errorRate: Double {
    let right = confusionMatrix.indices.reduce(0) { $0 + confusionMatrix[$1][$1] }
    return Double(rows - right) / Double(rows)
  }

  /// Of the rows predicted to be of a class, those that are.
  package var precision: Double {
    mean { label in
      ratio(confusionMatrix[label][label], confusionMatrix.reduce(0) { $0 + $1[label] })
    }
  }

  /// Of the rows of a class, those predicted to be.
  package var recall: Double {
    mean { label in ratio(confusionMatrix[label][label], confusionMatrix[label].reduce(0, +)) }
  }

  /// The harmonic mean of precision and recall: `2 TP / (2 TP + FP + FN)`.
  package var f1: Double {
    mean { label in
      let right = 2 * confusionMatrix[label][label]
      let actual = confusionMatrix[label].reduce(0, +)
      let predicted = confusionMatrix.reduce(0) { $0 + $1[label] }
      return ratio(right, actual + predicted)
    }
  }

  /// Of two classes the one called 1 counts; of more, the mean over all (macro average).
  private func mean(_ rate: (Int) -> Double) -> Double {
    let labels = confusionMatrix.count == 2 ? 1..<2 : confusionMatrix.indices
    return labels.reduce(0) { $0 + rate($1) } / Double(labels.count)
  }

  /// A rate of nothing is 0, as in scikit-learn.
  private func ratio(_ part: Int, _ whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }
}

/// Distances between predictions and targets.
package struct RegressionMetrics: Hashable, Sendable {
  /// Mean of the absolute differences, over all numbers.
  package let meanAbsoluteError: Double

  /// Square root of the mean squared difference, over all numbers.
  package let rootMeanSquaredError: Double

  /// `1 - sum of squared differences / sum of squared distances from the column's mean`, averaged
  /// over the columns; not finite if a column is constant.
  package let r2: Double

  /// Compares two tensors of one shape `[rows, features]`.
  package init(_ outputs: Tensor, against targets: Tensor) {
    var absolute = 0.0
    var squared = 0.0
    var r2Sum = 0.0
    for column in 0..<targets.columns {
      let positions = stride(from: column, to: targets.elements.count, by: targets.columns)
      let mean =
        positions.reduce(0.0) { $0 + Double(targets.elements[$1]) } / Double(targets.rows)
      var columnSquared = 0.0
      var spread = 0.0
      for position in positions {
        let target = Double(targets.elements[position])
        let difference = Double(outputs.elements[position]) - target
        absolute += difference.magnitude
        columnSquared += difference * difference
        spread += (target - mean) * (target - mean)
      }
      squared += columnSquared
      r2Sum += 1 - columnSquared / spread
    }
    let count = Double(targets.elements.count)
    meanAbsoluteError = absolute / count
    rootMeanSquaredError = (squared / count).squareRoot()
    r2 = r2Sum / Double(targets.columns)
  }
}
