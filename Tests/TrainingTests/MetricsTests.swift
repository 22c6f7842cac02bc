import NeuralNetwork
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
      .binary(threshold: 0.5))
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
    let metrics = try classification(column([0, 0]), column([0, 1]), .binary(threshold: 0.5))
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
  func binaryIsInferred(targets: [Float], threshold: Float) {
    let task = PredictionTask.inferred(from: column(targets))
    guard case .binary(let found) = task else {
      Issue.record("\(task)")
      return
    }
    #expect((found - threshold).magnitude < 1e-7)
    #expect(PredictionTask.named("binary", targets: column(targets)) == task)
    #expect(task.labels(of: column(targets)) == targets.map { $0 > threshold ? 1 : 0 })
  }

  @Test("one column of three values, or rows that are not one-hot, are a regression")
  func regressionIsInferred() {
    #expect(PredictionTask.inferred(from: column([0, 1, 2])) == .regression)
    for row: [Float] in [[0, 0], [1, 1], [0.5, 0.5], [2, -1]] {
      let targets = Tensor(shape: [2, 2], elements: [0, 1] + row)
      #expect(PredictionTask.inferred(from: targets) == .regression)
    }
    #expect(PredictionTask.regression.labels(of: column([1])) == nil)
  }

  @Test("one-hot rows are several classes")
  func multiclassIsInferred() {
    let targets = Tensor(shape: [2, 3], elements: [0, 0, 1, 1, 0, 0])
    #expect(PredictionTask.inferred(from: targets) == .multiclass)
    #expect(PredictionTask.multiclass.labels(of: targets) == [2, 0])
  }

  @Test("a named task must fit the number of columns")
  func named() {
    let one = column([1, 2, 3])
    let two = Tensor(shape: [1, 2], elements: [1, 0])
    #expect(PredictionTask.named("binary", targets: two) == nil)
    #expect(PredictionTask.named("multiclass", targets: one) == nil)
    #expect(PredictionTask.named("multiclass", targets: two) == .multiclass)
    #expect(PredictionTask.named("regression", targets: two) == .regression)
    #expect(PredictionTask.named("binary", targets: one) == .binary(threshold: 2))
    let tasks: [PredictionTask] = [.binary(threshold: 0), .multiclass, .regression]
    #expect(tasks.map(\.name) == PredictionTask.names)
  }
}
