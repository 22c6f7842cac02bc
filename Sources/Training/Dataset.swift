package import NeuralNetwork

/// Inputs and targets of one split, a row for each sample, in a graph's order.
package struct Samples: Sendable {
  /// For each of ``Graph/inputs``, shape `[rows, features]`.
  package let inputs: [Tensor]

  /// For each of ``Graph/outputs``, shape `[rows, features]`.
  package let targets: [Tensor]

  /// How much each sample counts, shape `[rows, 1]`; nil if all count alike.
  package let weights: Tensor?

  /// Puts inputs and targets together.
  package init(inputs: [Tensor], targets: [Tensor], weights: Tensor? = nil) {
    precondition(
      (inputs + targets + (weights.map { [$0] } ?? [])).allSatisfy {
        $0.rows == inputs.first?.rows
      },
      "Inputs and targets have a row for each sample")
    self.inputs = inputs
    self.targets = targets
    self.weights = weights
  }

  /// The number of samples.
  package var rows: Int { inputs.first?.rows ?? 0 }

  /// How much each sample counts for each output.
  ///
  /// - Parameter losses: One for each output.
  /// - Returns: For each output shape `[rows, 1]`; empty if all samples count alike everywhere.
  package func rowWeights(_ losses: [WeightedLoss]) -> [Tensor] {
    let weights = zip(losses, targets).map { loss, targets in
      loss.rowWeights(targets: targets, sampleWeights: self.weights)
    }
    if weights.allSatisfy({ $0 == nil }) { return [] }
    return weights.map { $0 ?? .ones(rows: rows) }
  }
}

/// The part of a data set that a number is about.
package enum SplitName: String, CaseIterable, Sendable {
  case train
  case validation
  case test
}

/// The samples to train on, and those to judge the result by.
package struct Dataset: Sendable {
  package let train: Samples
  package let validation: Samples?
  package let test: Samples?

  /// Puts the splits together.
  package init(train: Samples, validation: Samples? = nil, test: Samples? = nil) {
    self.train = train
    self.validation = validation
    self.test = test
  }

  /// The samples of a split; nil if the client gave none.
  package subscript(split split: SplitName) -> Samples? {
    switch split {
    case .train: train
    case .validation: validation
    case .test: test
    }
  }
}

extension Tensor {
  /// Weights of rows that all count alike.
  static func ones(rows: Int) -> Tensor {
    Tensor(shape: [rows, 1], elements: Array(repeating: 1, count: rows))
  }
}
