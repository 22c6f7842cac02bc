package import KernelInstructions

/// The mean over a row's numbers of `-(t log p + (1 - t) log(1 - p))` for predictions `p` in [0, 1],
/// logarithms at least -100, as PyTorch's `BCELoss`; its gradient is `(p - t) / (p (1 - p) n)`.
package struct BinaryCrossEntropy: Loss {
  package static let type = "bce"

  package let classWeights: [Double]?

  package init?(reading reader: inout ConfigurationReader) {
    classWeights = reader.classWeights(counts: 2...2)
  }

  package var function: LossFunction { .binaryCrossEntropy }

  package var targetRange: ClosedRange<Float>? { 0...1 }
}
