package import NeuralNetwork
package import Training

/// What a client asked for, after all checks: everything that a training needs.
package struct TrainingRequest: Sendable {
  /// Chosen by the client for people; need not be unique.
  package let name: String?

  package let graph: Graph

  /// Laid out in the graph's order.
  package let dataset: Dataset

  /// How the data set was made, if the client named a generator; echoed in the job.
  package let generator: [JSONValue.Member]

  package let options: TrainingOptions

  /// Among the jobs of its owner, those of higher priority are trained first.
  package let priority: Int

  /// The client's own labels, kept and returned unchanged.
  package let metadata: JSONValue?

  /// The network with the values that training begins with, drawn anew at each call.
  package var model: Model {
    Model(graph: graph, seed: options.hyperparameters.seed, fittedTo: dataset.train.inputs)
  }
}

/// The `training` member with every default resolved.
package struct TrainingOptions: Sendable {
  package let hyperparameters: Hyperparameters

  package let run: RunLimits

  /// What each output's numbers mean, in the order of ``Graph/outputs``.
  package let tasks: [PredictionTask]

  /// The losses in the order of ``Graph/outputs``.
  package func losses(of graph: Graph) -> [WeightedLoss] {
    hyperparameters.losses.losses(of: graph)
  }
}

/// Places in a request whose arrays are read straight into tensors.
package enum TensorPlaces {
  /// For `POST /jobs` and `POST /networks/validate`: data, and values of parameters.
  package static func ofTrainingRequest(_ path: JSONPath) -> Bool {
    switch (path.member(at: 0), path.member(at: 1)) {
    case ("dataset", _):
      path.member(at: 2) == "inputs" || path.member(at: 2) == "targets"
        || path.member(at: 2) == "weights"
    case ("network", "operators"):
      // An operator's own `inputs` are ids.
      path.count == 4 && path.member(at: 3) != "inputs"
    default: false
    }
  }

  /// For `POST /jobs/{id}/predictions`.
  package static func ofPredictionRequest(_ path: JSONPath) -> Bool {
    path.member(at: 0) == "inputs" || path.member(at: 0) == "targets"
  }
}
