package import KernelInstructions

/// `-sum over classes c of t[c] log softmax(x)[c]` for predictions `x` before the softmax, as PyTorch's
/// `CrossEntropyLoss`; its gradient is `softmax(x) - t` for targets that add up to 1.
package struct CrossEntropy: Loss {
  package static let type = "cross_entropy"

  package let classWeights: [Double]?

  package init?(reading reader: inout ConfigurationReader) {
    classWeights = reader.classWeights(counts: 2...Linear.featuresMax)
  }

  package var function: LossFunction { .crossEntropyOfLogits }

  package var takesClassNumbers: Bool { true }
  package var targetRange: ClosedRange<Float>? { 0...1 }
  package var isOfClasses: Bool { true }
}
