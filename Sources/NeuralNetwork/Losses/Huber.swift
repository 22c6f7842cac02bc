package import KernelInstructions

/// The mean over a row's numbers of `d^2 / 2` for distances `d` up to delta, beyond that of
/// `delta (d - delta / 2)`, as PyTorch's `HuberLoss`; its gradient is `d / n`, at most delta / n.
package struct Huber: Loss {
  package static let type = "huber"

  private let delta: Double

  package init?(reading reader: inout ConfigurationReader) {
    delta = reader.number("delta", in: 1e-6...1e6) ?? 1
  }

  package var function: LossFunction { .huber(delta: Float(delta)) }

  package var options: [JSONValue.Member] { [JSONValue.Member("delta", .number(delta))] }
}
