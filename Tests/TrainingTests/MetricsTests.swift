import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite("Metrics")
struct MetricsTests {
  private func column(_ elements: [Float]) -> Tensor {
    Tensor(shape: [elements.count, 1], elements: elements)
  }

  private func classification(
    _ outputs: Tensor, _ targets: Tensor, _ task: PredictionTask
  ) throws -> ClassificationMetrics {
    guard case .classification(let metrics) = Metrics(outputs, against: targets, task: task) else {
      Issue.record("A classification has classes")
      return ClassificationMetrics(predicted: [], actual: [], classes: 2)
    }
    return metrics
  }

  @Test("of two classes by hand")
  func binaryByHand() throws {
    let metrics = try classification(
      column([0.9, 0.6, 0.4, 0.1, 0.7, 0.5, 0.8]), column([1, 1, 1, 0, 0, 0, 1]),
      .binary(targetThreshold: 0.5, outputThreshold: 0.5))
    // predicted 1 1 0 0 1 0 1, actual 1 1 1 0 0 0 1: TP 3, FN 1, FP 1, TN 2
    #expect(metrics.confusionMatrix == [[2, 1], [1, 3]])
    #expect(metrics.accuracy == 5.0 / 7)
    #expect(metrics.errorRate == 2.0 / 7)
    #expect(metrics.precision == 3.0 / 4)
    #expect(metrics.recall == 3.0 / 4)
    #expect(metrics.f1 == 6.0 / 8)
  }

  @Test("of a class that is never predicted are 0, not undefined")
  func neverPredicted() throws {
    let metrics = try classification(
      column([0, 0]), column([0, 1]), .binary(targetThreshold: 0.5, outputThreshold: 0.5))
    #expect(metrics.precision == 0)
    #expect(metrics.recall == 0)
    #expect(metrics.f1 == 0)
    #expect(metrics.accuracy == 0.5)
  }

  @Test("of three classes by hand, averaged over the classes")
  func multiclassByHand() throws {
    let outputs = Tensor(
      shape: [5, 3],
      elements: [
        5, 1, 0,
        0, 2, 1,
        0, 3, 1,
        -3, -2, -1,
        7, 7, 0,
      ])
    let targets = Tensor(
      shape: [5, 3],
      elements: [
        1, 0, 0,
        0, 1, 0,
        0, 0, 1,
        0, 0, 1,
        0, 1, 0,
      ])
    let metrics = try classification(outputs, targets, .multiclass)
    // predicted 0 1 1 2 0 (the first of equals), actual 0 1 2 2 1
    #expect(metrics.confusionMatrix == [[1, 0, 0], [1, 1, 0], [0, 1, 1]])
    #expect(metrics.accuracy == 3.0 / 5)
    // precision 1/2, 1/2, 1    recall 1, 1/2, 1/2    f1 2/3, 1/2, 2/3
    #expect(metrics.precision == (0.5 + 0.5 + 1) / 3)
    #expect(metrics.recall == (1 + 0.5 + 0.5) / 3)
    #expect(metrics.f1 == (2.0 / 3 + 0.5 + 2.0 / 3) / 3)
  }

  @Test("of a regression by hand")
  func regressionByHand() {
    let outputs = Tensor(shape: [2, 2], elements: [1, 4, 3, 2])
    let targets = Tensor(shape: [2, 2], elements: [2, 2, 4, 4])
    guard
      case .regression(let metrics) = Metrics(outputs, against: targets, task: .regression)
    else {
      Issue.record("A regression has distances")
      return
    }
    // differences -1 -1 and 2 -2
    #expect(metrics.meanAbsoluteError == 6.0 / 4)
    #expect(metrics.rootMeanSquaredError == (10.0 / 4).squareRoot())
    // Each column spreads 1 + 1 about 3: 1 - 2 / 2 = 0 and 1 - 8 / 2 = -3.
    #expect(metrics.r2 == -1.5)
  }

  @Test("a constant target has no r2")
  func constantTarget() {
    let metrics = RegressionMetrics(column([1, 2]), against: column([3, 3]))
    #expect(!metrics.r2.isFinite)
    #expect(metrics.meanAbsoluteError == 1.5)
  }

  static let thresholds: [([Float], Float)] = [
    ([0, 1, 1], 0.5), ([0.2, 0.8], 0.5), ([-1, 1], 0), ([3, 7, 3], 5), ([1, 1], 0.5),
  ]

  @Test("one column of at most two values is binary, its threshold midway", arguments: thresholds)
  func binaryIsInferred(targets: [Float], threshold: Float) throws {
    let task = try PredictionTask.inferred(from: column(targets), loss: meanSquaredError())
    guard case .binary(let found, let ofOutputs) = task else {
      Issue.record("\(task)")
      return
    }
    #expect((found - threshold).magnitude < 1e-7)
    #expect(ofOutputs == found)
    #expect(
      try PredictionTask.named("binary", targets: column(targets), loss: meanSquaredError())
        == task)
    #expect(task.labels(ofTargets: column(targets)) == targets.map { $0 > threshold ? 1 : 0 })
  }

  @Test("one column of three values, or rows that are not one-hot, are a regression")
  func regressionIsInferred() throws {
    let loss = try meanSquaredError()
    #expect(PredictionTask.inferred(from: column([0, 1, 2]), loss: loss) == .regression)
    for row: [Float] in [[0, 0], [1, 1], [0.5, 0.5], [2, -1]] {
      let targets = Tensor(shape: [2, 2], elements: [0, 1] + row)
      #expect(PredictionTask.inferred(from: targets, loss: loss) == .regression)
    }
    #expect(PredictionTask.regression.labels(ofOutputs: column([1])) == nil)
  }

  @Test("one-hot rows are several classes")
  func multiclassIsInferred() throws {
    let loss = try meanSquaredError()
    let targets = Tensor(shape: [2, 3], elements: [0, 0, 1, 1, 0, 0])
    #expect(PredictionTask.inferred(from: targets, loss: loss) == .multiclass)
    #expect(PredictionTask.multiclass.labels(ofTargets: targets) == [2, 0])
  }

  @Test("a named task must fit the number of columns")
  func named() throws {
    let loss = try meanSquaredError()
    let one = column([1, 2, 3])
    let two = Tensor(shape: [1, 2], elements: [1, 0])
    #expect(PredictionTask.named("binary", targets: two, loss: loss) == nil)
    #expect(PredictionTask.named("multiclass", targets: one, loss: loss) == nil)
    #expect(PredictionTask.named("multiclass", targets: two, loss: loss) == .multiclass)
    #expect(PredictionTask.named("regression", targets: two, loss: loss) == .regression)
    #expect(
      PredictionTask.named("binary", targets: one, loss: loss)
        == .binary(targetThreshold: 2, outputThreshold: 2))
    let tasks: [PredictionTask] = [
      .binary(targetThreshold: 0, outputThreshold: 0), .multiclass, .regression,
    ]
    #expect(tasks.map(\.name) == PredictionTask.names)
  }

  @Test("logits are of class 1 above 0, whatever the targets' threshold")
  func logits() throws {
    let loss = try kind(BinaryCrossEntropyOfLogits.self)
    for targets: [Float] in [[0, 1, 1, 0], [0.25, 0.75, 0.75, 0.25]] {
      let task = PredictionTask.inferred(from: column(targets), loss: loss)
      #expect(task == .binary(targetThreshold: 0.5, outputThreshold: 0))
      #expect(PredictionTask.named("binary", targets: column(targets), loss: loss) == task)
      let outputs = column([-0.1, 0.1, 0, 0.4])
      #expect(task.labels(ofOutputs: outputs) == [0, 1, 0, 1])
      #expect(task.labels(ofTargets: column(targets)) == [0, 1, 1, 0])
      #expect(
        try classification(outputs, column(targets), task).confusionMatrix == [[1, 1], [1, 1]])
    }
    // Probabilities have the targets' threshold.
    #expect(
      PredictionTask.inferred(from: column([0, 1]), loss: try kind(BinaryCrossEntropy.self))
        == .binary(targetThreshold: 0.5, outputThreshold: 0.5))
  }

  @Test("a loss of classes makes a task of classes, also of shares that are not one-hot")
  func classesAreInferred() throws {
    let targets = Tensor(shape: [2, 3], elements: [0.2, 0.3, 0.5, 0.6, 0.4, 0])
    let loss = try kind(CrossEntropy.self)
    #expect(PredictionTask.inferred(from: targets, loss: loss) == .multiclass)
    let outputs = Tensor(shape: [2, 3], elements: [1, 2, 3, 4, 5, 6])
    #expect(
      try classification(outputs, targets, .multiclass).confusionMatrix
        == [[0, 0, 1], [0, 0, 0], [0, 0, 1]])
  }
}
