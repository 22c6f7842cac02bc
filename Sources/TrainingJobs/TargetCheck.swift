internal import NeuralNetwork
internal import Training

/// Holds an output's targets to what its loss can judge.
struct TargetCheck {
  let loss: any Loss
  let output: Graph.Node
  private(set) var issues: [ConfigurationIssue] = []

  /// The most numbers that class numbers become.
  static let sharesMax = 1 << 26

  init(loss: any Loss, output: Graph.Node) {
    self.loss = loss
    self.output = output
  }

  /// Checks targets.
  ///
  /// - Parameters:
  ///   - targets: Shape `[rows, features]`, or `[rows, 1]` where the loss takes class numbers.
  ///   - place: Where the client wrote them.
  /// - Returns: Shape `[rows, features]`: 1 in the column of each row's class number.
  mutating func resolve(_ targets: Tensor, at place: JSONPath) -> Tensor {
    let features = output.outputFeatures
    if targets.columns == 1 && features > 1 && loss.takesClassNumbers {
      return classShares(targets, classes: features, at: place)
    }
    if let range = loss.targetRange,
      let index = targets.elements.firstIndex(where: { !range.contains($0) })
    {
      tell(
        row: index / targets.columns, place,
        "the target \(targets.elements[index]) in row \(index / targets.columns), column "
          + "\(index % targets.columns) is not from \(Int(range.lowerBound)) to "
          + "\(Int(range.upperBound)), as loss \(loss.type) of output \(output.id) needs it; scale the "
          + "targets or take another loss, such as mse")
    } else if loss.isOfClasses {
      checkSums(targets, at: place)
    }
    return targets
  }

  private mutating func checkSums(_ targets: Tensor, at place: JSONPath) {
    for row in 0..<targets.rows {
      let sum = targets.row(row).reduce(0.0) { $0 + Double($1) }
      guard (sum - 1).magnitude > 1e-3 else { continue }
      tell(
        row: row, place,
        "the targets in row \(row) add up to \(sum), but the shares of classes that loss "
          + "\(loss.type) of output \(output.id) needs add up to 1; a class number in a single "
          + "column will do too")
      return
    }
  }

  private mutating func classShares(
    _ targets: Tensor, classes: Int, at place: JSONPath
  ) -> Tensor {
    let count = targets.rows * classes
    guard count <= TargetCheck.sharesMax else {
      issues.tell(
        ConfigurationIssue(
          pointer: place.description, code: "over_limit",
          detail:
            "class numbers of \(targets.rows) rows in \(classes) classes become \(count) numbers, "
            + "but at most \(TargetCheck.sharesMax) are allowed; give fewer rows or classes"))
      return targets
    }
    var shares = Array(repeating: Float(0), count: count)
    for (row, number) in targets.elements.enumerated() {
      guard let label = Int(exactly: number), (0..<classes).contains(label) else {
        tell(
          row: row, place,
          "the target \(number) in row \(row) is no class: output \(output.id) has the classes 0 to "
            + "\(classes - 1)")
        return targets
      }
      shares[row * classes + label] = 1
    }
    return Tensor(shape: [targets.rows, classes], elements: shares)
  }

  private mutating func tell(row: Int, _ place: JSONPath, _ detail: String) {
    issues.tell(
      ConfigurationIssue(
        pointer: place.entry(row).description, code: "invalid_target", detail: detail))
  }
}
