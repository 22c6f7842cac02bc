/// The rate, multiplied by `factor` whenever the loss has not fallen for more than `patience`
/// epochs, as PyTorch's `ReduceLROnPlateau` with a relative threshold.
///
/// The loss has fallen if it is below `best * (1 - threshold)`.
package struct ReduceOnPlateau: Schedule {
  package static let type = "reduce_on_plateau"

  private let factor: Double
  private let patience: Int
  private let threshold: Double
  private let minimum: Double

  private var best = Double.infinity
  private var badEpochs = 0
  private var reductions = 0

  package init?(reading reader: inout ConfigurationReader) {
    factor = reader.number("factor", in: 0...0.999_999) ?? 0.1
    patience = reader.integer("patience", in: 0...1_000_000) ?? 10
    threshold = reader.number("threshold", in: 0...1) ?? 1e-4
    minimum = reader.number("minimum", in: 0...1_000_000) ?? 0
  }

  package var options: [JSONValue.Member] {
    [
      JSONValue.Member("factor", .number(factor)),
      JSONValue.Member("patience", .integer(patience)),
      JSONValue.Member("threshold", .number(threshold)),
      JSONValue.Member("minimum", .number(minimum)),
    ]
  }

  package func rate(_ rate: Double, epoch: Int, of epochs: Int) -> Double {
    // A minimum above the rate does not raise it.
    max(rate * power(factor, reductions), min(minimum, rate))
  }

  package mutating func observe(_ loss: Double) {
    if loss < best * (1 - threshold) {
      best = loss
      badEpochs = 0
    } else {
      badEpochs += 1
    }
    if badEpochs > patience {
      reductions += 1
      badEpochs = 0
    }
  }
}
