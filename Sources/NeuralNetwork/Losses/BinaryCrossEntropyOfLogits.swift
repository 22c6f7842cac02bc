package import KernelInstructions

/// ``BinaryCrossEntropy`` of the sigmoid of the predictions `x`, computed as
/// `max(x, 0) - x t + log(1 + e^-|x|)`, as PyTorch's `BCEWithLogitsLoss`; its gradient is
/// `(sigmoid(x) - t) / n`.
package struct BinaryCrossEntropyOfLogits: Loss {
  package static let type = "bce_with_logits"

  package let classWeights: [Double]?

  package init?(reading reader: inout ConfigurationReader) {
    classWeights = reader.classWeights(counts: 2...2)
  }

  package var function: LossFunction { .binaryCrossEntropyOfLogits }

  package var targetRange: ClosedRange<Float>? { 0...1 }
  package var isOfLogits: Bool { true }
}
