internal import Interchange
package import NeuralNetwork
package import Training

/// Draws a classification of points of the plane, as the paper's Figures 2 to 4.
package enum TrainingFigure {
  /// Why a training cannot be drawn.
  package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    case inputFeatures(Int)
    case outputs(Int)
    case regression
    case split(SplitName, has: [SplitName])

    /// A stable identifier for programs.
    package var code: String {
      switch self {
      case .inputFeatures, .outputs, .regression: "figure_not_possible"
      case .split: "split_not_found"
      }
    }

    /// One sentence for people.
    package var description: String {
      switch self {
      case .inputFeatures(let count):
        "A figure needs a network with one input of two features, but this one's inputs have "
          + "\(count) features"
      case .outputs(let count):
        "A figure needs a network with one output, but this one has \(count)"
      case .regression:
        "A figure shows classes, but the task of this job is regression"
      case .split(let split, let others):
        "The data set has no samples in \(split.rawValue), only in "
          + others.map(\.rawValue).joined(separator: " and ")
      }
    }
  }

  /// The most points drawn in one panel.
  private static let pointsMax = 2_000

  /// Cells along each side of the grid that shows the learned classes.
  private static let gridSide = 200

  /// Draws a panel for each split.
  ///
  /// - Parameters:
  ///   - title: Stands above the panels.
  ///   - model: What has been learned.
  ///   - dataset: The points.
  ///   - splits: The panels, from left to right; nil for those of train and test that there are.
  ///   - options: What the outputs mean.
  /// - Returns: SVG.
  /// - Throws: A ``Refusal``.
  package static func svg(
    title: String, _ model: Model, _ dataset: Dataset, splits: [SplitName]?,
    _ options: TrainingOptions
  ) throws(Refusal) -> String {
    let graph = model.graph
    guard graph.inputs.count == 1, graph.inputs[0].features == 2 else {
      throw .inputFeatures(graph.inputs.reduce(0) { $0 + $1.features })
    }
    guard graph.outputs.count == 1, options.tasks.count == 1 else {
      throw .outputs(graph.outputs.count)
    }
    let task = options.tasks[0]
    if task == .regression { throw .regression }
    let shown = splits ?? [.train, .test].filter(dataset.splits.contains)
    for split in shown where dataset[split: split] == nil {
      throw .split(split, has: dataset.splits)
    }
    let points = shown.compactMap { dataset[split: $0]?.inputs[0] }
    let x = ScatterFigure.range(covering: points.lazy.flatMap { coordinates($0, 0) })
    let y = ScatterFigure.range(covering: points.lazy.flatMap { coordinates($0, 1) })
    let region = region(model, task, x: x, y: y)
    let panels = shown.compactMap { split in
      dataset[split: split].map { samples in
        panel(split, Evaluation(model, on: samples, options), region, x: x, y: y)
      }
    }
    let classes = task == .multiclass ? graph.nodes[graph.outputs[0]].outputFeatures : 2
    return ScatterFigure(
      title: title, panels: panels, classNames: (0..<classes).map { "class \($0)" }
    ).svg()
  }

  private static func coordinates(_ inputs: Tensor, _ column: Int) -> [Double] {
    (0..<inputs.rows).map { Double(inputs.elements[2 * $0 + column]) }
  }

  private static func region(
    _ model: Model, _ task: PredictionTask, x: ClosedRange<Double>, y: ClosedRange<Double>
  ) -> ScatterFigure.Region {
    let positions = ScatterFigure.Region.positions(columns: gridSide, rows: gridSide, x: x, y: y)
    let grid = Tensor(shape: [gridSide * gridSide, 2], elements: positions)
    let output = Predictor(model).predict([grid])[0]
    if case .binary(_, let threshold) = task {
      return .scores(columns: gridSide, rows: gridSide, output.elements, level: threshold)
    }
    return .labels(columns: gridSide, rows: gridSide, task.labels(ofOutputs: output) ?? [])
  }

  private static func panel(
    _ split: SplitName, _ evaluation: Evaluation, _ region: ScatterFigure.Region,
    x: ClosedRange<Double>, y: ClosedRange<Double>
  ) -> ScatterFigure.Panel {
    let task = evaluation.tasks[0]
    let actual = task.labels(ofTargets: evaluation.samples.targets[0]) ?? []
    let predicted = task.labels(ofOutputs: evaluation.prediction.outputs[0]) ?? []
    let inputs = evaluation.samples.inputs[0]
    let points = zip(actual, predicted).prefix(pointsMax).enumerated().map { row, labels in
      ScatterFigure.Point(
        x: Double(inputs.elements[2 * row]), y: Double(inputs.elements[2 * row + 1]),
        label: labels.0, isMisclassified: labels.0 != labels.1)
    }
    let wrong = zip(actual, predicted).count { $0 != $1 }
    var caption =
      "error rate \(percent(wrong, of: actual.count)) (\(wrong) of \(actual.count))"
    if actual.count > pointsMax { caption += ", the first \(pointsMax) shown" }
    return ScatterFigure.Panel(
      title: split.rawValue, caption: caption, points: points, region: region, x: x, y: y)
  }

  /// A share in per cent with one decimal.
  private static func percent(_ part: Int, of whole: Int) -> String {
    let tenths = (part * 1_000 + whole / 2) / whole
    return "\(tenths / 10).\(tenths % 10) %"
  }
}

extension Dataset {
  /// The splits that have samples.
  package var splits: [SplitName] { SplitName.allCases.filter { self[split: $0] != nil } }
}
