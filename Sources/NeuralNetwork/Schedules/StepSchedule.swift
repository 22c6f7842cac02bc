/// `rate * gamma^floor(epoch / step_size)`, as PyTorch's `StepLR`.
package struct StepSchedule: Schedule {
  package static let type = "step"

  private let stepSize: Int
  private let gamma: Double

  package init?(reading reader: inout ConfigurationReader) {
    let stepSize = reader.integer("step_size", in: 1...1_000_000, required: true)
    gamma = reader.number("gamma", in: 0...10) ?? 0.1
    guard let stepSize else { return nil }
    self.stepSize = stepSize
  }

  package var options: [JSONValue.Member] {
    [
      JSONValue.Member("step_size", .integer(stepSize)),
      JSONValue.Member("gamma", .number(gamma)),
    ]
  }

  package func rate(_ rate: Double, epoch: Int, of epochs: Int) -> Double {
    rate * power(gamma, epoch / stepSize)
  }
}
