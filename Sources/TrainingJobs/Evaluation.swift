internal import Interchange
package import NeuralNetwork
package import Training

/// How good a model is on samples: its outputs, and what the targets say of them.
package struct Evaluation: Sendable {
  package let samples: Samples
  package let prediction: Predictor.Prediction
  package let tasks: [PredictionTask]

  /// Predicts the samples.
  ///
  /// - Parameters:
  ///   - model: What predicts.
  ///   - samples: Inputs and targets, at least one row.
  ///   - options: The loss, and what the outputs mean.
  package init(_ model: Model, on samples: Samples, _ options: TrainingOptions) {
    self.samples = samples
    prediction = Predictor(model).predict(samples, losses: options.losses(of: model.graph))
    tasks = options.tasks
  }

  /// Predicts the samples, unless somebody stops it; then it is nil.
  init?(
    _ model: Model, on samples: Samples, _ options: TrainingOptions, unless shouldStop: () -> Bool
  ) {
    let losses = options.losses(of: model.graph)
    guard
      let prediction = Predictor(model).predict(samples, losses: losses, unless: shouldStop)
    else { return nil }
    self.samples = samples
    self.prediction = prediction
    tasks = options.tasks
  }

  /// The metrics of each output, in the order of ``Graph/outputs``.
  package var metrics: [Metrics] {
    zip(zip(prediction.outputs, samples.targets), tasks).map { tensors, task in
      Metrics(tensors.0, against: tensors.1, task: task)
    }
  }

  /// The metrics as the job object shows them: the loss, and beside it those of the one output, or
  /// those of each under `outputs`.
  package func document(_ graph: Graph) -> JSONValue {
    let loss = JSONValue.Member("loss", .number(prediction.meanLoss))
    let documents = metrics.map(\.members)
    if documents.count == 1 {
      return .object([loss] + documents[0])
    }
    let outputs = zip(graph.outputs, documents).map { output, members in
      JSONValue.Member(graph.nodes[output].id.description, .object(members))
    }
    return .object([loss, JSONValue.Member("outputs", .object(outputs))])
  }
}

extension Metrics {
  /// The members that show the metrics in JSON.
  fileprivate var members: [JSONValue.Member] {
    switch self {
    case .classification(let metrics):
      [
        JSONValue.Member("error_rate", .number(metrics.errorRate)),
        JSONValue.Member("accuracy", .number(metrics.accuracy)),
        JSONValue.Member("precision", .number(metrics.precision)),
        JSONValue.Member("recall", .number(metrics.recall)),
        JSONValue.Member("f1", .number(metrics.f1)),
        JSONValue.Member(
          "confusion_matrix",
          .array(metrics.confusionMatrix.map { .array($0.map { .integer($0) }) })),
      ]
    case .regression(let metrics):
      [
        JSONValue.Member("mae", .number(metrics.meanAbsoluteError)),
        JSONValue.Member("rmse", .number(metrics.rootMeanSquaredError)),
        JSONValue.Member("r2", .number(metrics.r2)),
      ]
    }
  }
}
