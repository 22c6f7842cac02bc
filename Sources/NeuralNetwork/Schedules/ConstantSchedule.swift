/// The optimizer's rate in every epoch.
package struct ConstantSchedule: Schedule {
  package static let type = "constant"

  package init?(reading reader: inout ConfigurationReader) {}

  package func rate(_ rate: Double, epoch: Int, of epochs: Int) -> Double { rate }
}
