/// `rate * gamma^epoch`, as PyTorch's `ExponentialLR`.
package struct ExponentialSchedule: Schedule {
  package static let type = "exponential"

  private let gamma: Double

  package init?(reading reader: inout ConfigurationReader) {
    guard let gamma = reader.number("gamma", in: 0...10, required: true) else { return nil }
    self.gamma = gamma
  }

  package var options: [JSONValue.Member] { [JSONValue.Member("gamma", .number(gamma))] }

  package func rate(_ rate: Double, epoch: Int, of epochs: Int) -> Double {
    rate * power(gamma, epoch)
  }
}
